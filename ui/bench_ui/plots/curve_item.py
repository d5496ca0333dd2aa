"""The line of one curve, drawn cheaply, and the pens of plots.

A pen wider than one pixel costs Qt's rasteriser a hundred times as much as a thin one. Four plots have a few
milliseconds per frame, so a curve is a thin line that is drawn once per pixel of its width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap

THIN, THICK, THICKEST = 2, 4, 8
"""Width of a curve in pixels, and its width in the presentation, which is read from three metres. There it grows with
the window up to the last one, because each further pixel costs time."""
PATTERN_SIZE = 8
"""Qt's patterns repeat after so many pixels."""
_ROUNDING = 1e-6
"""A width that is a rounding error above a whole number of pixels is this whole number."""


class CurveItem(pg.PlotCurveItem):  # type: ignore[misc]
    """A line that is ``width`` pixels wide. The area below it can have a pattern."""

    width = THIN

    def paint(self, p: QPainter, opt: Any, widget: Any) -> None:
        """Draw the line, and again one pixel of the device lower for each further pixel of its width.

        On a screen of 150 % or 200 %, and in a picture, a pixel of the device is a part of a pixel of the layout.
        """
        brush = self.opts["brush"]
        if brush is not None and brush.style() is Qt.BrushStyle.TexturePattern:
            # A pattern is made of pixels, not of seconds and messages.
            brush.setTransform(p.transform().inverted()[0])
        super().paint(p, opt, widget)
        pixel = self.pixelVectors()[1]
        if self.opts["fillLevel"] is not None or pixel is None:
            return
        ratio = abs(p.deviceTransform().m22() * pixel.y())
        for _ in range(math.ceil(self.width * ratio - _ROUNDING) - 1):
            p.translate(QPointF(pixel.x(), pixel.y()) / ratio)
            super().paint(p, opt, widget)


def patterned(color: QColor, lines: QColor, pattern: Qt.BrushStyle) -> QBrush:
    """The brush of an area: ``color`` with a pattern of lines. Unlike Qt's own pattern it hides what is behind it."""
    tile = QPixmap(PATTERN_SIZE, PATTERN_SIZE)
    tile.fill(color)
    painter = QPainter(tile)
    painter.fillRect(tile.rect(), QBrush(lines, pattern))
    painter.end()
    return QBrush(color, tile)


def line_pen(color: QColor, dash: Sequence[float] = ()) -> QPen:
    """The pen of a curve. ``dash`` are the lengths in pixels of its strokes and gaps; a solid line without any."""
    pen = QPen(color, 1)
    pen.setCosmetic(True)
    if dash:
        pen.setDashPattern(list(dash))
    return pen


def dashed(color: QColor) -> QPen:
    """The pen of baselines and markers."""
    pen = QPen(color, 1, Qt.PenStyle.DashLine)
    # A pen that is not cosmetic would be as wide as one second or one message.
    pen.setCosmetic(True)
    return pen
