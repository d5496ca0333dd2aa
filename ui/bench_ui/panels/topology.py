"""A small picture of the handlers and listeners of a preset: document -> **topology**."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from bench_app.preset.defaults import listeners_of
from bench_app.preset.documents import Document
from bench_ui.widgets.theme import LIGHT, Theme, figure_font, text_scale

WIDTH = 256
LINES_DRAWN, LISTENERS_DRAWN = 4, 3
ROW_HEIGHT = 16
_LISTENERS_LEFT = 112.0
_LISTENER_STEP = 46


@dataclass(frozen=True)
class _Handler:
    """A handler of the picture, and how many listeners it has."""

    socket_type: str
    listener_type: str
    listeners: int


class Topology(QWidget):
    """A small picture of a preset: handlers left, their listeners right, and lines between them."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._handlers = _enabled_handlers(document)[:LINES_DRAWN]
        self._is_single = len(self._handlers) == 1
        # The listeners of a single handler are below each other; those of several handlers are in a row.
        rows = min(self._handlers[0].listeners, LISTENERS_DRAWN) if self._is_single else len(self._handlers)
        self._size = QSize(WIDTH, max(1, rows) * ROW_HEIGHT)
        self._fit()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def _fit(self) -> None:
        self._scale = text_scale(self)
        self.setFixedSize(self._size * self._scale)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Grow with the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw a row per handler."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = figure_font(self.font(), bold=True)
        font.setPointSizeF(self.font().pointSizeF() * 0.75 / self._scale)
        painter.setFont(font)
        painter.scale(self._scale, self._scale)
        height = self._size.height() / max(1, len(self._handlers))
        for row, handler in enumerate(self._handlers):
            self._draw_handler(painter, handler, height * (row + 0.5), min(ROW_HEIGHT - 2.0, height - 2))

    def _draw_handler(self, painter: QPainter, handler: _Handler, y: float, height: float) -> None:
        start = self._draw_box(painter, 0, y, height, handler.socket_type, "accepted")
        shown = min(handler.listeners, LISTENERS_DRAWN)
        for place in range(shown):
            if self._is_single:
                end = QPointF(_LISTENERS_LEFT, y + (place - (shown - 1) / 2) * ROW_HEIGHT)
            else:
                end = QPointF(_LISTENERS_LEFT + place * _LISTENER_STEP, y)
            if self._is_single or place == 0:
                painter.setPen(QPen(self.theme.color("muted"), 1))
                painter.drawLine(QPointF(start, y), end)
            self._draw_box(painter, end.x(), end.y(), height, handler.listener_type, "received")
        if not shown:
            painter.setPen(QPen(self.theme.color("muted"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(start, y), QPointF(_LISTENERS_LEFT, y))

    def _draw_box(self, painter: QPainter, left: float, y: float, height: float, text: str, color: str) -> float:
        """Draw a box with a text; returns its right edge."""
        box = QRectF(left + 0.5, y - height / 2, 42, height)
        painter.setPen(QPen(self.theme.color(color), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(self.theme.color("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return box.right()


def _enabled_handlers(document: Document) -> list[_Handler]:
    return [
        _Handler(spec.config.socket_type, spec.config.pattern.listener_type, len(listeners_of(document.preset, name)))
        for name, spec in document.preset.output.handlers.items()
        if spec.enabled
    ]
