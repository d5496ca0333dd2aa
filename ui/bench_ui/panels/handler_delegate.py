"""How a row of the handlers panel is painted.

row -> **delegate** -> light, badge, name and rate; below, the address
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeWidget

from bench_app.transport.connection import ConnectionState
from bench_ui.panels.handler_rows import ARROW, OPEN_TO_NETWORK, Row
from bench_ui.panels.state_shape import SHAPES, Shape, paint_shape
from bench_ui.widgets.theme import LIGHT, Theme, figure_font

STATE_COLORS = {
    ConnectionState.IDLE: "muted",
    ConnectionState.BOUND: "queue",
    ConnectionState.CONNECTING: "queue",
    ConnectionState.CONNECTED: "received",
    ConnectionState.RETRYING: "overflow",
    ConnectionState.GAVE_UP: "lost",
    ConnectionState.FAILED: "lost",
}
"""The colour of the light in each state of a connection."""
_DISABLED_COLOR = "line"
ROW = Qt.ItemDataRole.UserRole
"""The role of an item's :class:`~bench_ui.panels.handler_rows.Row`."""
_TOP = 4
"""Pixels above and below the text of a row."""
_LEAST_LIGHT, _LIGHT_SHARE = 10.0, 0.6
"""The least size of the light in pixels, and its part of the height of a line of text."""
_LIGHT_CENTER = 12
_TEXT_LEFT = 24
_ENDPOINT_MARGIN = 28
"""Pixels left and right of an address together."""
_LEAST_NAME = 20.0


class Detail(StrEnum):
    """What a row can show beside its light, badge and name."""

    RATE = "rate"
    ADDRESS = "address"
    STATE = "state"


USUAL_DETAILS = frozenset((Detail.RATE, Detail.ADDRESS))


class RowDelegate(QStyledItemDelegate):
    """Paints rows. An address and the one that replaces it share a line if there is room, else each has a line.

    Attributes:
        theme: the colours.
        details: what each row shows.
    """

    theme: Theme = LIGHT
    details: frozenset[Detail] = USUAL_DETAILS

    def __init__(self, tree: QTreeWidget) -> None:
        super().__init__(tree)
        self._tree = tree

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        """Room for one line of text and the lines of the address."""
        row: Row | None = index.data(ROW)
        width = self._tree.viewport().width() - _depth(index) * self._tree.indentation()
        lines = 1 if row is None else 1 + len(self._lines_below(row, width, option.font))
        return QSize(120, option.fontMetrics.height() * lines + 2 * _TOP)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint a row."""
        row: Row | None = index.data(ROW)
        if row is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect)
        self._paint_selection(painter, option, area)
        line = QRectF(area.left(), area.top() + _TOP, area.width(), option.fontMetrics.height())
        self._paint_light(painter, line, row)
        badge_right = self._paint_badge(painter, line, row, option.font)
        rate_width = self._paint_rate(painter, line, row, option.font)
        self._paint_name(painter, line, row, option.font, badge_right, rate_width)
        self._paint_endpoint(painter, line, row, option.font)
        painter.restore()

    def _paint_selection(self, painter: QPainter, option: QStyleOptionViewItem, area: QRectF) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            color = self.theme.color("focus")
            color.setAlpha(60 if self.theme.dark else 38)
            painter.fillRect(area, color)
            painter.fillRect(QRectF(area.left(), area.top(), 3, area.height()), self.theme.color("focus"))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(self.theme.color("focus"))
            painter.drawRect(area.adjusted(0, 0, -1, -1))

    def _paint_light(self, painter: QPainter, line: QRectF, row: Row) -> None:
        color = self.theme.color(STATE_COLORS[row.state] if row.enabled else _DISABLED_COLOR)
        shape = Shape.BARS if row.paused else SHAPES[row.state]
        size = max(_LEAST_LIGHT, line.height() * _LIGHT_SHARE)
        area = QRectF(line.left() + _LIGHT_CENTER - size / 2, line.top() + (line.height() - size) / 2, size, size)
        paint_shape(painter, area, shape, color)

    def _paint_badge(self, painter: QPainter, line: QRectF, row: Row, font: QFont) -> float:
        """Paint the socket type; returns where the name begins."""
        painter.setFont(figure_font(font, 0.8, bold=True))
        painter.setPen(self.theme.color("muted"))
        width = painter.fontMetrics().horizontalAdvance(row.badge)
        left = line.left() + _TEXT_LEFT
        room = QRectF(left, line.top(), width + 2, line.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, row.badge)
        return left + width + 6

    def _paint_rate(self, painter: QPainter, line: QRectF, row: Row, font: QFont) -> float:
        """Paint the rate at the right; returns how wide it is."""
        painter.setFont(figure_font(font))
        painter.setPen(self.theme.color("muted"))
        text = "paused" if row.paused else row.rate if Detail.RATE in self.details else ""
        width = painter.fontMetrics().horizontalAdvance(text) + 8
        room = QRectF(line.right() - width, line.top(), width - 6, line.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        return float(width)

    def _paint_name(
        self, painter: QPainter, line: QRectF, row: Row, font: QFont, left: float, rate_width: float
    ) -> None:
        painter.setPen(self.theme.color("text" if row.enabled else "muted"))
        painter.setFont(figure_font(font, bold=not row.listener))
        room = max(_LEAST_NAME, line.right() - rate_width - left)
        name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideMiddle, int(room))
        painter.drawText(QRectF(left, line.top(), room, line.height()), Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_endpoint(self, painter: QPainter, line: QRectF, row: Row, font: QFont) -> None:
        painter.setFont(figure_font(font, 0.9))
        painter.setPen(self.theme.color("muted"))
        room = QRectF(line.left() + _TEXT_LEFT, line.bottom(), line.width() - _ENDPOINT_MARGIN, line.height())
        for below in self._lines_below(row, line.width(), font):
            text = painter.fontMetrics().elidedText(below, Qt.TextElideMode.ElideMiddle, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
            room.translate(0, line.height())

    def _lines_below(self, row: Row, width: float, font: QFont) -> list[str]:
        """The lines below a row's name."""
        address = _endpoint_lines(row, width, font) if Detail.ADDRESS in self.details else []
        return [*address, *([row.status] if Detail.STATE in self.details and row.status else [])]


def _depth(index: QModelIndex | QPersistentModelIndex) -> int:
    """1 for a line at the top, one more for each line above it."""
    depth, parent = 1, index.parent()
    while parent.isValid():
        depth, parent = depth + 1, parent.parent()
    return depth


def _endpoint_lines(row: Row, width: float, font: QFont) -> list[str]:
    """The lines below a row's name: its address in this width, and the badge of an address that is not on loopback."""
    if not row.endpoint:
        return []
    return [*_address_lines(row, width, font), *([OPEN_TO_NETWORK] if row.is_open_to_network else [])]


def _address_lines(row: Row, width: float, font: QFont) -> list[str]:
    metrics = QFontMetrics(figure_font(font, 0.9))
    if not row.real_endpoints or metrics.horizontalAdvance(row.endpoint_text) <= width - _ENDPOINT_MARGIN:
        return [row.endpoint_text]
    # A PUSH connects to each of its listeners.
    return [row.endpoint, *(f"{ARROW} {each}" for each in row.real_endpoints)]
