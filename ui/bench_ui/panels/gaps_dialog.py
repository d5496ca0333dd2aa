"""What the user's own consumer missed: completed run -> **gaps dialog**."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from bench_ui.runs.consumer_file import CompletedRun
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.table_view import TableView
from bench_ui.widgets.tables import Column, TextTable

_COLUMNS = (
    Column("handler"),
    Column("first", "The first sequence number that did not arrive", is_number=True),
    Column("last", "The last one", is_number=True),
    Column("events", "How many events are missing in a row", is_number=True),
    Column("from", "When the first one was due, in seconds of the run", is_number=True),
    Column("to", "When the last one was due", is_number=True),
)


class GapsDialog(QDialog):
    """The sums of each handler, and below them every gap.

    Attributes:
        view: the table of gaps.
        text: the sums.
    """

    def __init__(self, completed: CompletedRun, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"What your consumer received: {name}")
        self.resize(720, 420)
        self.text = PlainLabel("\n".join(line for line in completed.lines if "gap: " not in line))
        self.text.setWordWrap(True)
        table = TextTable(_COLUMNS)
        table.replace(completed.gaps)
        self.view = TableView(table, "Gaps", stretch=0)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        column.addWidget(
            PlainLabel(f"{len(completed.gaps):,} gaps" if completed.gaps else "No gap: everything arrived.")
        )
        column.addWidget(self.view, 1)
        column.addWidget(buttons)
