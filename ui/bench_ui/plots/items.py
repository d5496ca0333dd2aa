"""What a plot is put together from: thick curves that are cheap, a grid, marker lines, axes with readable ticks.

A pen wider than one pixel costs Qt's rasteriser a hundred times as much, pyqtgraph's own grid ten times; the bar is
four plots in a few milliseconds a frame. So curves are thin lines drawn twice, and the grid is drawn here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from bench_ui.widgets import number_format
from bench_ui.widgets.theme import Theme

MARKERS_KEPT = 300
LABEL_CHARACTERS = 44
THIN, THICK = 2, 4
"""Pixels of a curve, and of one that is to be seen from three metres."""
SMALL_POINTS, LARGE_POINTS = 7.5, 13.0
LEAST_LABEL = 70.0
"""Pixels below which words are left out rather than cut."""
NEAR_PIXELS = 5.0
"""Marks nearer to each other would be one bar."""


class Curve(pg.PlotCurveItem):  # type: ignore[misc]
    """A line a few pixels wide for the price of as many thin ones."""

    width = THIN

    def paint(self, p: QPainter, opt: Any, widget: Any) -> None:
        """Draw it, and again a pixel lower each time."""
        super().paint(p, opt, widget)
        pixel = self.pixelVectors()[1]
        if self.opts["fillLevel"] is not None or pixel is None:
            return
        for _ in range(self.width - 1):
            p.translate(QPointF(pixel.x(), pixel.y()))
            super().paint(p, opt, widget)


class _Overlay(pg.GraphicsObject):  # type: ignore[misc]
    """Something that fills the view whatever its range."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(-100)

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        """The whole view."""
        view = self.getViewBox()
        return QRectF() if view is None else view.viewRect()

    def viewRangeChanged(self) -> None:  # noqa: N802 (pyqtgraph's name)
        """Another part is looked at."""
        self.prepareGeometryChange()


class Grid(_Overlay):
    """Lines at the labelled ticks of both axes."""

    def __init__(self, plot: pg.PlotItem) -> None:
        super().__init__()
        self._plot = plot
        self.pen = QPen()

    def paint(self, p: QPainter, opt: Any, widget: Any) -> None:
        """Draw it."""
        view = self.getViewBox()
        rect, width, height = view.viewRect(), view.width(), view.height()
        p.setPen(self.pen)
        p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        lines = []
        for x in _ticks(self._plot.getAxis("bottom"), rect.left(), rect.right(), width):
            lines.append(QLineF(x, rect.top(), x, rect.bottom()))
        for y in _ticks(self._plot.getAxis("left"), rect.top(), rect.bottom(), height):
            lines.append(QLineF(rect.left(), y, rect.right(), y))
        p.drawLines(lines)


def _ticks(axis: pg.AxisItem, low: float, high: float, size: float) -> Sequence[float]:
    levels = axis.tickValues(low, high, size)
    return levels[0][1] if levels else ()


class Markers(_Overlay):
    """Vertical lines where a setting changed, a peer came or went, a fault was set; with what it was."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(50)
        self.pen = QPen()
        self.color = QColor()
        self.marks: list[tuple[float, str, bool]] = []
        """When, what, and whether somebody did it (and not the system under test)."""
        self._points = SMALL_POINTS
        self._widths: dict[str, int] = {}
        """Of the words of marks that were painted; measuring them anew costs more than drawing them."""

    def add(self, at_s: float, text: str, is_act: bool = False) -> None:
        """Mark a moment of the run."""
        self.marks.append((at_s, text, is_act))
        del self.marks[:-MARKERS_KEPT]
        self.update()

    def set_large(self, large: bool) -> None:
        """Words that are readable from three metres."""
        self._points = LARGE_POINTS if large else SMALL_POINTS
        self._widths.clear()
        self.update()

    def clear(self) -> None:
        """No marks."""
        self.marks.clear()
        self._widths.clear()
        self.update()

    def near(self, at_s: float, within_s: float) -> list[str]:
        """What is marked about there."""
        return [text for when, text, _ in self.marks if abs(when - at_s) <= within_s]

    def paint(self, p: QPainter, opt: Any, widget: Any) -> None:
        """Draw lines and, where there is room, words."""
        rect = self.getViewBox().viewRect()
        seen = [mark for mark in self.marks if rect.left() <= mark[0] <= rect.right()]
        if not seen:
            return
        shown = merge_marks(seen, NEAR_PIXELS * rect.width() / max(1.0, self.getViewBox().width()))
        p.setPen(self.pen)
        p.drawLines([QLineF(when, rect.top(), when, rect.bottom()) for when, _ in shown])
        transform = p.transform()
        p.save()
        p.resetTransform()
        font = p.font()
        font.setPointSizeF(self._points)
        p.setFont(font)
        p.setPen(self.color)
        metrics = p.fontMetrics()
        right = float("inf")
        top = transform.map(QPointF(0, rect.bottom())).y()
        left, edge = (transform.map(QPointF(x, 0)).x() for x in (rect.left(), rect.right()))
        for when, text in reversed(shown):
            x = transform.map(QPointF(when, 0)).x() + 3
            words = text if len(text) <= LABEL_CHARACTERS else text[: LABEL_CHARACTERS - 1] + "…"
            width = self._widths.get(words)
            if width is None:
                width = self._widths[words] = metrics.horizontalAdvance(words)
            before, after = x - 6 - left, edge - x
            if width > max(before, after) > LEAST_LABEL:
                # What was changed to what comes last.
                words = metrics.elidedText(words, Qt.TextElideMode.ElideLeft, int(max(before, after)))
                width = metrics.horizontalAdvance(words)
            if width > after:
                # Near the right edge the words stand before their line.
                x -= width + 6
            if left < x and x + width < right:
                p.drawText(QPointF(x, top + metrics.ascent() + 1), words)
                right = x - 6
        p.restore()


def merge_marks(marks: Sequence[tuple[float, str, bool]], least_s: float) -> list[tuple[float, str]]:
    """One mark for those that would stand in one place: its words are of what was done last, not of what came of it."""
    groups: list[list[tuple[float, str, bool]]] = []
    for mark in marks:
        if groups and mark[0] - groups[-1][0][0] < least_s:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return [(group[0][0], next((m[1] for m in reversed(group) if m[2]), group[-1][1])) for group in groups]


class ClockAxis(pg.AxisItem):  # type: ignore[misc]
    """Seconds of the run, as a clock."""

    _STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """A tick each 70 pixels or so."""
        wanted = (high - low) / max(1.0, size / 70)
        step = next((step for step in self._STEPS if step >= wanted), self._STEPS[-1])
        first = math.ceil(low / step)
        last = math.floor(high / step)
        if last - first > 100:
            return []
        return [(step, [round(place * step, 3) for place in range(first, last + 1) if place >= 0])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Minutes and seconds."""
        return [number_format.axis_clock(value) for value in values]


class LatencyAxis(pg.AxisItem):  # type: ignore[misc]
    """log10 of ns, labelled with units: 10 µs, 100 µs, 1 ms."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """Each decade; 2 and 5 too where there are few."""
        decades = range(math.floor(low), math.ceil(high) + 1)
        within = [float(decade) for decade in decades if low <= decade <= high]
        if len(within) >= 3 or size < 60:
            return [(1.0, within)]
        finer = [decade + math.log10(step) for decade in decades for step in (1, 2, 5)]
        return [(1.0, [value for value in finer if low <= value <= high])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """With the unit."""
        return [number_format.duration_ns(round(10**value, 6)).replace(".00", "").replace(".0", "") for value in values]


class CountAxis(pg.AxisItem):  # type: ignore[misc]
    """Counts and rates, with one SI prefix that the axis keeps."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """Some five round values."""
        if high <= low:
            return []
        step = number_format.nice_above((high - low) / max(2.0, size / 32))
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        return [(step, [place * step for place in range(first, last + 1)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """All with the same prefix."""
        top = max((abs(value) for value in values), default=0.0)
        divisor, prefix = next(((d, p) for d, p in ((1e6, "M"), (1e3, "k")) if top >= d), (1.0, ""))
        texts = [f"{value / divisor:.3f}".rstrip("0").rstrip(".") for value in values]
        return [text if text == "0" else text + prefix for text in texts]


class NinesAxis(pg.AxisItem):  # type: ignore[misc]
    """-log10(1 - p): every nine of a percentile takes the same room."""

    _TICKS = ((0.0, "0"), (0.30103, "50"), (1.0, "90"), (2.0, "99"), (3.0, "99.9"), (4.0, "99.99"), (5.0, "99.999"))

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """The usual percentiles."""
        return [(1.0, [value for value, _ in self._TICKS if low <= value <= high])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """In percent."""
        names = dict(self._TICKS)
        return [f"{names.get(value, '')} %" for value in values]


def dress(plot: pg.PlotWidget, theme: Theme) -> None:
    """Give a plot the theme's colours."""
    plot.setBackground(theme.panel)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(pg.mkPen(theme.line))
        axis.setTextPen(pg.mkPen(theme.muted))


def dashed(color: QColor) -> QPen:
    """For the baseline and markers."""
    pen = QPen(color, 1, Qt.PenStyle.DashLine)
    # Otherwise its width would be in seconds and messages.
    pen.setCosmetic(True)
    return pen
