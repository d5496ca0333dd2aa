"""A sweep as a curve with error bars, over a key or a metric: curve view -> **sweep curve** -> chosen cell."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bench_ui.lab.curve_view import CurveView, nearest
from bench_ui.lab.heat_map import BEST_MARK, CURRENT_MARK
from bench_ui.lab.value_axis import ValueAxis
from bench_ui.plots.axes import color_axes
from bench_ui.plots.hatching import Hatching
from bench_ui.plots.overlay import Grid
from bench_ui.widgets.theme import LIGHT, Theme

BOTTOM_PX = 48
_BEAM, _BEAM_OVER_METRIC = 0.15, 0.008
"""The width of the ends of a bar: in distances of the values of a key, and of a metric in parts of the axis."""
_HATCHED_SHARE = 0.4
"""The hatched part of the room between two values."""


class SweepCurve(QWidget):
    """The median of each cell with the least and the largest value as bars.

    Attributes:
        plot: the plot.
        view: what is shown.
    """

    cell_chosen = Signal(int)
    cell_clicked = Signal(int)
    """It may be the first half of a double click."""
    settings_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view: CurveView | None = None
        self._left = ValueAxis("left")
        self.plot = pg.PlotWidget(axisItems={"left": self._left}, enableMenu=False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setFrameStyle(0)
        self.plot.setAccessibleName("Curve of the sweep")
        # Room for the values and, below them, the name of the key.
        self.plot.getAxis("bottom").setHeight(BOTTOM_PX)
        self._grid = Grid(self.plot.getPlotItem())
        self._hatching = Hatching()
        self._bars = pg.ErrorBarItem(x=np.empty(0), y=np.empty(0), top=np.empty(0), bottom=np.empty(0))
        self._line = pg.PlotDataItem(symbol="o", symbolSize=8)
        self._marks = [pg.TextItem(mark, anchor=(0.5, 1.2)) for mark in (BEST_MARK, CURRENT_MARK)]
        for item in (self._grid, self._hatching, self._bars, self._line, *self._marks):
            self.plot.addItem(item, ignoreBounds=True)
        self.plot.scene().sigMouseClicked.connect(self._click)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)
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
        self._hatching.brush.setColor(theme.color("overflow"))
        for mark in self._marks:
            mark.setColor(theme.color("text"))

    def show_view(self, view: CurveView) -> None:
        """Show another curve."""
        self.view = view
        self._left.metric = view.metric
        x, y, low, high = (
            np.array([getattr(point, name) for point in view.points], dtype=float)
            for name in ("x", "middle", "low", "high")
        )
        places = [place for place, _ in view.ticks]
        apart = min((b - a for a, b in pairwise(places) if b > a), default=1.0)
        # A line ends where that of other cells begins.
        ends = [at for at, (one, other) in enumerate(pairwise(view.points), 1) if one.line != other.line]
        self._line.setData(np.insert(x, ends, np.nan), np.insert(y, ends, np.nan), connect="finite")
        beam = _BEAM_OVER_METRIC * (max(places) - min(places)) if view.is_over_metric else _BEAM * apart
        self._bars.setData(x=x, y=y, top=high - y, bottom=y - low, beam=beam)
        half = apart * _HATCHED_SHARE / 2
        self._hatching.show_spans([(place - half, place + half) for place in view.invalid])
        self.plot.getAxis("bottom").setTicks([list(view.ticks)])
        self.plot.setLabel("bottom", view.title)
        by_place = {point.x: point.high for point in view.points}
        floor = min((point.low for point in view.points), default=0.0)
        for mark, place in zip(self._marks, (view.best, view.current), strict=True):
            mark.setVisible(place is not None)
            if place is not None:
                mark.setPos(place, by_place.get(place, floor))
        if view.best is not None and view.best == view.current:
            self._marks[0].setVisible(False)
            self._marks[1].setText(BEST_MARK + CURRENT_MARK)
        else:
            self._marks[1].setText(CURRENT_MARK)
        self._fit(places, low, high)

    def _fit(self, places: list[float], low: Any, high: Any) -> None:
        span = (max(places) - min(places)) or 1.0
        least, most = (float(low.min()), float(high.max())) if len(low) else (0.0, 1.0)
        room = (most - least) or abs(most) or 1.0
        # Many metrics are 0 where nothing is wrong, so the axis begins there if it is near.
        bottom = 0.0 if 0 <= least <= room else least - 0.1 * room
        self.plot.setRange(
            xRange=(min(places) - 0.06 * span, max(places) + 0.06 * span),
            yRange=(bottom - 0.03 * room, most + 0.18 * room),
            padding=0,
        )

    def _click(self, event: Any) -> None:
        view = self.view
        if view is None or event.button() != Qt.MouseButton.LeftButton:
            return
        place: QPointF = self.plot.getPlotItem().vb.mapSceneToView(event.scenePos())
        (left, right), (bottom, top) = self.plot.viewRange()
        number = nearest(view, place.x(), place.y(), (right - left, top - bottom))
        if number is None:
            return
        if event.double():
            self.settings_wanted.emit(number)
        else:
            self.cell_chosen.emit(number)
            self.cell_clicked.emit(number)
