"""The flow strip: the ledger as a picture. Every loss leaves it where it happened, in its colour."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from bench_app.measure.loss_causes import LOSS_CAUSES_BY_STAGE, LossCause, Stage
from bench_ui.panels.flow import Flow
from bench_ui.widgets import number_format
from bench_ui.widgets.number_format import BASELINE_MARK
from bench_ui.widgets.theme import LIGHT, Theme, figure_font

_STAGE_TIPS = {
    "offered": "Events the sources handed to the handlers since the start of the run.",
    "queue": "Events waiting in the handlers' own queues, of all they hold (queue_size).",
    "accepted": "Messages the sockets took. offered = overflow + timeout + aborted + queued + accepted",
    "on the way": "Accepted, and not yet known to be received or lost: in socket buffers, in the kernel, on the wire.",
    "received": "Distinct messages the listeners had. A PUB's message counts at each subscriber that asked for it.",
    "replied": "Requests whose reply came back.",
}
_STAGE_COLUMNS = {Stage.QUEUE: 1, Stage.SOCKET: 2, Stage.ON_THE_WAY: 3, Stage.REPLY: 4}
"""The box of the strip under which the losses of a stage stand."""


def _causes_in(flow: Flow) -> list[LossCause]:
    """The causes of loss that a flow has a figure for, in the order of the way."""
    return [cause for cause in LOSS_CAUSES_BY_STAGE if cause.key in flow.losses]


def _behind_tip(count: int) -> str:
    return f"{BASELINE_MARK} {count:,}: the baseline, at the same moment of its run."


_LOSS_GAP = 12.0
_LEAST_POINTS = 6.5
_BESIDE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip


def _width_of(text: str, font: QFont, bold: bool) -> float:
    measured = QFont(font)
    measured.setBold(bold)
    return float(QFontMetrics(measured).horizontalAdvance(text))


def _shrink(painter: QPainter, font: QFont, text: str, width: float, least_points: float) -> None:
    """Use a font for what follows, smaller where the text would be too wide."""
    painter.setFont(font)
    while painter.fontMetrics().horizontalAdvance(text) > width and font.pointSizeF() > least_points:
        font.setPointSizeF(font.pointSizeF() - 0.5)
        painter.setFont(font)


class FlowStrip(QWidget):
    """offered -> queue -> accepted ~~> on the way -> received."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.theme: Theme = LIGHT
        self._flow = Flow()
        self._baseline: Flow | None = None
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

    @property
    def flow(self) -> Flow:
        """The numbers that are drawn."""
        return self._flow

    @property
    def baseline(self) -> Flow | None:
        """The baseline's numbers that are drawn; None if there are none."""
        return self._baseline

    def show_flow(self, flow: Flow, behind: Flow | None = None) -> None:
        """Draw this, and behind it what the baseline had at the same moment of its run."""
        if (flow, behind) == (self._flow, self._baseline):
            return
        self._flow, self._baseline = flow, behind
        end = "replied" if flow.only_requests else "received"
        losses = ", ".join(f"{cause.label} {flow.losses[cause.key]:,}" for cause in _causes_in(flow))
        self.setAccessibleDescription(
            f"offered {flow.offered:,}, queued {flow.queued:,}, accepted {flow.accepted:,}, "
            f"on the way {flow.in_flight:,}, {end} {flow.received:,}; {losses}"
            + (f"; baseline: offered {behind.offered:,}, {end} {behind.received:,}" if behind is not None else "")
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
        received = (
            number_format.NOTHING if flow.unknown_end and not flow.received else number_format.count(flow.received)
        )
        stages = (
            ("offered", number_format.count(flow.offered), "offered", self._rate_words(0)),
            ("queue", number_format.count(flow.queued), "queue", f"of {flow.queue_size:,}" if flow.queue_size else ""),
            ("accepted", number_format.count(flow.accepted), "accepted", self._rate_words(1)),
            ("on the way", number_format.count(flow.in_flight), "muted", ""),
            (end, received, "received", self._rate_words(2)),
        )
        base = self._baseline
        behind = {} if base is None else {"offered": base.offered, "accepted": base.accepted, end: base.received}
        width = area.width() / len(stages)
        split = area.height() * 0.68
        for place, stage in enumerate(stages):
            box = QRectF(area.left() + place * width, area.top(), width, split)
            self._draw_stage(painter, box, *stage, behind.get(stage[0]))
            if place:
                self._draw_arrow(painter, box, wire=place >= 3)
            tip = _STAGE_TIPS[stage[0]]
            self._tips.append((box, tip if stage[0] not in behind else f"{tip}\n{_behind_tip(behind[stage[0]])}"))
        self._draw_fill(painter, QRectF(area.left() + width, area.top(), width, split))
        self._draw_losses(painter, area, width, split)

    def _rate_words(self, place: int) -> str:
        words = number_format.rate(self._flow.rates[place])
        return f"mean {words}" if self._flow.over else words

    def _draw_stage(
        self, painter: QPainter, box: QRectF, name: str, number: str, color: str, below: str, behind: int | None
    ) -> None:
        scale = 2.0 if self._large else 1.0
        theme = self.theme
        inner = box.adjusted(26, 6, -10, -2)
        painter.setPen(theme.color("muted"))
        font = figure_font(self.font(), 0.9 * scale)
        widest = max(name, below, key=painter.fontMetrics().horizontalAdvance)
        _shrink(painter, font, widest, inner.width(), _LEAST_POINTS)
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, name)
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, below)
        if behind is not None:
            words = f"{BASELINE_MARK} {behind:,}"
            if painter.fontMetrics().horizontalAdvance(f"{name}  {words}") > inner.width():
                words = f"{BASELINE_MARK} {number_format.short(behind)}"
            beside = inner.adjusted(painter.fontMetrics().horizontalAdvance(f"{name}  "), 0, 0, 0)
            painter.drawText(beside, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, words)
        painter.setPen(theme.color("text" if color == "muted" else color))
        _shrink(painter, figure_font(self.font(), 1.7 * scale, bold=True), number, inner.width(), 7.0)
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
        groups: dict[int, list[LossCause]] = {}
        for cause in _causes_in(self._flow):
            groups.setdefault(_STAGE_COLUMNS[cause.stage], []).append(cause)
        self._draw_scope_label(
            painter, QRectF(area.left() + 26, area.top() + split + 4, width - 30, area.height() - split - 6)
        )
        for place, causes in groups.items():
            left = area.left() + place * width + 26
            # What is lost on the wire may take the room under the last stage, too, where nothing else stands.
            room = width * (1.9 if place == 3 and 4 not in groups else 1.0) - 30
            row = QRectF(left, area.top() + split + 4, room, area.height() - split - 6)
            self._draw_losses_of_stage(painter, row, causes)

    def _draw_scope_label(self, painter: QPainter, box: QRectF) -> None:
        """Under what was offered, where nothing can be lost yet."""
        painter.setFont(figure_font(self.font(), 1.7 if self._large else 0.9))
        painter.setPen(self.theme.color("muted"))
        words = painter.fontMetrics().elidedText(self._flow.scope_label, Qt.TextElideMode.ElideMiddle, int(box.width()))
        painter.drawText(box, _BESIDE, words)
        tip = "Whose events these are: what is selected in the tree, or all where nothing is."
        self._tips.append((box, f"{self._flow.scope_label}\n{tip}"))

    def _draw_losses_of_stage(self, painter: QPainter, row: QRectF, causes: list[LossCause]) -> None:
        """One behind the other, all in the one size in which they fit."""
        losses, base = self._flow.losses, self._baseline
        texts = {
            cause: f"↓ {cause.label} {losses[cause.key]:,}" if losses[cause.key] else f"{cause.label} 0"
            for cause in causes
        }
        font = figure_font(self.font(), 1.7 if self._large else 0.9)
        gap = _LOSS_GAP * (2 if self._large else 1)

        def needed() -> float:
            return sum(_width_of(text, font, bool(losses[cause.key])) + gap for cause, text in texts.items()) - gap

        while needed() > row.width() and font.pointSizeF() > _LEAST_POINTS:
            font.setPointSizeF(font.pointSizeF() - 0.5)
        if needed() > row.width():
            texts |= {
                cause: f"↓ {cause.label} {number_format.short(losses[cause.key])}"
                for cause in causes
                if losses[cause.key]
            }
        spare = row.width() - needed()
        left = row.left()
        for cause, text in texts.items():
            number, behind = losses[cause.key], 0 if base is None else base.losses[cause.key]
            font.setBold(bool(number))
            painter.setFont(font)
            painter.setPen(self.theme.color(cause.color if number else "muted"))
            box = QRectF(left, row.top(), _width_of(text, font, bool(number)), row.height())
            painter.drawText(box, _BESIDE, text)
            words = f" {BASELINE_MARK} {behind:,}"
            extra = _width_of(words, font, bool(number)) if behind else 0.0
            if behind and extra <= spare:
                painter.setPen(self.theme.color("muted"))
                painter.drawText(box.translated(box.width(), 0), _BESIDE, words)
                box.setWidth(box.width() + extra)
                spare -= extra
            tip = cause.tooltip
            self._tips.append((box, tip if base is None else f"{tip}\n{_behind_tip(behind)}"))
            left = box.right() + gap

    def event(self, event: QEvent) -> bool:
        """A tooltip for every number."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            for box, tip in reversed(self._tips):
                if box.contains(QPointF(event.pos())):
                    QToolTip.showText(event.globalPos(), tip, self)
                    return True
        return super().event(event)
