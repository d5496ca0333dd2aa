"""A metric over the time of a project: history of a CI -> **trend tab**."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from bench_app.comparison.metric_values import MAIN_METRICS, format_figure
from bench_app.errors import InputError
from bench_ui.lab.history import HistoryLine, TrendPoint, metrics_of, read_history, trend
from bench_ui.lab.value_axis import ValueAxis
from bench_ui.plots.axes import color_axes
from bench_ui.plots.overlay import Grid
from bench_ui.widgets.number_format import local_time
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.theme import GRID, LIGHT, Theme

USUAL_METRIC = "latency.response.p99_ms"
EMPTY = (
    "Open the history file of your CI, which zmq-bench compare --history FILE writes: each line becomes a point, with "
    "the median of its runs and the interval of 95 %. A cross marks a change that its comparison has shown."
)


class TrendTab(QWidget):
    """The tab.

    Attributes:
        open: the button that asks for the file.
        metrics: the choice of the metric.
        plot: the medians over time.
        note: what is shown, or why nothing is.
    """

    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[HistoryLine] = []
        self._file = ""
        self.open = QToolButton()
        self.open.setText("Open history…")
        self.open.setAccessibleName("Open the history of a CI")
        self.open.clicked.connect(lambda _=False: self.file_wanted.emit())
        self.metrics = QComboBox()
        self.metrics.setAccessibleName("Metric of the trend")
        self.metrics.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.metrics.currentIndexChanged.connect(lambda _: self._draw())
        self.note = PlainLabel(EMPTY)
        self.note.setWordWrap(True)
        self._left = ValueAxis("left")
        bottom = pg.DateAxisItem("bottom")
        # The axis knows it from its first painting on, but the grid is painted before and asks it for its ticks.
        bottom.fontMetrics = QFontMetrics(self.font())
        self.plot = pg.PlotWidget(axisItems={"left": self._left, "bottom": bottom}, enableMenu=False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setFrameStyle(0)
        self.plot.setAccessibleName("Trend")
        self._grid = Grid(self.plot.getPlotItem())
        self._bars = pg.ErrorBarItem(x=np.empty(0), y=np.empty(0), top=np.empty(0), bottom=np.empty(0))
        self._line = pg.PlotDataItem(symbol="o", symbolSize=8)
        self._changes = pg.ScatterPlotItem(symbol="x", size=14)
        for item in (self._grid, self._bars, self._line, self._changes):
            self.plot.addItem(item, ignoreBounds=True)
        head = QHBoxLayout()
        head.addWidget(self.open)
        head.addWidget(self.metrics)
        head.addWidget(self.note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(self.plot, 1)
        self.plot.hide()
        self.metrics.hide()
        self.set_theme(LIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        color_axes(self.plot, theme)
        self._grid.pen = pg.mkPen(theme.line)
        color = theme.color("accepted")
        self._line.setPen(pg.mkPen(color, width=2))
        self._line.setSymbolBrush(color)
        self._line.setSymbolPen(pg.mkPen(color))
        self._bars.setData(pen=pg.mkPen(color, width=1.5))
        self._changes.setPen(pg.mkPen(theme.color("lost"), width=2.5))

    def show_file(self, file: Path) -> None:
        """Show a history; a file that is none is named with the reason."""
        try:
            self._lines = read_history(file)
        except InputError as error:
            self.note.setText(str(error))
            return
        self._file = file.name
        names = metrics_of(self._lines)
        ordered = [*(name for name in MAIN_METRICS if name in names), *(n for n in names if n not in MAIN_METRICS)]
        self.metrics.blockSignals(True)
        self.metrics.clear()
        self.metrics.addItems(ordered)
        self.metrics.setCurrentText(_first_shown(self._lines, ordered))
        self.metrics.blockSignals(False)
        self.plot.show()
        self.metrics.show()
        self._draw()

    def _draw(self) -> None:
        metric = self.metrics.currentText()
        points = trend(self._lines, metric)
        if not points:
            return
        self._left.metric = metric
        x = np.array([point.at_s for point in points])
        y = np.array([point.value for point in points])
        low = np.array([point.value if point.low is None else point.low for point in points])
        high = np.array([point.value if point.high is None else point.high for point in points])
        span = float(x[-1] - x[0]) or 86_400.0
        self._line.setData(x, y)
        self._bars.setData(x=x, y=y, top=high - y, bottom=y - low, beam=span / 120)
        changed = [point for point in points if point.shift]
        self._changes.setData([point.at_s for point in changed], [point.value for point in changed])
        least, most = float(low.min()), float(high.max())
        room = (most - least) or abs(most) or 1.0
        bottom = 0.0 if 0 <= least <= max(room, most / 2) else least - 0.1 * room
        self.plot.setRange(
            xRange=(x[0] - 0.04 * span, x[-1] + 0.04 * span),
            yRange=(bottom - 0.03 * room, most + 0.1 * room),
            padding=0,
        )
        self.note.setText(f"{self._file}: {_sentence(metric, points, self._lines)}")


def _first_shown(lines: list[HistoryLine], names: list[str]) -> str:
    """The metric with which a trend begins: the first that has changed, else that of the latency."""
    changed = next((name for name in names if any(line.shown.get(name) for line in lines)), "")
    return changed or (USUAL_METRIC if USUAL_METRIC in names else names[0] if names else "")


def _sentence(metric: str, points: list[TrendPoint], lines: list[HistoryLine]) -> str:
    last = points[-1]
    interval = ""
    if last.low is not None and last.high is not None:
        interval = f" ({format_figure(metric, last.low)} to {format_figure(metric, last.high)})"
    changes = sum(1 for point in points if point.shift)
    shown = "no change is shown" if not changes else f"{changes:,} change{'' if changes == 1 else 's'} shown"
    begin = local_time(lines[0].at)[:10]
    return (
        f"{len(points):,} points from {begin} on; last {format_figure(metric, last.value)}{interval} of {last.runs:,} "
        f"run{'' if last.runs == 1 else 's'}, {local_time(lines[-1].at)}; {shown}"
    )
