"""Vertical lines that mark moments of the run: a changed setting, a peer that came or went, a crash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from bench_ui.plots.overlay import Overlay

MARKERS_KEPT = 300
LABEL_CHARACTERS = 44
SMALL_POINTS, LARGE_POINTS = 7.5, 13.0
LEAST_LABEL = 70.0
"""A label is not cut to fewer pixels than this."""
NEAR_PIXELS = 5.0
"""Markers nearer to each other than this become one."""
_LABEL_GAP = 3
"""Pixels between a line and its label."""


class Mark(NamedTuple):
    """A moment of the run and its label. ``is_action`` is True if the user acted, not the system under test."""

    at_s: float
    text: str
    is_action: bool


class Markers(Overlay):
    """The lines and labels of a plot.

    Attributes:
        marks: the moments, oldest first.
        pen: the pen of the lines.
        color: the colour of the labels.
        has_labels: False for a plot in which labels would cover the curves.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(50)
        self.pen = QPen()
        self.color = QColor()
        self.has_labels = True
        self.marks: list[Mark] = []
        self._points = SMALL_POINTS
        self._widths: dict[str, int] = {}
        """Widths of the labels painted so far. Measuring a label again costs more than drawing it."""

    def add(self, at_s: float, text: str, is_action: bool = False) -> None:
        """Mark a moment of the run."""
        self.marks.append(Mark(at_s, text, is_action))
        del self.marks[:-MARKERS_KEPT]
        self.update()

    def set_large(self, large: bool) -> None:
        """Use labels that are readable from three metres."""
        self._points = LARGE_POINTS if large else SMALL_POINTS
        self._widths.clear()
        self.update()

    def clear(self) -> None:
        """Remove all marks."""
        self.marks.clear()
        self._widths.clear()
        self.update()

    def near(self, at_s: float, within_s: float) -> list[str]:
        """The labels of the marks around a moment."""
        return [mark.text for mark in self.marks if abs(mark.at_s - at_s) <= within_s]

    def paint(self, p: QPainter, opt: Any, widget: Any) -> None:
        """Draw the lines, and the labels that have room."""
        view = self.getViewBox()
        rect = view.viewRect()
        seen = [mark for mark in self.marks if rect.left() <= mark.at_s <= rect.right()]
        if not seen:
            return
        shown = merge_marks(seen, NEAR_PIXELS * rect.width() / max(1.0, view.width()))
        p.setPen(self.pen)
        p.drawLines([QLineF(at_s, rect.top(), at_s, rect.bottom()) for at_s, _ in shown])
        if not self.has_labels:
            return
        transform = p.transform()
        left, right = (transform.map(QPointF(x, 0)).x() for x in (rect.left(), rect.right()))
        top = transform.map(QPointF(0, rect.bottom())).y()
        lines = [(transform.map(QPointF(at_s, 0)).x(), text) for at_s, text in shown]
        p.save()
        p.resetTransform()
        font = p.font()
        font.setPointSizeF(self._points)
        p.setFont(font)
        p.setPen(self.color)
        self._draw_labels(p, lines, left, right, top)
        p.restore()

    def _draw_labels(
        self, p: QPainter, lines: Sequence[tuple[float, str]], left: float, right: float, top: float
    ) -> None:
        """Draw labels from the right to the left edge. A label that would overlap its right neighbour is left out."""
        metrics = p.fontMetrics()
        free_to = float("inf")
        for line_x, text in reversed(lines):
            label, width = self._fitted(text, metrics, line_x - _LABEL_GAP - left, right - line_x - _LABEL_GAP)
            x = line_x + _LABEL_GAP
            if width > right - x:
                # Near the right edge the label is drawn to the left of its line.
                x -= width + 2 * _LABEL_GAP
            if left < x and x + width < free_to:
                p.drawText(QPointF(x, top + metrics.ascent() + 1), label)
                free_to = x - 2 * _LABEL_GAP

    def _fitted(self, text: str, metrics: QFontMetrics, before: float, after: float) -> tuple[str, int]:
        """The label and its width, cut to the larger of the rooms before and after its line."""
        label = text if len(text) <= LABEL_CHARACTERS else text[: LABEL_CHARACTERS - 1] + "…"
        width = self._widths.get(label)
        if width is None:
            width = self._widths[label] = metrics.horizontalAdvance(label)
        if width > max(before, after) > LEAST_LABEL:
            # Cut at the left: the new value of a setting comes last.
            label = metrics.elidedText(label, Qt.TextElideMode.ElideLeft, int(max(before, after)))
            width = metrics.horizontalAdvance(label)
        return label, width


def merge_marks(marks: Sequence[tuple[float, str, bool]], least_s: float) -> list[tuple[float, str]]:
    """One mark for all marks within ``least_s``. Its label is the user's last action, else the last mark."""
    groups: list[list[tuple[float, str, bool]]] = []
    for mark in marks:
        if groups and mark[0] - groups[-1][0][0] < least_s:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return [(group[0][0], next((m[1] for m in reversed(group) if m[2]), group[-1][1])) for group in groups]
