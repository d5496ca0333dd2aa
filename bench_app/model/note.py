"""A note on a valid preset or config: a key without effect, or a part that will fail."""

from __future__ import annotations

from dataclasses import dataclass

from bench_app.model.json_path import JsonPath, format_path


@dataclass(frozen=True)
class Note:
    """One note; ``str(note)`` is the path and the text.

    Attributes:
        path: the path of the value in the JSON.
        text: the message about the value.
    """

    path: JsonPath
    text: str

    def __str__(self) -> str:
        return f"{format_path(self.path)}: {self.text}"
