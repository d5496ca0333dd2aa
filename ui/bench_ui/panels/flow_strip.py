"""The flow strip: the ledger as a picture. Each loss is below the stage where it happened, in the colour of its cause.

flow -> texts -> **strip**
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from bench_ui.panels.flow import Flow
from bench_ui.panels.flow_texts import SCOPE_TIP, LossText, StageText, description_of, losses_of, stages_of
from bench_ui.widgets import number_format
from bench_ui.widgets.number_format import BASELINE_MARK
from bench_ui.widgets.plain_text import plain_tip
from bench_ui.widgets.theme import LIGHT, Theme, figure_font

_HEIGHT, _LEAST_HEIGHT, _LARGE_HEIGHT = 104, 92, 190
_USUAL_TEXT = 17
"""The height in pixels of the text for which the heights are meant."""
_STAGES_SHARE = 0.68
"""The part of the height that the stages take; the losses have the rest."""
_LEFT = 26
"""Pixels between the left edge of a stage and its text."""
_LOSS_GAP = 12.0
_LEAST_POINTS, _LEAST_NUMBER_POINTS = 6.5, 7.0
_FIRST_ON_THE_WIRE = 3
"""The place of the first stage that an event reaches over the wire."""
_WIRE_COLUMN, _REPLY_COLUMN = 3, 4
_ALMOST_FULL = 0.99
_ONE_LINE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
_TOP_LEFT = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
_BOTTOM_LEFT = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft
_MIDDLE_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class FlowStrip(QWidget):
    """offered -> queue -> accepted ~~> on the way -> received, and below each stage what was lost there.

    Attributes:
        flow: the numbers that are drawn.
        baseline: the numbers of the baseline; None without one.
        theme: the colours.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.theme: Theme = LIGHT
        self.flow = Flow()
        self.baseline: Flow | None = None
        self._large = False
        self._tips: list[tuple[QRectF, str]] = []
        """Tooltips of what was painted, each with its place."""
        self.setAccessibleName("Flow of events")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumHeight(_LEAST_HEIGHT)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for two rows of numbers."""
        return QSize(640, self._scaled(_LARGE_HEIGHT if self._large else _HEIGHT))

    def _scaled(self, height: int) -> int:
        """A height for text of the usual size, for the size of text that is used."""
        return max(height, int(height * self.fontMetrics().height() / _USUAL_TEXT))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Make room for text of another size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.set_large(self._large)

    def set_large(self, large: bool) -> None:
        """Make the strip readable from three metres, or give it its normal size."""
        self._large = large
        self.setMinimumHeight(self._scaled(_LARGE_HEIGHT if large else _LEAST_HEIGHT))
        self.updateGeometry()

    def show_flow(self, flow: Flow, baseline: Flow | None = None) -> None:
        """Draw these numbers, and beside them those of the baseline at the same moment of its run."""
        if (flow, baseline) == (self.flow, self.baseline):
            return
        self.flow, self.baseline = flow, baseline
        self.setAccessibleDescription(description_of(flow, baseline))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the stages, the arrows between them, and the losses below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, area = self.theme, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.color("focus" if self.hasFocus() else "line"), 1))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(area, 6, 6)
        self._tips = []
        stages = stages_of(self.flow, self.baseline)
        width = area.width() / len(stages)
        split = area.height() * _STAGES_SHARE
        for place, stage in enumerate(stages):
            box = QRectF(area.left() + place * width, area.top(), width, split)
            self._draw_stage(painter, box, stage)
            if place:
                self._draw_arrow(painter, box, wire=place >= _FIRST_ON_THE_WIRE)
            self._tips.append((box, stage.tooltip))
        self._draw_fill(painter, QRectF(area.left() + width, area.top(), width, split))
        below = QRectF(area.left(), area.top() + split + 4, area.width(), area.height() - split - 6)
        self._draw_scope_label(painter, QRectF(below.left() + _LEFT, below.top(), width - 30, below.height()))
        self._draw_losses(painter, below, width)

    def _draw_stage(self, painter: QPainter, box: QRectF, stage: StageText) -> None:
        scale = 2.0 if self._large else 1.0
        inner = box.adjusted(_LEFT, 6, -10, -2)
        painter.setPen(self.theme.color("muted"))
        widest = max(stage.name, stage.note, key=painter.fontMetrics().horizontalAdvance)
        _set_font_to_fit(painter, figure_font(self.font(), 0.9 * scale), widest, inner.width(), _LEAST_POINTS)
        painter.drawText(inner, _TOP_LEFT, stage.name)
        painter.drawText(inner, _BOTTOM_LEFT, stage.note)
        if stage.baseline is not None:
            self._draw_stage_baseline(painter, inner, stage, stage.baseline)
        painter.setPen(self.theme.color(stage.color))
        font = figure_font(self.font(), 1.7 * scale, bold=True)
        _set_font_to_fit(painter, font, stage.number, inner.width(), _LEAST_NUMBER_POINTS)
        painter.drawText(inner, _MIDDLE_LEFT, stage.number)

    def _draw_stage_baseline(self, painter: QPainter, inner: QRectF, stage: StageText, baseline: int) -> None:
        """Draw the baseline's number beside the stage's name, or beside its note.

        Where it has no room it is shortened, then drawn in smaller letters, and then left to the tooltip: a number
        that is cut is another number.
        """
        width_of = painter.fontMetrics().horizontalAdvance
        beside_name = inner.adjusted(width_of(f"{stage.name}  "), 0, 0, 0), _TOP_LEFT
        beside_note = inner.adjusted(width_of(f"{stage.note}  "), 0, 0, 0), _BOTTOM_LEFT
        texts = [f"{BASELINE_MARK} {number}" for number in (f"{baseline:,}", number_format.short(baseline))]
        choices = [(text, *place) for text in texts for place in (beside_name, beside_note)]
        text, room, flags = next(
            (choice for choice in choices if width_of(choice[0]) <= choice[1].width()),
            max(choices[2:], key=lambda choice: choice[1].width()),
        )
        _set_font_to_fit(painter, QFont(painter.font()), text, room.width(), _LEAST_POINTS)
        if painter.fontMetrics().horizontalAdvance(text) <= room.width():
            painter.drawText(room, flags, text)

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
        """Draw how full the queue is, as a bar along its stage."""
        if not self.flow.queue_size:
            return
        height = 8.0 if self._large else 4.0
        bar = QRectF(box.left() + _LEFT, box.bottom() - 1, box.width() - 44, height)
        share = min(1.0, self.flow.queued / self.flow.queue_size)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("line"))
        painter.drawRoundedRect(bar, 2, 2)
        if share:
            painter.setBrush(self.theme.color("overflow" if share > _ALMOST_FULL else "queue"))
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(3.0, bar.width() * share), height), 2, 2)

    def _draw_scope_label(self, painter: QPainter, box: QRectF) -> None:
        """Draw the selection under the first stage, where nothing can be lost yet."""
        painter.setFont(self._loss_font())
        painter.setPen(self.theme.color("muted"))
        label = self.flow.scope_label
        text = painter.fontMetrics().elidedText(label, Qt.TextElideMode.ElideMiddle, int(box.width()))
        painter.drawText(box, _ONE_LINE, text)
        self._tips.append((box, f"{label}\n{SCOPE_TIP}"))

    def _draw_losses(self, painter: QPainter, below: QRectF, width: float) -> None:
        """Draw each stage's losses below it."""
        groups = losses_of(self.flow, self.baseline)
        for place, losses in groups.items():
            # Losses on the wire also have the room below the last stage, unless requests lose replies there.
            stages = 1.9 if place == _WIRE_COLUMN and _REPLY_COLUMN not in groups else 1.0
            left = below.left() + place * width + _LEFT
            self._draw_stage_losses(painter, QRectF(left, below.top(), width * stages - 30, below.height()), losses)

    def _draw_stage_losses(self, painter: QPainter, room: QRectF, losses: list[LossText]) -> None:
        """Draw the losses of one stage in a row. Where it is too long, causes without a loss give way.

        Two causes that both lost something are then above each other, or in smaller letters.
        """
        font, gap = self._loss_font(), _LOSS_GAP * (2 if self._large else 1)
        self._tips.append((room, "\n".join(loss.tooltip for loss in losses)))
        shown = without_idle(losses, lambda some: _row_width(some, [one.text for one in some], font, gap), room.width())
        is_too_long = _row_width(shown, [loss.text for loss in shown], font, gap) > room.width()
        lines = [[loss] for loss in shown] if is_too_long else [shown]
        height = room.height() / len(lines)
        for number, line in enumerate(lines):
            box = QRectF(room.left(), room.top() + number * height, room.width(), height)
            self._draw_loss_line(painter, box, line, QFont(font), gap)

    def _draw_loss_line(self, painter: QPainter, room: QRectF, losses: list[LossText], font: QFont, gap: float) -> None:
        """Draw losses beside each other, in the largest font in which they fit."""
        texts = [loss.text for loss in losses]
        while (
            _row_width(losses, texts, font, gap) > room.width() or QFontMetrics(font).height() > room.height() + 2
        ) and font.pointSizeF() > _LEAST_POINTS:
            font.setPointSizeF(font.pointSizeF() - 0.5)
        if _row_width(losses, texts, font, gap) > room.width():
            texts = [loss.short_text for loss in losses]
        spare = room.width() - _row_width(losses, texts, font, gap)
        left = room.left()
        for loss, text in zip(losses, texts, strict=True):
            font.setBold(loss.has_losses)
            painter.setFont(font)
            painter.setPen(self.theme.color(loss.color))
            box = QRectF(left, room.top(), _width_of(text, font), room.height())
            painter.drawText(box, _ONE_LINE, text)
            if loss.baseline:
                spare -= self._draw_loss_baseline(painter, box, loss.baseline, font, spare)
            self._tips.append((box, loss.tooltip))
            left = box.right() + gap

    def _draw_loss_baseline(self, painter: QPainter, box: QRectF, baseline: int, font: QFont, spare: float) -> float:
        """Draw the baseline's number right of ``box`` and widen the box, if there is room; returns the width used."""
        text = f" {BASELINE_MARK} {baseline:,}"
        extra = _width_of(text, font)
        if extra > spare:
            return 0.0
        painter.setPen(self.theme.color("muted"))
        painter.drawText(box.translated(box.width(), 0), _ONE_LINE, text)
        box.setWidth(box.width() + extra)
        return extra

    def _loss_font(self) -> QFont:
        return figure_font(self.font(), 1.7 if self._large else 0.9)

    def event(self, event: QEvent) -> bool:
        """Show the tooltip of the number under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and (tip := self.tip_at(event.pos())):
            QToolTip.showText(event.globalPos(), plain_tip(tip), self)
            return True
        return super().event(event)

    def tip_at(self, place: QPoint) -> str:
        """The tooltip of what is painted at a place; "" where nothing has one."""
        return next((tip for box, tip in reversed(self._tips) if box.contains(QPointF(place))), "")


def without_idle(losses: list[LossText], width_of: Callable[[list[LossText]], float], room: float) -> list[LossText]:
    """Leave out causes without a loss, the last one first, until the others fit; one cause always stays."""
    shown = list(losses)
    for loss in reversed(losses):
        if len(shown) > 1 and not loss.has_losses and not loss.baseline and width_of(shown) > room:
            shown.remove(loss)
    return shown


def _row_width(losses: list[LossText], texts: list[str], font: QFont, gap: float) -> float:
    """The width of a row of losses; those with losses are bold."""
    measured = QFont(font)
    width = -gap
    for loss, text in zip(losses, texts, strict=True):
        measured.setBold(loss.has_losses)
        width += _width_of(text, measured) + gap
    return width


def _width_of(text: str, font: QFont) -> float:
    return float(QFontMetrics(font).horizontalAdvance(text))


def _set_font_to_fit(painter: QPainter, font: QFont, text: str, width: float, least_points: float) -> None:
    """Use a font for what is painted next, made smaller until the text fits or the font is as small as it may be."""
    painter.setFont(font)
    while painter.fontMetrics().horizontalAdvance(text) > width and font.pointSizeF() > least_points:
        font.setPointSizeF(font.pointSizeF() - 0.5)
        painter.setFont(font)
