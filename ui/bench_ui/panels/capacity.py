"""Where do messages sit? The measured capacity of a connection as a picture, in a dialog that waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from bench_app.capacity.figures import CapacityResult, ConnectionCapacity, format_capacity
from bench_app.capacity.places import Place, PlaceName
from bench_ui.runs.capacity_runner import CapacityRunner
from bench_ui.widgets import number_format
from bench_ui.widgets.theme import GRID, Theme, figure_font

TOP = 22.0
"""Room for the names of the groups over the boxes."""
BOX = 74.0
BAR = 18.0
PICTURE = QSize(760, 156)
GAP = 18.0

_GROUPS: dict[PlaceName, tuple[str, str]] = {
    "send_pipe": ("libzmq, sender", "accepted"),
    "send_buffer": ("kernel", "offered"),
    "kernel_buffer": ("kernel", "offered"),
    "receive_buffer": ("kernel", "offered"),
    "between": ("libzmq and kernel", "offered"),
    "decoder": ("libzmq, receiver", "received"),
    "receive_pipe": ("libzmq, receiver", "received"),
}
"""Whose each place is, and its colour."""
_TITLES: dict[PlaceName, str] = {
    "send_pipe": "pipe + encoder",
    "send_buffer": "send buffer",
    "kernel_buffer": "socket buffer",
    "receive_buffer": "receive buffer",
    "between": "codecs + buffers",
    "decoder": "decoder",
    "receive_pipe": "pipe",
}


@dataclass(frozen=True)
class Box:
    """One box of the picture. ``group`` is what it belongs to, ``share`` its part of the capacity from 0 to 1."""

    group: str
    title: str
    number: str
    below: str
    color: str
    share: float = 0.0


def boxes_of(found: ConnectionCapacity) -> list[Box]:
    """The way of a message from left to right: the handler's queue, the places of the capacity, the consumer."""
    queue = Box("handler", "queue", f"{found.queue_size:,}", "queue_size", "queue")
    consumer = Box("consumer", "reads nothing", "0", "", "muted")
    total = max(1, found.messages or 0)
    boxes = [_box(found, place, place.messages / total) for place in found.places]
    return [queue, *boxes, consumer]


def _box(found: ConnectionCapacity, place: Place, share: float) -> Box:
    group, color = _GROUPS[place.place]
    title = _TITLES[place.place]
    below = "" if place.bytes is None else number_format.size(place.bytes)
    if found.verdict == "by_design":
        group, title = "libzmq and kernel", "one request"
    elif found.transport == "inproc":
        group, title = "libzmq", "one pipe"
        below = f"SNDHWM {found.send_high_water_mark:,} + RCVHWM {found.receive_high_water_mark:,}"
    elif place.place == "send_pipe":
        below = f"SNDHWM {found.send_high_water_mark:,}"
        title = "pipe + codecs" if place.basis == "inferred" else "pipe" if place.basis == "by_mark" else title
    elif place.place == "receive_pipe":
        below = f"RCVHWM {found.receive_high_water_mark:,}"
    return Box(group, title, f"{place.messages:,}", below, color, share)


class CapacityPicture(QWidget):
    """handler queue -> sender's pipe -> kernel -> receiver's pipe -> consumer, and how the capacity divides."""

    def __init__(self, found: ConnectionCapacity, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found, self._theme = found, theme
        self._boxes = boxes_of(found)
        self.setMinimumSize(PICTURE)
        self.setAccessibleName(f"Where messages sit: {found.handler}")
        self.setAccessibleDescription("; ".join(f"{box.group}, {box.title}: {box.number}" for box in self._boxes))

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Wide enough for seven boxes."""
        return PICTURE

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Groups, boxes with arrows between them, and the bar of shares."""
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
        is_consumer = box.group == "consumer"
        painter.setPen(QPen(color, 1.4, Qt.PenStyle.DashLine if is_consumer else Qt.PenStyle.SolidLine))
        tint = QColor(color)
        tint.setAlphaF(0.0 if is_consumer else 0.12)
        painter.setBrush(tint)
        painter.drawRoundedRect(place, 6, 6)
        inner = place.adjusted(4, 6, -4, -6)
        third = inner.height() / 3
        rows = [inner.adjusted(0, row * third, 0, 0) for row in range(3)]
        for row in rows:
            row.setHeight(third)
        texts = ((box.title, 0.9, False, "text"), (box.number, 1.35, True, box.color), (box.below, 0.8, False, "muted"))
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
        """A bracket under what counts, the capacity in words, and its shares as a bar."""
        theme, y = self._theme, top + 6
        painter.setPen(QPen(theme.color("muted"), 1))
        corners = [QPointF(left, y), QPointF(left, y + 6), QPointF(right, y + 6), QPointF(right, y)]
        painter.drawPolyline(corners)
        words = QRectF(left, y + 8, right - left, 24)
        self._draw_text(painter, words, _capacity_words(self._found), 1.0, True, "text")
        bar = QRectF(left, y + 36, right - left, BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        at = bar.left()
        for box in self._boxes:
            wide = bar.width() * box.share
            painter.setBrush(theme.color(box.color))
            # A hairline between two places of one colour.
            painter.drawRect(QRectF(at, bar.top(), max(0.0, wide - 1.0), BAR))
            at += wide


def _capacity_words(found: ConnectionCapacity) -> str:
    at_least = "at least " if found.verdict == "at_least" else ""
    plural = "" if found.messages == 1 else "s"
    return f"effective capacity: {at_least}{found.messages or 0:,} message{plural}"


class CapacityDialog(QDialog):
    """Measures as it is opened, then shows what was found. Closing it gives the measurement up."""

    def __init__(self, runner: CapacityRunner, handler: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._runner, self._theme = runner, theme
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Capacity of {handler}")
        self.setMinimumSize(PICTURE.width() + 12 * GRID, 220)
        self._state = QLabel(f"Filling the connections of {handler}, with nobody reading …")
        self._state.setWordWrap(True)
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setAccessibleName("Measuring")
        self._found = QVBoxLayout()
        self._found.setSpacing(GRID)
        self._found.setContentsMargins(0, 0, GRID, 0)
        inside = QWidget()
        inside.setLayout(self._found)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        for widget in (self._state, self._progress):
            column.addWidget(widget)
        column.addWidget(area, 1)
        column.addWidget(buttons)
        # Before this one listens: that another measurement is given up for it is news for the other's dialog only.
        runner.measure(handler)
        runner.measured.connect(self.show_result)
        runner.failed.connect(self._show_failure)
        self._waits = True
        self.finished.connect(lambda _: self._leave())

    def show_result(self, result: CapacityResult) -> None:
        """The picture of each connection, and how one reads it."""
        self._settle("Where do messages sit when the consumer reads nothing?")
        for connection in result.connections:
            self._found.addWidget(self._card(connection))
        self._found.addStretch(1)
        self.resize(self.width(), min(680, 110 + 256 * len(result.connections)))

    def _card(self, found: ConnectionCapacity) -> QWidget:
        card = QFrame()
        card.setObjectName("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        ends = f"{found.handler} to {', '.join(found.listeners)}" if found.listeners else found.handler
        size = f", messages of {found.message_bytes:,.0f} bytes" if found.message_bytes else ""
        title = QLabel(f"{ends}: {found.socket_type} over {found.transport}{size}")
        title.setObjectName("title")
        column.addWidget(title)
        if found.places:
            column.addWidget(CapacityPicture(found, self._theme))
        words = QLabel(format_capacity(found))
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(words)
        for note in found.notes:
            label = QLabel(note)
            label.setObjectName("note")
            label.setWordWrap(True)
            column.addWidget(label)
        return card

    def _show_failure(self, why: str) -> None:
        self._settle(why)

    def _settle(self, words: str) -> None:
        self._state.setText(words)
        self._progress.hide()
        self._leave()

    def _leave(self) -> None:
        """From now on what is measured is another dialog's."""
        if not self._waits:
            return
        self._waits = False
        self._runner.measured.disconnect(self.show_result)
        self._runner.failed.disconnect(self._show_failure)
        self._runner.stop("")
