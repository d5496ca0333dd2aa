"""Items that always fill the view of a plot: the base class of the marker lines, and the grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter, QPen


class Overlay(pg.GraphicsObject):  # type: ignore[misc]
    """An item as large as the view."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(-100)

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        """The whole view."""
        view = self.getViewBox()
        return QRectF() if view is None else view.viewRect()

    def viewRangeChanged(self) -> None:  # noqa: N802 (pyqtgraph's name)
        """The view shows another range, so the item has another size."""
        self.prepareGeometryChange()


class Grid(Overlay):
    """Lines at the labelled ticks of both axes. pyqtgraph's own grid costs ten times as much."""

    def __init__(self, plot: pg.PlotItem) -> None:
        super().__init__()
        self._plot = plot
        self.pen = QPen()

    def paint(self, p: QPainter, opt: Any, widget: Any) -> None:
        """Draw the lines."""
        view = self.getViewBox()
        rect, width, height = view.viewRect(), view.width(), view.height()
        p.setPen(self.pen)
        p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        lines = []
        for x in _ticks(self._plot.getAxis("bottom"), rect.left(), rect.right(), width):
            lines.append(QLineF(x, rect.top(), x, rect.bottom()))
        for y in _ticks(self._plot.getAxis("left"), rect.top(), rect.bottom(), height):
            lines.append(QLineF(rect.left(), y, rect.right(), y))
        p.drawLines(lines)


def _ticks(axis: pg.AxisItem, low: float, high: float, size: float) -> Sequence[float]:
    levels = axis.tickValues(low, high, size)
    return levels[0][1] if levels else ()
