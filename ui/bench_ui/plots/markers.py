"""Vertical lines that mark moments of the run: a fault, a note, a changed setting, a peer that came or went."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QApplication

from bench_ui.plots.curve_item import dashed
from bench_ui.plots.mark import Mark, MarkKind
from bench_ui.plots.overlay import Overlay
from bench_ui.widgets.theme import LIGHT, Theme

MARKERS_KEPT = 300
LABEL_CHARACTERS = 44
SMALL, LARGE = 0.83, 1.45
"""The sizes of labels in proportion to the text of the application, and in the presentation."""
LEAST_LABEL = 70.0
"""A label is not cut to fewer pixels than this."""
NEAR_PIXELS = 5.0
"""Markers nearer to each other than this become one."""
ROWS_SHARE, MOST_ROWS = 0.2, 3
"""Labels take at most this part of the height, and at most so many rows."""
_OPAQUE = 170
"""A label stays legible over curves, which shine through."""
_LABEL_GAP = 3
"""Pixels between a line and its label."""


_COLORS = {MarkKind.EVENT: "muted", MarkKind.CHANGE: "muted", MarkKind.NOTE: "focus", MarkKind.FAULT: "lost"}


class Label(NamedTuple):
    """A label that has room: its text, the pixel where it begins, the kind of its mark, and its row from the top."""

    text: str
    x: float
    kind: MarkKind
    row: int = 0


class Markers(Overlay):
    """The lines and labels of a plot.

    Attributes:
        marks: the moments, in the order in which they were added.
        theme: the colours.
        has_labels: False for a plot in which labels would cover the curves.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(50)
        self.theme: Theme = LIGHT
        self.has_labels = True
        self.marks: list[Mark] = []
        self._points = label_points(large=False)
        self._line_width = 1
        self._widths: dict[str, int] = {}
        """Widths of the labels painted so far. Measuring a label again costs more than drawing it."""

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        self.theme = theme
        self.update()

    def add(self, mark: Mark) -> None:
        """Mark a moment of the run."""
        self.marks.append(mark)
        del self.marks[:-MARKERS_KEPT]
        self.update()

    def extend_change(self, mark: Mark) -> None:
        """Replace the last change: a slider was dragged on."""
        places = [place for place, one in enumerate(self.marks) if one.kind is MarkKind.CHANGE]
        if places:
            self.marks[places[-1]] = mark
            self.update()
        else:
            self.add(mark)

    def set_large(self, large: bool, growth: float = 1.0) -> None:
        """Use labels that are readable from three metres. They are ``growth`` times larger in a large window."""
        self._points = label_points(large, growth)
        self._line_width = max(1, round(growth)) if large else 1
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
        seen = sorted((mark for mark in self.marks if rect.left() <= mark.at_s <= rect.right()), key=lambda m: m.at_s)
        if not seen:
            return
        shown = merge_marks(seen, NEAR_PIXELS * rect.width() / max(1.0, view.width()))
        for kind in sorted({mark.kind for mark in shown}):
            p.setPen(dashed(self.theme.color(_COLORS[kind]), self._line_width))
            lines = [QLineF(mark.at_s, rect.top(), mark.at_s, rect.bottom()) for mark in shown if mark.kind is kind]
            p.drawLines(lines)
        if not self.has_labels:
            return
        transform = p.transform()
        left, right = (transform.map(QPointF(x, 0)).x() for x in (rect.left(), rect.right()))
        top = transform.map(QPointF(0, rect.bottom())).y()
        p.save()
        p.resetTransform()
        font = p.font()
        font.setPointSizeF(self._points)
        p.setFont(font)
        metrics = p.fontMetrics()
        at_pixels = [mark._replace(at_s=transform.map(QPointF(mark.at_s, 0)).x()) for mark in shown]
        background = self.theme.color("panel")
        background.setAlpha(_OPAQUE)
        rows = max(1, min(MOST_ROWS, int(view.height() * ROWS_SHARE / metrics.height())))
        for label in place_labels(at_pixels, left, right, self._width_in(metrics), rows):
            y = top + 1 + label.row * metrics.height()
            p.fillRect(QRectF(label.x, y, self._width_in(metrics)(label.text), metrics.height()), background)
            p.setPen(self.theme.color(_COLORS[label.kind]))
            p.drawText(QPointF(label.x, y + metrics.ascent()), label.text)
        p.restore()

    def _width_in(self, metrics: QFontMetrics) -> Callable[[str], float]:
        def width_of(text: str) -> float:
            width = self._widths.get(text)
            if width is None:
                width = self._widths[text] = metrics.horizontalAdvance(text)
            return width

        return width_of


def label_points(large: bool, growth: float = 1.0) -> float:
    """The size of text in a plot: large text grows with the window."""
    return QApplication.font().pointSizeF() * (LARGE * growth if large else SMALL)


def place_labels(
    marks: Sequence[Mark], left: float, right: float, width_of: Callable[[str], float], rows: int = 1
) -> list[Label]:
    """The labels that have room between the edges, without overlapping. Each mark has its pixel in place of its time.

    Faults come first, then notes, changes and other events; of one kind the newest first. A label is to the right of
    its line, else to the left. One that does not fit is cut at one end, and left out if little of it would remain.
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in range(rows)]
    lines = [(mark.at_s, mark.at_s) for mark in marks]
    labels: list[Label] = []
    for mark in sorted(marks, key=lambda mark: (mark.kind, mark.at_s), reverse=True):
        # Better a short text than one that covers the lines beside it, and better that than a part of a text.
        attempts = (
            *((row, [*taken[row], *lines], _complete) for row in range(rows)),
            *((row, taken[row], _complete) for row in range(rows)),
            *((row, taken[row], _cut) for row in range(rows)),
        )
        for row, occupied, fit in attempts:
            before, after = _room_beside(mark.at_s, occupied, left, right)
            text = fit(mark, max(before, after), width_of)
            if text:
                width = width_of(text)
                x = mark.at_s + _LABEL_GAP if width <= after else mark.at_s - _LABEL_GAP - width
                taken[row].append((x, x + width))
                labels.append(Label(text, x, mark.kind, row))
                break
    return labels


def _room_beside(at: float, taken: Sequence[tuple[float, float]], left: float, right: float) -> tuple[float, float]:
    """The free pixels to the left and to the right of a line."""
    # The line itself, and others at the same place, have no width and take no room.
    if any(begin <= at < end for begin, end in taken):
        return 0.0, 0.0
    start = max((end for begin, end in taken if begin < at), default=left)
    end = min((begin for begin, _ in taken if begin > at), default=right)
    return at - max(left, start) - 2 * _LABEL_GAP, min(right, end) - at - 2 * _LABEL_GAP


def _complete(mark: Mark, room: float, width_of: Callable[[str], float]) -> str:
    """The text or the short text of a mark, if it fits into so many pixels; else ""."""
    texts = (text for text in (mark.text, mark.short) if text and len(text) <= LABEL_CHARACTERS)
    return next((text for text in texts if width_of(text) <= room), "")


def _cut(mark: Mark, room: float, width_of: Callable[[str], float]) -> str:
    """As much of the text of a mark as fits into so many pixels; "" if that is little."""
    text = mark.short or mark.text
    # The new value of a setting comes last, so a change loses its beginning. Everything else loses its end.
    characters = min(len(text) - 1, LABEL_CHARACTERS - 1)
    while characters > 0:
        cut = f"…{text[-characters:]}" if mark.kind is MarkKind.CHANGE else f"{text[:characters].rstrip()}…"
        width = width_of(cut)
        if width <= room:
            return cut if width >= min(LEAST_LABEL, width_of(text)) else ""
        # Characters differ in width, so this comes near to the right number in few steps.
        characters = min(characters - 1, int(characters * max(room, 0.0) / width))
    return ""


def merge_marks(marks: Iterable[Mark], least_s: float) -> list[Mark]:
    """One mark for all marks within ``least_s``: the last one of the highest kind, at the time of the first one."""
    groups: list[list[Mark]] = []
    for mark in marks:
        if groups and mark.at_s - groups[-1][0].at_s < least_s:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return [max(reversed(group), key=lambda mark: mark.kind)._replace(at_s=group[0].at_s) for group in groups]
