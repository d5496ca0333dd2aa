"""What of a kept run can be exported to a file."""

from __future__ import annotations

from enum import Enum


class ExportKind(Enum):
    """The content of an exported file; the value is the middle of its proposed name."""

    RESULT_JSON = "json"
    RESULT_CSV = "csv"
    HISTORY_CSV = "history"
    """What the plots show, a row for each sample."""

    @property
    def ending(self) -> str:
        """The ending of the file's name."""
        return "json" if self is ExportKind.RESULT_JSON else "csv"

    @property
    def menu_text(self) -> str:
        """The text in the menu of the list of runs."""
        name = "History" if self is ExportKind.HISTORY_CSV else "Result"
        return f"{name} as {self.ending.upper()}…"
