"""The demos that ship: presets with a timeline, each under its short name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench_app.errors import InputError
from bench_app.model.validation import did_you_mean
from bench_app.preset import documents
from bench_app.preset.documents import Document

PREFIX = "demo-"
"""How the file names of the demos that ship begin. A demo can be named without it."""


@dataclass(frozen=True)
class Showing:
    """How the window shows a demo.

    Attributes:
        speed: how many times as fast its steps come.
        frames: the folder for a picture of each step; then nobody is at the keys, and the window closes at the end.
    """

    speed: float = 1.0
    frames: Path | None = None


def shipped_demos() -> list[Document]:
    """The presets that ship with a timeline, by name."""
    return [document for document in documents.shipped_documents() if document.preset.bench.timeline]


def load_demo(name: str) -> Document:
    """The demo in a file, or the one that ships under this name, which may be without its beginning.

    Raises :class:`InputError` if there is none, or if the preset has no timeline.
    """
    document = documents.load(_full_name(name))
    if not document.preset.bench.timeline:
        raise InputError(f'"{name}" is no demo: it has no bench.timeline. {_names_text()}')
    return document


def short_name(document: Document) -> str:
    """The name by which a demo is called."""
    return document.name.removeprefix(PREFIX)


def _full_name(name: str) -> str:
    # slow-joiner is a demo, although a preset of the same name ships.
    if PREFIX + name in _names() and not Path(name).is_file():
        return PREFIX + name
    if documents.exists(name):
        return name
    hint = did_you_mean(name, [one.removeprefix(PREFIX) for one in _names()])
    raise InputError(f'"{name}" is neither a file nor the name of a demo{hint}. {_names_text()}')


def _names_text() -> str:
    return f"Demos: {', '.join(name.removeprefix(PREFIX) for name in _names())}"


def _names() -> list[str]:
    return [document.name for document in shipped_demos()]
