"""The flow strip: the ledger as a picture. Every loss leaves it where it happened, in its colour."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from bench_app.engine.result import RunResult
from bench_app.engine.view import HandlerView
from ui import figures
from ui.plots.curves import Scope
from ui.theme import LIGHT, Theme, figure_font


@dataclass
class Flow:
    """What the strip shows: sums over the handlers that are looked at."""

    offered: int = 0
    queued: int = 0
    queue_size: int = 0
    accepted: int = 0
    in_flight: int = 0
    received: int = 0
    rates: tuple[float, float, float] = (0.0, 0.0, 0.0)
    losses: dict[str, int] = field(default_factory=dict)
    only_requests: bool = False
    unknown_end: bool = False
    """True where nobody can know what arrived: no listener of the bench is there."""
    balanced: bool = True
    fan_out: int = 1
    """Listeners that each get every message of a PUB; 1 otherwise."""

    @property
    def lost(self) -> int:
        """All causes."""
        return sum(self.losses.values())


_STAGE_TIPS = {
    "offered": "Events the sources handed to the handlers since the start of the run.",
    "queue": "Events waiting in the handlers' own queues, of all they hold (queue_size).",
    "accepted": "Messages the sockets took. offered = overflow + timeout + aborted + queued + accepted",
    "on the way": "Accepted, and not yet known to be received or lost: in socket buffers, in the kernel, on the wire.",
    "received": "Distinct messages the listeners had. A PUB's message counts at each subscriber that asked for it.",
    "replied": "Requests whose reply came back.",
}
_LOSS_TIPS = {
    "overflow": "The handler's queue was full.",
    "timeout": "The socket did not take the event within send_timeout.",
    "aborted": "Given up or stopped before it was sent.",
    "lost": "Accepted by the socket; no listener had it.",
    "before join": "Sent before a subscriber's subscription had arrived.",
    "no reply": "A request got no reply, its retries included.",
}
_LOSS_COLORS = {
    "overflow": "overflow",
    "timeout": "timeout",
    "aborted": "aborted",
    "lost": "lost",
    "before join": "before_join",
    "no reply": "timeout",
}


def flow_of(views: list[HandlerView], scope: Scope, queue_sizes: dict[str, int]) -> Flow:
    """Add up what the scope has."""
    flow = Flow()
    chosen = [view for view in views if scope.takes(view.name)]
    offered = accepted = received = 0.0
    losses = dict.fromkeys(_LOSS_COLORS, 0)
    for view in chosen:
        counts = view.ledger.counts
        flow.offered += counts.offered
        flow.queued += counts.queued
        flow.queue_size += queue_sizes.get(view.name, 0)
        flow.accepted += counts.accepted
        flow.in_flight += view.in_flight
        is_request = view.socket_type == "REQ"
        listeners = [one for one in view.listeners if not scope.listener or one.name == scope.listener]
        flow.received += counts.replied if is_request else sum(one.received for one in listeners)
        losses["overflow"] += counts.queue_overflow
        losses["timeout"] += counts.send_timeout
        losses["aborted"] += counts.aborted
        losses["no reply"] += counts.request_timeout
        losses["lost"] += view.ledger.lost
        losses["before join"] += sum(one.before_join for one in listeners)
        offered += view.offered_rate
        accepted += view.accepted_rate
        received += sum(one.received_rate for one in listeners)
        flow.unknown_end = flow.unknown_end or (not view.listeners and not is_request)
        flow.balanced = flow.balanced and view.ledger.balanced
        if view.socket_type == "PUB":
            flow.fan_out = max(flow.fan_out, len(listeners))
    flow.only_requests = bool(chosen) and all(view.socket_type == "REQ" for view in chosen)
    flow.rates = (offered, accepted, received)
    flow.losses = {name: number for name, number in losses.items() if name != "no reply" or _has_requests(chosen)}
    return flow


def flow_of_result(result: RunResult, scope: Scope) -> Flow:
    """The strip of a finished run."""
    flow = Flow(losses=dict.fromkeys(("overflow", "timeout", "aborted", "lost", "before join"), 0))
    chosen = [handler for name, handler in result.handlers.items() if scope.takes(name)]
    for handler in chosen:
        is_request = handler.socket_type == "REQ"
        flow.offered += handler.offered
        flow.accepted += handler.accepted
        flow.received += handler.replied if is_request else sum(one.received for one in handler.listeners.values())
        for name, count in (
            ("overflow", handler.queue_overflow),
            ("timeout", handler.send_timeout),
            ("aborted", handler.aborted),
            ("lost", handler.lost),
            ("before join", sum(one.before_join for one in handler.listeners.values())),
        ):
            flow.losses[name] += count
        if is_request:
            flow.losses["no reply"] = flow.losses.get("no reply", 0) + handler.request_timeout
    flow.only_requests = bool(chosen) and all(handler.socket_type == "REQ" for handler in chosen)
    return flow


def _has_requests(views: list[HandlerView]) -> bool:
    return any(view.socket_type == "REQ" for view in views)


class FlowStrip(QWidget):
    """offered -> queue -> accepted ~~> on the way -> received."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.theme: Theme = LIGHT
        self._flow = Flow()
        self._large = False
        self._tips: list[tuple[QRectF, str]] = []
        self.setAccessibleName("Flow of events")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumHeight(92)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """As high as two rows of figures."""
        return QSize(640, 190 if self._large else 104)

    def set_large(self, large: bool) -> None:
        """Readable from three metres."""
        self._large = large
        self.setMinimumHeight(190 if large else 92)
        self.updateGeometry()

    def show_flow(self, flow: Flow) -> None:
        """Draw this."""
        if flow == self._flow:
            return
        self._flow = flow
        end = "replied" if flow.only_requests else "received"
        losses = ", ".join(f"{name} {count:,}" for name, count in flow.losses.items())
        self.setAccessibleDescription(
            f"offered {flow.offered:,}, queued {flow.queued:,}, accepted {flow.accepted:,}, "
            f"on the way {flow.in_flight:,}, {end} {flow.received:,}; {losses}"
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Five stages, the way between them, and what leaves it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, area = self.theme, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(area, 6, 6)
        self._tips = []
        flow = self._flow
        end = "replied" if flow.only_requests else "received"
        received = figures.NOTHING if flow.unknown_end and not flow.received else figures.count(flow.received)
        stages = (
            ("offered", figures.count(flow.offered), "offered", figures.rate(flow.rates[0])),
            ("queue", figures.count(flow.queued), "queue", f"of {flow.queue_size:,}" if flow.queue_size else ""),
            ("accepted", figures.count(flow.accepted), "accepted", figures.rate(flow.rates[1])),
            ("on the way", figures.count(flow.in_flight), "muted", ""),
            (end, received, "received", figures.rate(flow.rates[2])),
        )
        width = area.width() / len(stages)
        split = area.height() * 0.68
        for place, stage in enumerate(stages):
            box = QRectF(area.left() + place * width, area.top(), width, split)
            self._draw_stage(painter, box, *stage)
            if place:
                self._draw_arrow(painter, box, wire=place >= 3)
            self._tips.append((box, _STAGE_TIPS[stage[0]]))
        self._draw_fill(painter, QRectF(area.left() + width, area.top(), width, split))
        self._draw_losses(painter, area, width, split)

    def _draw_stage(self, painter: QPainter, box: QRectF, name: str, number: str, color: str, below: str) -> None:
        scale = 2.0 if self._large else 1.0
        theme = self.theme
        inner = box.adjusted(26, 6, -10, -2)
        painter.setPen(theme.color("muted"))
        painter.setFont(figure_font(self.font(), 0.9 * scale))
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, name)
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, below)
        painter.setPen(theme.color("text" if color == "muted" else color))
        font = figure_font(self.font(), 1.7 * scale, bold=True)
        painter.setFont(font)
        while painter.fontMetrics().horizontalAdvance(number) > inner.width() and font.pointSizeF() > 7:
            font.setPointSizeF(font.pointSizeF() - 0.5)
            painter.setFont(font)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, number)

    def _draw_arrow(self, painter: QPainter, box: QRectF, wire: bool) -> None:
        pen = QPen(self.theme.color("muted"), 1.5)
        if wire:
            pen.setStyle(Qt.PenStyle.DotLine)
        y, x = box.center().y(), box.left() + 4
        painter.setPen(pen)
        painter.drawLine(QPointF(x - 6, y), QPointF(x + 10, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("muted"))
        painter.drawPolygon(QPolygonF([QPointF(x + 10, y - 4), QPointF(x + 16, y), QPointF(x + 10, y + 4)]))

    def _draw_fill(self, painter: QPainter, box: QRectF) -> None:
        """The fill level of the queue, as a bar along its box."""
        if not self._flow.queue_size:
            return
        height = 8.0 if self._large else 4.0
        bar = QRectF(box.left() + 26, box.bottom() - 1, box.width() - 44, height)
        share = min(1.0, self._flow.queued / self._flow.queue_size)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("line"))
        painter.drawRoundedRect(bar, 2, 2)
        if share:
            painter.setBrush(self.theme.color("overflow" if share > 0.99 else "queue"))
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(3.0, bar.width() * share), height), 2, 2)

    def _draw_losses(self, painter: QPainter, area: QRectF, width: float, split: float) -> None:
        places = {"overflow": 1, "timeout": 2, "aborted": 2, "lost": 3, "before join": 3, "no reply": 4}
        groups: dict[int, list[str]] = {}
        for name in self._flow.losses:
            groups.setdefault(places[name], []).append(name)
        for place, names in groups.items():
            left = area.left() + place * width + 26
            # What is lost on the wire may take the room under the last stage, too, where nothing else stands.
            room = width * (1.9 if place == 3 and 4 not in groups else 1.0) - 30
            each = room / len(names)
            for index, name in enumerate(names):
                box = QRectF(left + index * each, area.top() + split + 4, each - 2, area.height() - split - 6)
                self._draw_loss(painter, box, name, self._flow.losses[name])
                self._tips.append((box, _LOSS_TIPS[name]))

    def _draw_loss(self, painter: QPainter, box: QRectF, name: str, number: int) -> None:
        scale = 1.7 if self._large else 0.9
        color: QColor = self.theme.color(_LOSS_COLORS[name] if number else "muted")
        painter.setPen(color)
        font = figure_font(self.font(), scale, bold=number > 0)
        text = f"↓ {name} {number:,}" if number else f"{name} 0"
        painter.setFont(font)
        while painter.fontMetrics().horizontalAdvance(text) > box.width() and font.pointSizeF() > 6.5:
            font.setPointSizeF(font.pointSizeF() - 0.5)
            painter.setFont(font)
        if painter.fontMetrics().horizontalAdvance(text) > box.width() and number:
            text = f"↓ {name} {figures.short(number)}"
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def event(self, event: QEvent) -> bool:
        """A tooltip for every number."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            for box, tip in reversed(self._tips):
                if box.contains(QPointF(event.pos())):
                    QToolTip.showText(event.globalPos(), tip, self)
                    return True
        return super().event(event)
