"""The parts of a kept run that can be exported to a file."""

from __future__ import annotations

from enum import Enum


class ExportKind(Enum):
    """The content of an exported file. The value is part of the proposed file name."""

    RESULT_JSON = "json"
    RESULT_CSV = "csv"
    HISTORY_CSV = "history"
    """The time series that the plots draw, one row per sample."""

    @property
    def ending(self) -> str:
        """The ending of the file's name."""
        return "json" if self is ExportKind.RESULT_JSON else "csv"

    @property
    def menu_text(self) -> str:
        """The text in the menu of the list of runs."""
        name = "History" if self is ExportKind.HISTORY_CSV else "Result"
        return f"{name} as {self.ending.upper()}…"
