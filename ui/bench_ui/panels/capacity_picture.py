"""Where messages sit in a connection, as a picture: boxes -> **picture**."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from bench_app.capacity.figures import ConnectionCapacity
from bench_ui.panels.capacity_boxes import Box, boxes_of, format_effective_capacity
from bench_ui.widgets.theme import Theme, figure_font

PICTURE = QSize(760, 156)
TOP = 22.0
"""Pixels above the boxes, for the names of the groups."""
BOX = 74.0
BAR = 18.0
GAP = 18.0


class CapacityPicture(QWidget):
    """handler queue -> sender's pipe -> kernel -> receiver's pipe -> consumer, and each place's share."""

    def __init__(self, found: ConnectionCapacity, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found, self._theme = found, theme
        self._boxes = boxes_of(found)
        self.setMinimumSize(PICTURE)
        self.setAccessibleName(f"Where messages sit: {found.handler}")
        self.setAccessibleDescription("; ".join(f"{box.group}, {box.title}: {box.number}" for box in self._boxes))

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for seven boxes."""
        return PICTURE

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw groups, boxes with arrows between them, and the bar of shares."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        width = (area.width() - GAP * (len(self._boxes) - 1)) / len(self._boxes)
        places = [
            QRectF(area.left() + index * (width + GAP), area.top() + TOP, width, BOX)
            for index in range(len(self._boxes))
        ]
        self._draw_groups(painter, places)
        for box, place in zip(self._boxes, places, strict=True):
            self._draw_box(painter, box, place)
        for left, right in pairwise(places):
            self._draw_arrow(painter, left.right(), right.left(), left.center().y())
        self._draw_capacity(painter, places[1].left(), places[-2].right(), places[0].bottom())

    def _draw_groups(self, painter: QPainter, places: list[QRectF]) -> None:
        painter.setFont(figure_font(self.font(), 0.85))
        painter.setPen(self._theme.color("muted"))
        first = 0
        for index, box in enumerate(self._boxes):
            if index + 1 < len(self._boxes) and self._boxes[index + 1].group == box.group:
                continue
            span = QRectF(places[first].left(), places[first].top() - TOP, 0, TOP - 4)
            span.setRight(places[index].right())
            painter.drawText(span, Qt.AlignmentFlag.AlignCenter, box.group)
            if index > first:
                painter.drawLine(QPointF(span.left(), span.bottom()), QPointF(span.right(), span.bottom()))
            first = index + 1

    def _draw_box(self, painter: QPainter, box: Box, place: QRectF) -> None:
        color = self._theme.color(box.color)
        painter.setPen(QPen(color, 1.4, Qt.PenStyle.DashLine if box.is_consumer else Qt.PenStyle.SolidLine))
        tint = QColor(color)
        tint.setAlphaF(0.0 if box.is_consumer else 0.12)
        painter.setBrush(tint)
        painter.drawRoundedRect(place, 6, 6)
        inner = place.adjusted(4, 6, -4, -6)
        third = inner.height() / 3
        rows = [inner.adjusted(0, row * third, 0, 0) for row in range(3)]
        for row in rows:
            row.setHeight(third)
        texts = ((box.title, 0.9, False, "text"), (box.number, 1.35, True, box.color), (box.note, 0.8, False, "muted"))
        for row, (text, scale, bold, name) in zip(rows, texts, strict=True):
            self._draw_text(painter, row, text, scale, bold, name)

    def _draw_text(self, painter: QPainter, row: QRectF, text: str, scale: float, bold: bool, color: str) -> None:
        font = figure_font(self.font(), scale, bold=bold)
        painter.setFont(font)
        while painter.fontMetrics().horizontalAdvance(text) > row.width() and font.pointSizeF() > 6.0:
            font.setPointSizeF(font.pointSizeF() - 0.5)
            painter.setFont(font)
        painter.setPen(self._theme.color(color))
        painter.drawText(row, Qt.AlignmentFlag.AlignCenter, text)

    def _draw_arrow(self, painter: QPainter, left: float, right: float, y: float) -> None:
        painter.setPen(QPen(self._theme.color("muted"), 1.4))
        painter.drawLine(QPointF(left + 3, y), QPointF(right - 7, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("muted"))
        painter.drawPolygon(QPolygonF([QPointF(right - 8, y - 4), QPointF(right - 2, y), QPointF(right - 8, y + 4)]))

    def _draw_capacity(self, painter: QPainter, left: float, right: float, top: float) -> None:
        """Draw a bracket under the places that count, the capacity as text, and the shares as a bar."""
        theme, y = self._theme, top + 6
        painter.setPen(QPen(theme.color("muted"), 1))
        corners = [QPointF(left, y), QPointF(left, y + 6), QPointF(right, y + 6), QPointF(right, y)]
        painter.drawPolyline(corners)
        text = QRectF(left, y + 8, right - left, 24)
        self._draw_text(painter, text, format_effective_capacity(self._found), 1.0, True, "text")
        bar = QRectF(left, y + 36, right - left, BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        at = bar.left()
        for box in self._boxes:
            wide = bar.width() * box.share
            painter.setBrush(theme.color(box.color))
            # One pixel less, so that a line separates two places of one colour.
            painter.drawRect(QRectF(at, bar.top(), max(0.0, wide - 1.0), BAR))
            at += wide
