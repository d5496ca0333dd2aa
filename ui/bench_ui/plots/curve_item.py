"""The line of one curve, drawn cheaply, and the pens of plots.

A pen wider than one pixel costs Qt's rasteriser a hundred times as much as a thin one. Four plots have a few
milliseconds per frame, so a curve is a thin line that is drawn once per pixel of its width. The thick curves of the
presentation are drawn by their strokes: so often repeated, a thin line would cost more, and be thin where it is steep.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap

from bench_ui.plots.thick_line import strokes_of

THIN, THICK = 2, 4
"""Width of a curve in pixels, and its width in the presentation, which is read from three metres. There it grows with
the window."""
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
        pixel = self.pixelVectors()[1]
        has_line = self.opts["fillLevel"] is None and pixel is not None
        if has_line and self.width > THIN:
            self._paint_strokes(p, abs(p.transform().m22() * pixel.y()))
            return
        super().paint(p, opt, widget)
        if not has_line:
            return
        ratio = abs(p.deviceTransform().m22() * pixel.y())
        for _ in range(math.ceil(self.width * ratio - _ROUNDING) - 1):
            p.translate(QPointF(pixel.x(), pixel.y()) / ratio)
            super().paint(p, opt, widget)

    def _paint_strokes(self, p: QPainter, scale: float) -> None:
        """Draw a thick line. ``scale``: how many pixels of the painter a pixel of the view is."""
        x, y = self.getData()
        if x is None or len(x) < 2:
            return
        thin, to_pixels = self.opts["pen"], p.transform()
        width = self.width * scale
        # The round ends of a stroke reach into the gaps.
        dash = [
            length * width / THIN + (width if place % 2 else 0.0) for place, length in enumerate(thin.dashPattern())
        ]
        strokes = strokes_of(to_pixels.m11() * x + to_pixels.dx(), to_pixels.m22() * y + to_pixels.dy(), dash)
        pen = QPen(thin.color(), width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        p.save()
        p.resetTransform()
        p.setPen(pen)
        p.drawLines([QLineF(*row) for row in strokes.tolist()])
        p.restore()


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


def dashed(color: QColor, width: int = 1) -> QPen:
    """The pen of baselines and markers."""
    pen = QPen(color, width, Qt.PenStyle.DashLine)
    # A pen that is not cosmetic would be as wide as one second or one message.
    pen.setCosmetic(True)
    return pen
