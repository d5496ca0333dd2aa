"""The ledger tab: every event accounted for, with the sum that proves it.

views or result -> ledger rows -> **ledger panel**
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from bench_app.engine.result import RunResult
from bench_app.engine.view import HandlerView
from bench_app.measure.loss_causes import LOSS_CAUSES
from bench_ui.panels.ledger_rows import COUNTS, DOES_NOT_BALANCE, STILL_RUNNING, head_of, rows_of_result, rows_of_run
from bench_ui.widgets import number_format
from bench_ui.widgets.plain_text import PlainLabel, plain_tip
from bench_ui.widgets.table_tools import filter_of, tools_row
from bench_ui.widgets.table_view import TableView
from bench_ui.widgets.tables import Column, TextTable
from bench_ui.widgets.theme import LIGHT, Theme

_TEXTS = {
    "offered": ("offered", "Events that the sources offered"),
    "queued": ("queued", "Waiting in the handler's queue"),
    "accepted": ("accepted", "Accepted by the socket"),
    "received": ("received", "Distinct messages of this run; for a REQ handler, its replies"),
    "retries": ("retries", "Requests sent again"),
    "in_flight": ("in flight", "On the way"),
    "duplicates": ("duplicates", "Received more than once; counted separately"),
    "foreign": ("foreign", "Without a stamp of this run"),
} | {cause.key: (cause.label, cause.tooltip) for cause in LOSS_CAUSES}
"""Heading and tooltip of each number."""
_BALANCE_TIP = (
    "offered = overflow + timeout + aborted + queued + accepted\nEach accepted message is received, lost or in flight."
)
"""What *balances* means."""
_COLUMNS = (
    Column("handler / listener"),
    *(Column(*_TEXTS[key], is_number=True) for key in COUNTS),
    Column("balance", _BALANCE_TIP),
)
_BALANCE = len(_COLUMNS) - 1
_LOSS_COLORS = {1 + COUNTS.index(cause.key): cause.color for cause in LOSS_CAUSES}
"""The colour of each column that has losses."""
_WIDTH, _WIDE = 70, 84
_WIDE_COLUMNS = [1 + COUNTS.index(key) for key in ("before_join", "duplicates")]


class LedgerPanel(QWidget):
    """The verdict of the run above a table of all counts. Losses and the balance are coloured.

    Attributes:
        view: the table of counts.
        filter_line: the text that the shown rows contain.
        tools: the filter beside the tab.
        theme: the colours.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._table = TextTable(_COLUMNS)
        self._table.color_of = self._color
        self._table.head_of = lambda row: head_of(self._table.rows, row)
        self.view = TableView(self._table, "Ledger", stretch=0)
        for column in range(1, len(_COLUMNS)):
            self.view.setColumnWidth(column, _WIDE if column in _WIDE_COLUMNS else _WIDTH)
        self._verdict = PlainLabel("No run yet.")
        self._verdict.setWordWrap(True)
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.filter_line = filter_of(self.view, "Filter the ledger")
        self.tools = tools_row(self.filter_line)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(8, 4, 8, 4)
        column_layout.setSpacing(4)
        column_layout.addWidget(self._verdict_area())
        column_layout.addWidget(self.view, 1)

    def _verdict_area(self) -> QScrollArea:
        """Two lines that scroll, so that a verdict with many reasons does not take room from the table."""
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self._verdict)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area = area
        self._fit()
        return area

    def _fit(self) -> None:
        # Exactly two lines: the upper half of a third one would look as if it were cut.
        self._area.setFixedHeight(self.fontMetrics().lineSpacing() * 2)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Keep two lines when the text has another size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _color(self, row: int, column: int) -> QColor | None:
        text = self._table.rows[row][column]
        if column in _LOSS_COLORS and text not in ("0", "", number_format.NOTHING):
            return self.theme.color(_LOSS_COLORS[column])
        if column == _BALANCE:
            return self.theme.color(
                "muted" if text == STILL_RUNNING else "lost" if text == DOES_NOT_BALANCE else "received"
            )
        return None

    def show_verdict(self, text: str, details: str = "") -> None:
        """Show the verdict of the run. ``details`` is the tooltip; without it the tooltip has the text itself."""
        self._verdict.setText(text)
        self._verdict.setToolTip(plain_tip(details or text))

    def refresh(self, views: list[HandlerView], live: bool = False) -> None:
        """Show the counts as they are now. Whether they balance is shown at the end of the run."""
        self._table.replace(rows_of_run(views, live))

    def show_result(self, result: RunResult) -> None:
        """Show the counts of a finished run."""
        self._table.replace(rows_of_result(result))

    @property
    def verdict(self) -> str:
        """The verdict that is shown above the table."""
        return self._verdict.text()

    @property
    def verdict_details(self) -> str:
        """The tooltip of the verdict."""
        return self._verdict.toolTip()

    @property
    def rows(self) -> list[Sequence[str]]:
        """The cells that are shown."""
        return self._table.rows
