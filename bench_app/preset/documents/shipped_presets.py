"""The presets that ship with the bench, by name."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Iterator

from bench_app.preset.documents.document import Document, parse
from bench_app.preset.documents.reading import read_bytes
from bench_app.preset.json_reader import decode

PACKAGE = pathlib.Path(__file__).resolve().parents[2]
"""The folder of the package ``bench_app``. The presets lie in it (installed) or beside it (in a checkout)."""

DEFAULT = "multi-pattern"
"""The preset that is loaded if the user names no preset."""

PRODUCTION = (
    DEFAULT,
    "basic-publisher",
    "multi-consumer-broadcast",
    "advanced-push",
    "analytics-pipeline",
    "edge-to-cloud",
    "local-ipc",
)
"""The examples of the production plugin, in the order of the gallery. Each other shipped preset shows a behaviour of
ZeroMQ."""


def shipped() -> list[tuple[str, str]]:
    """(name, title) of every preset that ships."""
    return [(document.name, document.preset.bench.title) for document in shipped_documents()]


def shipped_documents() -> Iterator[Document]:
    """Every preset that ships, by name."""
    for name in shipped_names():
        yield load_shipped(name)


def shipped_names() -> list[str]:
    """The names of the presets that ship."""
    return sorted(file.stem for file in _folder().glob("*.json"))


def load_shipped(name: str) -> Document:
    """The preset that ships under this name."""
    file = _folder() / f"{name}.json"
    return _parsed(file, read_bytes(file))


@functools.lru_cache(maxsize=64)
def _parsed(file: pathlib.Path, content: bytes) -> Document:
    # A document is never changed, so all who open this file share it. Parsing all presets takes longer than the rest of
    # the gallery.
    return parse(decode(content, file.stem), file.stem, file.parent)


def _folder() -> pathlib.Path:
    """The folder of the presets that ship: in the installed package, or beside the package in a checkout."""
    installed = PACKAGE / "shipped"
    return installed if installed.is_dir() else PACKAGE.parent / "presets"
