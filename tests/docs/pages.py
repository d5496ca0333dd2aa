"""The pages of the documentation, and the commands on them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md"))

_CONSOLE = re.compile(r"^( *)```console\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


def commands(page: Path) -> Iterator[list[str]]:
    """Every command on a page that a reader is to type, split into arguments."""
    for block in _CONSOLE.finditer(page.read_text()):
        for line in block[2].splitlines():
            if line.strip().startswith("$ "):
                yield shlex.split(line.strip().removeprefix("$ "))


def name_of(page: Path) -> str:
    """A page's name for a test."""
    return page.relative_to(DOCS).as_posix()
