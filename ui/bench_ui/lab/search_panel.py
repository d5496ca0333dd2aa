"""The right side of a search: charts that close in, the result in words, Apply, and the trials as a table.

progress -> **search panel** -> trial, settings
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from bench_app.engine.result import RunResult
from bench_ui.lab.lane_chart import LaneChartView
from bench_ui.lab.lanes import LaneChart
from bench_ui.widgets.plain_text import PlainLabel, plain_tip
from bench_ui.widgets.table_view import TableView
from bench_ui.widgets.tables import Column, TextTable
from bench_ui.widgets.theme import GRID, LIGHT, Theme

_COLUMNS = (
    Column("trial", "In the order in which the trials were made", is_number=True),
    Column("what it showed", "The load of the trial, and what was lost"),
    Column("verdict", "invalid: the trial does not count, and is tried again"),
    Column("reason", "Why the trial does not count"),
)
_VERDICT = 2
_VERDICT_COLORS = {"pass": "received", "fail": "lost", "invalid": "overflow"}
_MOST_ROWS = 5000


class SearchPanel(QWidget):
    """The right side.

    Attributes:
        charts: the charts, from the top.
        result: the result in words, or what will be shown here.
        apply: the button that gives the open preset the result.
        trials: the table of the trials.
    """

    trial_wanted = Signal(int)
    """With the number of the row whose trial is to be shown as a run."""
    apply_wanted = Signal()

    def __init__(self, name: str, charts: int, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._empty = empty
        self.charts = [LaneChartView(f"{name}: trials") for _ in range(charts)]
        self.result = PlainLabel(empty)
        self.result.setWordWrap(True)
        self.apply = QToolButton()
        self.apply.setText("Apply")
        self.apply.setAccessibleName(f"{name}: apply the result")
        self.apply.clicked.connect(lambda _=False: self.apply_wanted.emit())
        self._table = TextTable(_COLUMNS)
        self._table.color_of = self._color
        self.trials = TableView(self._table, f"{name}: trials as a table", stretch=1)
        for place, width in ((0, 56), (2, 84), (3, 200)):
            self.trials.setColumnWidth(place, width)
        self.trials.doubleClicked.connect(lambda _: self._open())
        below = QHBoxLayout()
        below.addWidget(self.result, 1)
        below.addWidget(self.apply)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for chart in self.charts:
            column.addWidget(chart, 2)
        column.addLayout(below)
        column.addWidget(self.trials, 1)
        self.clear()

    def clear(self) -> None:
        """Show neither trials nor a result."""
        self._table.replace([])
        for chart in self.charts:
            chart.hide()
        self.show_result([self._empty], "")

    def show_charts(self, charts: Sequence[LaneChart]) -> None:
        """Show these charts."""
        for view, chart in zip(self.charts, charts, strict=True):
            view.show_chart(chart)
            view.show()

    def add_trial(self, text: str, result: RunResult) -> None:
        """Add a row for a trial."""
        reason = result.reasons[0] if result.verdict == "invalid" and result.reasons else ""
        self._table.append((f"{len(self._table.rows) + 1:,}", text, result.verdict, reason), _MOST_ROWS)

    def show_result(self, lines: Sequence[str], proposal: str) -> None:
        """Show a result in words. ``proposal`` is what Apply would set; "" switches Apply off."""
        self.result.setText("\n".join(lines))
        self.apply.setEnabled(bool(proposal))
        self.apply.setToolTip(plain_tip(f"{proposal}\nCan be undone." if proposal else "There is nothing to apply yet"))

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        self.theme = theme
        for chart in self.charts:
            chart.theme = theme
            chart.update()

    def _open(self) -> None:
        rows = self.trials.selected_rows()
        if len(rows) == 1:
            self.trial_wanted.emit(rows[0])

    def _color(self, row: int, column: int) -> QColor | None:
        if column != _VERDICT:
            return None
        return self.theme.color(_VERDICT_COLORS.get(self._table.rows[row][_VERDICT], "muted"))
