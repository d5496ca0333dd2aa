"""The handlers and listeners of a run as a picture: what flows, what is lost, what is broken: views -> **scene**."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from bench_app.engine.view import HandlerView, ListenerView
from bench_app.model import Delivery
from bench_app.transport.connection import ConnectionState
from bench_ui.presentation.balance import BETWEEN, balance_text, dropped_before, missing_at
from bench_ui.presentation.ending import Ending
from bench_ui.presentation.scene_rows import rows_of
from bench_ui.widgets import number_format
from bench_ui.widgets.theme import LIGHT, Theme, figure_font

SHARE = 0.33
"""The part of the window's height that the scene takes, its sum included."""
HINT = "Space starts the run: its handlers and listeners are drawn here."
"""In place of the picture while there is no run to draw."""
_TEXT = 0.032
"""The height of the letters, as a part of the window's height."""
_TWO_LINES = 2.0
"""A lower box, in heights of its letters, has room for one line of text."""
_FOOT, _FOOT_LINE = 1.7, 1.4
"""The height of the foot with one line and that of each of several lines, in heights of the letters."""
_LOST_AT = 0.7
"""Where on the way to a listener its losses are written: 0 is at the handler, 1 at the listener."""
_DOT_S = 1.2
"""A dot takes this long from the handler to the listener."""
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_LEFT = int(_MIDDLE | Qt.AlignmentFlag.AlignLeft)
_BROKEN = (ConnectionState.FAILED, ConnectionState.GAVE_UP, ConnectionState.RETRYING, ConnectionState.CONNECTING)


class Scene(QWidget):
    """Handlers left, listeners right, and the way between them. Below is the ledger as a sum in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._ending: Ending | None = None
        self._views: list[HandlerView] = []
        self._paused: set[tuple[str, str]] = set()
        self._focus = ""
        self._unit = 720

    def fit(self, height: int) -> None:
        """Take the sizes for a window of this height."""
        self._unit = height
        self.setFixedHeight(int(height * SHARE))
        self.update()

    def show_views(self, views: Sequence[HandlerView], paused: set[tuple[str, str]]) -> None:
        """Draw these handlers. ``paused`` has the units that are paused, as (handler, listener)."""
        self._views, self._paused = list(views), set(paused)
        self.setAccessibleDescription(self.balance)
        self.update()

    def show_ending(self, ending: Ending | None) -> None:
        """Show how the run ended; None while it goes on."""
        self._ending = ending
        self.update()

    @property
    def verdict(self) -> str:
        """How the run ended, in words; "" while it goes on."""
        return "" if self._ending is None else self._ending.text

    def focus_on(self, handler: str) -> None:
        """Put the sum of this handler in words; "" for the one that lost most."""
        self._focus = handler
        self.update()

    @property
    def balance(self) -> str:
        """The ledger of the handler in focus as a sum; "" without handlers."""
        present = [view for view in self._views if view.key.departure is None] or self._views
        chosen = [view for view in present if view.key.handler == self._focus] or present
        if not chosen:
            return ""
        worst = max(chosen, key=lambda view: (view.ledger.lost, view.ledger.counts.accepted))
        gone = [one for one in self._views if one.key.departure is not None and one.key.handler == worst.key.handler]
        return balance_text(worst, gone if worst.key.departure is None else ())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw handlers, ways and listeners, and the sum below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(self.theme.color("line"), 1))
        painter.setBrush(self.theme.color("panel"))
        painter.drawRoundedRect(area, 6, 6)
        text = self._unit * _TEXT
        lines = len(self.balance.split(BETWEEN)) + (self._ending is not None)
        tall = text * (_FOOT if lines == 1 else _FOOT_LINE * lines)
        foot = QRectF(area.left() + text, area.bottom() - tall - text * 0.2, area.width() - 2 * text, tall)
        self._draw_foot(painter, foot)
        rows = rows_of(self._views, self._focus)
        if not rows.groups:
            painter.setPen(self.theme.color("muted"))
            room = QRectF(area.left() + text, area.top(), area.width() - 2 * text, foot.top() - area.top())
            _draw_fitting(painter, room, HINT, self._font(text), int(Qt.AlignmentFlag.AlignCenter))
            return
        room = QRectF(area.left(), area.top() + text * 0.3, area.width(), foot.top() - area.top() - text * 0.4)
        height = room.height() / rows.count
        top = room.top()
        for view, listeners in rows.groups:
            box = QRectF(room.left(), top, room.width(), height * max(1, len(listeners)))
            self._draw_handler(painter, box, view, listeners or (None,))
            top = box.bottom()
        if rows.more:
            painter.setPen(self.theme.color("muted"))
            line = QRectF(room.left() + text, top, room.width() - 2 * text, height)
            _draw_fitting(painter, line, f"and {rows.more:,} more handlers", self._font(text * 0.8), _LEFT)

    def _draw_foot(self, painter: QPainter, foot: QRectF) -> None:
        """Draw the sum in words, and below it how the run ended: beside it there would be room for small letters only.

        Two sums, now and before a restart, have a line each.
        """
        sums = self.balance.split(BETWEEN)
        height = foot.height() / (len(sums) + (self._ending is not None))
        font = self._font(min(self._unit * _TEXT * 1.2, height * 0.85), bold=True)
        painter.setPen(self.theme.color("text"))
        line = QRectF(foot.left(), foot.top(), foot.width(), height)
        for text in sums:
            _draw_fitting(painter, line, text, QFont(font), int(_MIDDLE | Qt.AlignmentFlag.AlignLeft))
            line.translate(0, height)
        if self._ending is not None:
            self._draw_ending(painter, line, self._ending)

    def _draw_ending(self, painter: QPainter, line: QRectF, ending: Ending) -> None:
        """Draw how the run ended: a badge, or a note without one if it is calm."""
        text = self._unit * _TEXT
        font = self._font(text if ending.is_calm else text * 1.1, bold=not ending.is_calm)
        if not ending.is_calm:
            width = min(line.width(), QFontMetricsF(font).horizontalAdvance(ending.text) + text)
            line = QRectF(line.left(), line.top() + text * 0.1, width, line.height() - text * 0.1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.color(ending.color))
            painter.drawRoundedRect(line, 5, 5)
            line = line.adjusted(text * 0.5, 0, -text * 0.5, 0)
        painter.setPen(self.theme.color(ending.color) if ending.is_calm else QColor(self.theme.on_color))
        _draw_fitting(painter, line, ending.text, font, int(_MIDDLE | Qt.AlignmentFlag.AlignLeft))

    def _draw_handler(
        self, painter: QPainter, box: QRectF, view: HandlerView, listeners: Sequence[ListenerView | None]
    ) -> None:
        text = self._unit * _TEXT
        width = min(box.width() * 0.29, text * 15)
        height = min(box.height() - text * 0.3, text * 3.0)
        own = QRectF(box.left() + text, box.center().y() - height / 2, width, height)
        dropped = dropped_before(view)
        state = view.status.state
        color = "lost" if state in (ConnectionState.FAILED, ConnectionState.GAVE_UP) else "accepted"
        label = state if state in _BROKEN and state is not ConnectionState.CONNECTING else view.socket_type
        # A listener may report a message before the handler reports that it has sent it.
        sent = max(view.ledger.counts.accepted, view.arrived)
        count = f"{sent:,} sent" + (f", {dropped:,} dropped" if dropped else "")
        self._draw_box(painter, own, f"{view.key.handler}  {label}", _rate(view.accepted_rate), count, color)
        row = box.height() / len(listeners)
        for place, listener in enumerate(listeners):
            start = QPointF(own.right(), own.center().y())
            middle = box.top() + row * (place + 0.5)
            left = box.right() - text - width
            if listener is None:
                self._draw_stranger(painter, start, QRectF(left, middle - height / 2, width, height), view, dropped)
                continue
            tall = min(row - text * 0.25, text * 2.6)
            far = QRectF(left, middle - tall / 2, width, tall)
            is_broken = not self.verdict and _is_broken(listener.status.state, listener.received)
            paused = (view.name, listener.name) in self._paused
            lost = _missing(listener) if view.pattern.each_gets_all else ""
            self._draw_way(painter, start, QPointF(far.left(), middle), listener.received_rate, lost, is_broken)
            name = f"{listener.name}  {'paused' if paused else listener.listener_type}"
            color = "lost" if is_broken else "queue" if paused else "received"
            rate = _rate(listener.received_rate)
            self._draw_box(painter, far, name, rate, f"{listener.received:,} received", color)
        trouble, color = _trouble(view)
        if trouble:
            middle_x = (own.right() + box.right() - text - width) / 2
            where = QRectF(middle_x - width, box.center().y() - text, 2 * width, 2 * text)
            self._draw_badge(painter, where, trouble, color)

    def _draw_stranger(self, painter: QPainter, start: QPointF, box: QRectF, view: HandlerView, dropped: int) -> None:
        """Draw the other end of a handler without listeners of the bench: it is somewhere else, or switched off."""
        is_broken = not self.verdict and _is_broken(view.status.state, view.ledger.counts.accepted)
        color = "lost" if is_broken else "muted"
        lost = _crossed(dropped, "dropped") if dropped else ""
        self._draw_way(painter, start, QPointF(box.left(), box.center().y()), 0.0, lost, is_broken)
        name = ", ".join(view.endpoints) or "the other end"
        self._draw_box(painter, box, name, "", "not connected" if is_broken else "", color)

    def _draw_box(self, painter: QPainter, box: QRectF, name: str, rate: str, number: str, color: str) -> None:
        """Draw a unit: its name and its rate now, and below them how many messages it has handled."""
        text = self._unit * _TEXT
        painter.setPen(QPen(self.theme.color(color), max(2.0, text * 0.09)))
        painter.setBrush(self.theme.color("window"))
        painter.drawRoundedRect(box, text * 0.25, text * 0.25)
        inner = box.adjusted(text * 0.4, 0, -text * 0.4, 0)
        left, right = (int(_MIDDLE | side) for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight))
        if box.height() < text * _TWO_LINES:
            painter.setPen(self.theme.color("text"))
            share = inner.width() * 0.42
            gap = text * 0.4
            name_room = inner.adjusted(0, 0, share - gap - inner.width(), 0)
            number_room = inner.adjusted(share, 0, 0, 0)
            _draw_fitting(painter, name_room, name, self._font(text), left)
            painter.setPen(self.theme.color(color))
            _draw_fitting(painter, number_room, number, self._font(text, bold=True), right)
            return
        half = inner.height() / 2
        painter.setPen(self.theme.color("text"))
        size = min(text, half * 0.92)
        above, font = QRectF(inner.left(), inner.top(), inner.width(), half), self._font(size)
        rate_width = QFontMetricsF(font).horizontalAdvance(rate) + text * 0.5 if rate else 0.0
        _draw_fitting(painter, above.adjusted(0, 0, -rate_width, 0), name, font, left)
        _draw_fitting(painter, above, rate, self._font(size), right)
        painter.setPen(self.theme.color(color))
        below = QRectF(inner.left(), inner.top() + half, inner.width(), half)
        _draw_fitting(painter, below, number, self._font(min(text * 1.1, half * 0.92), bold=True), left)

    def _draw_way(
        self, painter: QPainter, start: QPointF, end: QPointF, rate: float, lost: str, is_broken: bool
    ) -> None:
        """Draw the way to a listener: dots flow along it; it is dashed where it is broken, with ``lost`` on it."""
        text = self._unit * _TEXT
        color = "lost" if is_broken else "received" if rate > 0 else "muted"
        pen = QPen(self.theme.color(color), max(2.0, text * 0.12))
        if is_broken:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(start, end)
        if rate > 0 and not is_broken:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.color("received"))
            # More dots for more messages, by the power of ten.
            dots = 2 + round(math.log10(rate + 1))
            phase = time.monotonic() / _DOT_S % 1
            for dot in range(dots):
                part = (dot / dots + phase / dots) % 1
                painter.drawEllipse(start + (end - start) * part, text * 0.22, text * 0.22)
        if lost:
            # Near the listener, because there the ways are far enough from each other.
            middle = start + (end - start) * _LOST_AT
            width = (end.x() - start.x()) * 2 * (1 - _LOST_AT) * 0.95
            where = QRectF(middle.x() - width / 2, middle.y() - text, width, 2 * text)
            self._draw_badge(painter, where, lost, "lost")

    def _draw_badge(self, painter: QPainter, where: QRectF, shown: str, color: str) -> None:
        text = self._unit * _TEXT
        font = self._font(text * 1.1, bold=True)
        width = min(where.width(), QFontMetricsF(font).horizontalAdvance(shown) + text)
        box = QRectF(where.center().x() - width / 2, where.center().y() - text * 0.75, width, text * 1.5)
        painter.setPen(QPen(self.theme.color(color), max(1.5, text * 0.06)))
        painter.setBrush(self.theme.color("panel"))
        painter.drawRoundedRect(box, text * 0.25, text * 0.25)
        painter.setPen(self.theme.color(color))
        _draw_fitting(
            painter, box.adjusted(text * 0.3, 0, -text * 0.3, 0), shown, font, int(Qt.AlignmentFlag.AlignCenter)
        )

    def _font(self, pixels: float, bold: bool = False) -> QFont:
        font = figure_font(self.font(), bold=bold)
        font.setPixelSize(max(6, int(pixels)))
        return font


def _is_broken(state: ConnectionState, messages: int) -> bool:
    """Whether a way is broken. Before its first message, a unit that connects just begins."""
    is_beginning = messages == 0 and state is ConnectionState.CONNECTING
    return state in _BROKEN and not is_beginning


def _crossed(count: int, what: str) -> str:
    return f"\u2715 {count:,} {what}"


def _missing(listener: ListenerView) -> str:
    """What a listener missed; "" for nothing. What was sent before it joined is missed, and not lost."""
    missing = missing_at(listener)
    return _crossed(missing, "missed" if listener.before_join else "lost") if missing else ""


def _trouble(view: HandlerView) -> tuple[str, str]:
    """What went wrong on all ways of a handler, and its colour; "" if nothing did or each way shows its own."""
    if view.pattern.delivery is Delivery.REQUEST:
        counts = view.ledger.counts
        parts = [(counts.retries, "\u21bb", "asked again"), (counts.request_timeout, "\u2715", "given up")]
        text = "   ".join(f"{sign} {count:,} {what}" for count, sign, what in parts if count)
        return text, "lost" if counts.request_timeout else "timeout"
    if view.pattern.each_gets_all or not view.ledger.lost:
        return "", "lost"
    return _crossed(view.ledger.lost, "lost"), "lost"


def _rate(per_second: float) -> str:
    return number_format.rate(per_second) if per_second > 0 else ""


def _draw_fitting(painter: QPainter, room: QRectF, text: str, font: QFont, flags: int) -> None:
    """Draw a text in one line, in smaller letters if it is too long."""
    width = QFontMetricsF(font).horizontalAdvance(text)
    if width > room.width() > 0:
        font.setPixelSize(max(6, int(font.pixelSize() * room.width() / width)))
    painter.setFont(font)
    painter.drawText(room, flags, text)
