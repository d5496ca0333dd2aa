"""The light of a handler or listener: state -> **shape** and colour. The shape alone tells the states apart."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from bench_app.transport.connection import ConnectionState

_LINE, _INNER_DOT = 0.16, 0.15
"""The width of lines and the radius of the dot in a ring, in proportion to the light."""
_FULL_TURN = 360 * 16
"""A full turn in the unit of Qt."""


class Shape(Enum):
    """The shape of a light."""

    RING = auto()
    RING_WITH_DOT = auto()
    HALF_DOT = auto()
    DOT = auto()
    CROSS = auto()
    BARS = auto()


SHAPES = {
    ConnectionState.IDLE: Shape.RING,
    ConnectionState.BOUND: Shape.RING_WITH_DOT,
    ConnectionState.CONNECTING: Shape.HALF_DOT,
    ConnectionState.CONNECTED: Shape.DOT,
    ConnectionState.RETRYING: Shape.HALF_DOT,
    ConnectionState.GAVE_UP: Shape.CROSS,
    ConnectionState.FAILED: Shape.CROSS,
}
"""The shape of the light in each state of a connection. A paused unit has bars in any state."""


def paint_shape(painter: QPainter, area: QRectF, shape: Shape, color: QColor) -> None:
    """Paint a light into a square."""
    line = area.width() * _LINE
    painter.setPen(QPen(color, line, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inner = area.adjusted(line / 2, line / 2, -line / 2, -line / 2)
    match shape:
        case Shape.RING:
            painter.drawEllipse(inner)
        case Shape.RING_WITH_DOT:
            painter.drawEllipse(inner)
            painter.setBrush(color)
            dot = area.width() * _INNER_DOT
            painter.drawEllipse(area.center(), dot, dot)
        case Shape.HALF_DOT:
            painter.drawEllipse(inner)
            painter.setBrush(color)
            painter.drawPie(inner, _FULL_TURN // 4, _FULL_TURN // 2)
        case Shape.DOT:
            painter.setBrush(color)
            painter.drawEllipse(inner)
        case Shape.CROSS:
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.topRight(), inner.bottomLeft())
        case Shape.BARS:
            for x in (area.left() + area.width() * 0.3, area.left() + area.width() * 0.7):
                painter.drawLine(QPointF(x, inner.top()), QPointF(x, inner.bottom()))
