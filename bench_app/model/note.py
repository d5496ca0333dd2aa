"""A note on a valid preset or config: what it asks for and does not get."""

from __future__ import annotations

from dataclasses import dataclass

from bench_app.model.json_path import JsonPath, format_path


@dataclass(frozen=True)
class Note:
    """``path`` is the place in the JSON that the note is about, ``text`` what it says. ``str(note)`` has both."""

    path: JsonPath
    text: str

    def __str__(self) -> str:
        return f"{format_path(self.path)}: {self.text}"
