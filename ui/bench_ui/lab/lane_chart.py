"""Draws the trials of a search on a number axis: lanes -> **lane chart**."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from bench_ui.lab.lanes import Lane, LaneChart, LanePoint, PointState
from bench_ui.widgets.elided_label import whole_words
from bench_ui.widgets.plain_text import plain_tip
from bench_ui.widgets.theme import GRID, LIGHT, Theme, figure_font

LANE_HEIGHT = 84
MOST_LANE_HEIGHT = 132
_RADIUS = 4.5
_NEAR = 9.0


class LaneChartView(QWidget):
    """The chart. A good trial is a dot, a bad one a cross, one that does not count a ring.

    Attributes:
        chart: what is shown.
        theme: the colours.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = LaneChart((), "")
        self.theme: Theme = LIGHT
        self.setAccessibleName(name)
        self.setMinimumSize(240, LANE_HEIGHT)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for all lanes."""
        return QSize(560, self._height())

    def _height(self) -> int:
        return LANE_HEIGHT * max(1, len(self.chart.lanes)) + self.fontMetrics().height() * 2 + GRID

    def show_chart(self, chart: LaneChart) -> None:
        """Show other trials or bounds."""
        if len(chart.lanes) != len(self.chart.lanes):
            self.chart = chart
            self.setMinimumHeight(min(self._height(), 3 * LANE_HEIGHT))
            self.updateGeometry()
        self.chart = chart
        self.setAccessibleDescription("; ".join(f"{lane.title}: {lane.text}" for lane in chart.lanes))
        self.update()

    @property
    def area(self) -> QRectF:
        """The rectangle of all lanes."""
        height = self.fontMetrics().height()
        return QRectF(GRID, 0, max(1.0, self.width() - 2.0 * GRID), max(1.0, self.height() - 2.0 * height - GRID))

    def place_of(self, lane: int, point: LanePoint) -> QPointF:
        """Where a point is drawn."""
        band = self._band(lane)
        return QPointF(self._x(point.x), band.top() + (band.height() + self.fontMetrics().height()) / 2)

    def _band(self, lane: int) -> QRectF:
        area = self.area
        height = min(area.height() / max(1, len(self.chart.lanes)), MOST_LANE_HEIGHT)
        return QRectF(area.left(), area.top() + lane * height, area.width(), height)

    def _x(self, value: float) -> float:
        area = self.area
        return area.left() + area.width() * self.chart.share(value)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw axis, bounds and trials."""
        if not self.chart.lanes:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(figure_font(self.font(), 0.95))
        self._draw_axis(painter)
        for number, lane in enumerate(self.chart.lanes):
            self._draw_lane(painter, number, lane)

    def _draw_axis(self, painter: QPainter) -> None:
        theme, area, metrics = self.theme, self.area, painter.fontMetrics()
        bottom = self._band(len(self.chart.lanes) - 1).bottom()
        last = -1e9
        for value, text in self.chart.ticks:
            x, width = self._x(value), metrics.horizontalAdvance(text)
            painter.setPen(theme.color("line"))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, bottom))
            if x - width / 2 > last + GRID:
                painter.setPen(theme.color("muted"))
                painter.drawText(QPointF(min(x - width / 2, self.width() - width), bottom + metrics.ascent() + 2), text)
                last = x + width / 2
        painter.setPen(theme.color("muted"))
        below = QRectF(area.left(), bottom + metrics.height(), area.width(), metrics.height() + 4)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self.chart.axis)

    def _draw_lane(self, painter: QPainter, number: int, lane: Lane) -> None:
        theme, band, metrics = self.theme, self._band(number), painter.fontMetrics()
        painter.setPen(theme.color("line"))
        if number:
            painter.drawLine(band.topLeft(), band.topRight())
        head = QRectF(band.left(), band.top() + 2, band.width(), metrics.height())
        painter.setPen(theme.color("text"))
        painter.drawText(head, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), lane.title)
        room = head.adjusted(metrics.horizontalAdvance(lane.title) + 2 * GRID, 0, 0, 0)
        text = whole_words(lane.text, metrics, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)
        self._draw_bounds(painter, band.adjusted(0, metrics.height() + 4, 0, -2), lane)
        for point in lane.points:
            self._draw_point(painter, self.place_of(number, point), point.state)

    def _draw_bounds(self, painter: QPainter, band: QRectF, lane: Lane) -> None:
        theme = self.theme
        if lane.low is not None:
            good = QRectF(band.left(), band.top(), self._x(lane.low) - band.left(), band.height())
            painter.fillRect(good, theme.faded("received", 0.18))
            painter.setPen(QPen(theme.color("received"), 2))
            painter.drawLine(good.topRight(), good.bottomRight())
        if lane.high is not None:
            left = self._x(lane.high)
            bad = QRectF(left, band.top(), band.right() - left, band.height())
            painter.fillRect(bad, theme.faded("lost", 0.18))
            painter.setPen(QPen(theme.color("lost"), 2))
            painter.drawLine(bad.topLeft(), bad.bottomLeft())

    def _draw_point(self, painter: QPainter, at: QPointF, state: PointState) -> None:
        color = self.theme.color(state.value)
        painter.setPen(QPen(color, 2))
        painter.setBrush(color if state is PointState.GOOD else Qt.BrushStyle.NoBrush)
        if state is PointState.BAD:
            for sign in (1, -1):
                painter.drawLine(at + QPointF(-_RADIUS, -_RADIUS * sign), at + QPointF(_RADIUS, _RADIUS * sign))
        else:
            painter.drawEllipse(at, _RADIUS, _RADIUS)

    def event(self, event: QEvent) -> bool:
        """Say what the trial under the pointer showed."""
        if isinstance(event, QHelpEvent):
            text = self._text_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), plain_tip(text), self) if text else QToolTip.hideText()
            return True
        return super().event(event)

    def _text_at(self, place: QPointF) -> str:
        near = [
            point.text
            for number, lane in enumerate(self.chart.lanes)
            for point in lane.points
            if (self.place_of(number, point) - place).manhattanLength() <= _NEAR
        ]
        return "\n".join(near[-3:])
