"""The parts of a kept run that can be exported to a file."""

from __future__ import annotations

from enum import Enum


class ExportKind(Enum):
    """The content of an exported file. The value is part of the proposed file name."""

    RESULT_JSON = "json"
    RESULT_CSV = "csv"
    HISTORY_CSV = "history"
    """The time series that the plots draw, one row per sample."""
    REPORT = "report"
    """One page for any browser, with tables and plots."""
    MARKDOWN = "markdown"
    JUNIT = "junit"
    RUN_FILE = "run"
    """Everything that is kept of the run: another bench opens it."""

    @property
    def ending(self) -> str:
        """The ending of the file's name."""
        return _ENDINGS[self]

    @property
    def menu_text(self) -> str:
        """The text in the menu of the list of runs."""
        return _MENU_TEXTS[self]


_ENDINGS = {
    ExportKind.RESULT_JSON: "json",
    ExportKind.RESULT_CSV: "csv",
    ExportKind.HISTORY_CSV: "csv",
    ExportKind.REPORT: "html",
    ExportKind.MARKDOWN: "md",
    ExportKind.JUNIT: "xml",
    ExportKind.RUN_FILE: "zmqrun",
}
_MENU_TEXTS = {
    ExportKind.REPORT: "Report as HTML…",
    ExportKind.RUN_FILE: "Whole run, for another bench…",
    ExportKind.RESULT_JSON: "Result as JSON…",
    ExportKind.RESULT_CSV: "Result as CSV…",
    ExportKind.HISTORY_CSV: "History as CSV…",
    ExportKind.MARKDOWN: "Result as Markdown…",
    ExportKind.JUNIT: "Result as JUnit XML…",
}
MENU_ORDER = tuple(_MENU_TEXTS)
"""The kinds as the menu lists them."""
