"""The presets that ship with the bench, by name."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

from bench_app.preset.documents.document import Document, parse
from bench_app.preset.documents.reading import read_bytes
from bench_app.preset.json_reader import decode

PACKAGE = pathlib.Path(__file__).resolve().parents[2]
"""The folder of the package, in which or beside which the presets are."""

DEFAULT = "multi-pattern"
"""The preset for a user who names none."""

PRODUCTION = (
    DEFAULT,
    "basic-publisher",
    "multi-consumer-broadcast",
    "advanced-push",
    "analytics-pipeline",
    "edge-to-cloud",
    "local-ipc",
)
"""The production plugin's examples, in the order in which one may want to meet them. Each of the other presets that
ship shows something that ZeroMQ does."""


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
    return parse(decode(read_bytes(file), name), name, file.parent)


def _folder() -> pathlib.Path:
    """Where the presets that ship are: in the package once it is installed, beside it in a checkout."""
    installed = PACKAGE / "shipped"
    return installed if installed.is_dir() else PACKAGE.parent / "presets"
