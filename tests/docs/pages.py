"""The pages of the documentation, and the commands on them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md"))
README = ROOT / "README.md"

_CONSOLE = re.compile(r"^( *)```console\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


def lines(page: Path) -> Iterator[str]:
    """Every line on a page that a reader is to type."""
    for block in _CONSOLE.finditer(page.read_text()):
        for line in block[2].splitlines():
            if line.strip().startswith("$ "):
                yield line.strip().removeprefix("$ ").partition("  #")[0].strip()


def words_of(line: str) -> list[str]:
    """The arguments of the command on a line, without what the shell does with its output."""
    words = shlex.split(line)
    return words[: next((at for at, word in enumerate(words) if word in {">", "<", "|"}), None)]


def commands(page: Path) -> Iterator[list[str]]:
    """Every command on a page that a reader is to type, split into arguments."""
    yield from map(words_of, lines(page))


def name_of(page: Path) -> str:
    """A page's name for a test."""
    return "README.md" if page == README else page.relative_to(DOCS).as_posix()
