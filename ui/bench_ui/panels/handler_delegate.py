"""How a row of the handlers panel is painted."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
)

from bench_ui.panels.handler_rows import Row
from bench_ui.widgets.theme import LIGHT, Theme, figure_font

STATE_COLORS = {
    "idle": "muted",
    "listening": "queue",
    "connecting": "queue",
    "connected": "received",
    "bound": "queue",
    "retrying": "overflow",
    "refused": "lost",
    "gave_up": "lost",
    "gave up": "lost",
    "failed": "lost",
    "crashed": "lost",
    "disabled": "line",
}
ROW = Qt.ItemDataRole.UserRole
_ENDPOINT_MARGIN = 28
"""Pixels left and right of an address that are not its own."""


class RowDelegate(QStyledItemDelegate):
    """Light, badge, name and rate; below, where it is, and where it is instead in a line of its own if need be."""

    theme: Theme = LIGHT

    def __init__(self, tree: QTreeWidget) -> None:
        super().__init__(tree)
        self._tree = tree

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        """One line of text, and those of its address."""
        row: Row | None = index.data(ROW)
        depth = 2 if index.parent().isValid() else 1
        width = self._tree.viewport().width() - depth * self._tree.indentation()
        lines = 1 if row is None else 1 + len(self._endpoint_lines(row, width, option.font))
        return QSize(120, option.fontMetrics.height() * lines + 8)

    def _endpoint_lines(self, row: Row, width: float, font: QFont) -> list[str]:
        if not row.endpoint:
            return []
        metrics = QFontMetrics(figure_font(font, 0.9))
        if not row.used or metrics.horizontalAdvance(row.endpoint) <= width - _ENDPOINT_MARGIN:
            return [row.endpoint]
        return row.endpoint_lines

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw it."""
        row: Row | None = index.data(ROW)
        if row is None:
            return
        theme = self.theme
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect)
        if selected:
            color = theme.color("focus")
            color.setAlpha(60 if theme.dark else 38)
            painter.fillRect(area, color)
            painter.fillRect(QRectF(area.left(), area.top(), 3, area.height()), theme.color("focus"))
        elif option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(theme.color("focus"))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        height = option.fontMetrics.height()
        top = area.top() + 4
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(STATE_COLORS.get(row.state, "muted")))
        painter.drawEllipse(QRectF(area.left() + 7, top + height / 2 - 4, 8, 8))
        x = area.left() + 22
        painter.setFont(figure_font(option.font, 0.8, bold=True))
        painter.setPen(theme.color("muted"))
        badge_width = painter.fontMetrics().horizontalAdvance(row.badge)
        painter.drawText(QRectF(x, top, badge_width + 2, height), Qt.AlignmentFlag.AlignVCenter, row.badge)
        x += badge_width + 6
        painter.setFont(figure_font(option.font))
        rate = "paused" if row.paused else row.rate
        rate_width = painter.fontMetrics().horizontalAdvance(rate) + 8
        painter.drawText(
            QRectF(area.right() - rate_width, top, rate_width - 6, height),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
            rate,
        )
        painter.setPen(theme.color("muted" if row.state == "disabled" else "text"))
        painter.setFont(figure_font(option.font, bold=not row.listener))
        name_room = max(20.0, area.right() - rate_width - x)
        name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideMiddle, int(name_room))
        painter.drawText(QRectF(x, top, name_room, height), Qt.AlignmentFlag.AlignVCenter, name)
        if row.endpoint:
            painter.setFont(figure_font(option.font, 0.9))
            painter.setPen(theme.color("muted"))
            room = QRectF(area.left() + 22, top + height, area.width() - _ENDPOINT_MARGIN, height)
            for line in self._endpoint_lines(row, area.width(), option.font):
                text = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideMiddle, int(room.width()))
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
                room.translate(0, height)
        painter.restore()
