"""Two cursors on the time axis, and a table of what the curves did between them: time window -> **cursors** -> plots.

The table is drawn over the curves, on the side of the plot where the cursors are not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from bench_ui.plots.markers import label_points
from bench_ui.plots.overlay import Overlay
from bench_ui.widgets import number_format
from bench_ui.widgets.theme import Theme

NAMES = "AB"
_PAD = 4
"""Pixels around the text of a badge or of the table."""
_OPAQUE = 235
"""The table hides the curves behind it, but not completely."""


@dataclass(frozen=True)
class Row:
    """What one curve did between two moments, as texts. ``color`` is the name of its colour in the theme."""

    color: str
    name: str
    values: str
    difference: str


class Cursors(Overlay):
    """The cursors of one plot, the time under the pointer, and the table.

    Attributes:
        moments: the times of the cursors; the time under the pointer stands in for a second one.
        pointer_s: the time under the pointer; None while the pointer is elsewhere.
        rows: the lines of the table.
        has_table: False for a plot without room for a table and for badges.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(60)
        self.moments: tuple[float, ...] = ()
        self.pointer_s: float | None = None
        self.rows: Sequence[Row] = ()
        self.has_table = True
        self._theme: Theme | None = None
        self._points = label_points(large=False)

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        self._theme = theme
        self.update()

    def set_large(self, large: bool, growth: float = 1.0) -> None:
        """Use text that is readable from three metres. It is ``growth`` times larger in a large window."""
        self._points = label_points(large, growth)
        self.update()

    @property
    def compared(self) -> tuple[float, float] | None:
        """The two moments that the table compares: both cursors, or a cursor and the pointer; None for no table."""
        if len(self.moments) == 2:
            return self.moments[0], self.moments[1]
        if len(self.moments) == 1 and self.pointer_s is not None:
            return self.moments[0], self.pointer_s
        return None

    @property
    def title(self) -> str:
        """The first line of the table: both times, and the time between them."""
        if self.compared is None:
            return ""
        first, second = self.compared
        name = NAMES[1] if len(self.moments) == 2 else "pointer"
        return f"{NAMES[0]} {_clock(first)}   {name} {_clock(second)}   Δ {second - first:+.2f} s"

    def show(self, moments: tuple[float, ...], pointer_s: float | None, rows: Sequence[Row]) -> None:
        """Show these cursors and this table."""
        shown = (moments, pointer_s, tuple(rows))
        if shown != (self.moments, self.pointer_s, self.rows):
            self.moments, self.pointer_s, self.rows = shown
            self.update()

    def paint(self, p: QPainter, opt: Any, widget: Any) -> None:
        """Draw the lines, the badges at their feet, and the table."""
        theme = self._theme
        if theme is None or (not self.moments and self.pointer_s is None):
            return
        rect, transform = self.getViewBox().viewRect(), p.transform()
        area = transform.mapRect(rect).normalized()
        p.save()
        p.resetTransform()
        font = QFont(p.font())
        font.setPointSizeF(self._points)
        p.setFont(font)
        for name, at_s in zip(NAMES, self.moments, strict=False):
            if rect.left() <= at_s <= rect.right():
                x = transform.map(QPointF(at_s, 0.0)).x()
                p.setPen(QPen(theme.color("focus"), 1))
                p.drawLine(QLineF(x, area.top(), x, area.bottom()))
                if self.has_table:
                    _draw_badge(p, f"{name} {_clock(at_s)}", x, area, theme.color("focus"), theme.color("panel"))
        if self.has_table and self.pointer_s is not None and rect.left() <= self.pointer_s <= rect.right():
            x = transform.map(QPointF(self.pointer_s, 0.0)).x()
            # Above the badges of the cursors, which it would cover.
            above = area.adjusted(0, 0, 0, -p.fontMetrics().height() if self.moments else 0)
            _draw_badge(p, _clock(self.pointer_s), x, above, theme.color("panel"), theme.color("text"))
        if self.has_table and self.compared is not None:
            middle = sum(self.compared) / 2
            self._draw_table(p, area, theme, at_right=middle < rect.center().x())
        p.restore()

    def _draw_table(self, p: QPainter, area: QRectF, theme: Theme, at_right: bool) -> None:
        metrics = p.fontMetrics()
        line = float(metrics.height())
        gap = metrics.horizontalAdvance("  ") + _PAD
        most = int((area.height() - 2 * _PAD) / line) - 1
        blocks = _blocks(self.rows, most)
        if sum(sum(_column_widths(block, metrics)) + 3 * gap for block in blocks) > area.width():
            # The difference is what the cursors are for; the values are in the legend under the pointer.
            blocks = _blocks([replace(row, values="") for row in self.rows], most)
        columns = [_column_widths(block, metrics) for block in blocks]
        widths = [sum(block) + 2 * gap for block in columns]
        width = max(sum(widths) + gap * (len(blocks) - 1), metrics.horizontalAdvance(self.title)) + 2 * _PAD
        # In a plot that is too low even for two lines, they are nearer to each other.
        lines = 1 + max(map(len, blocks), default=0)
        line = max(float(metrics.ascent()), min(line, (area.height() - 2 * _PAD) / lines))
        height = line * lines + 2 * _PAD
        left = area.right() - width - _PAD if at_right else area.left() + _PAD
        top = area.top() + max(0.0, min(float(_PAD), area.height() - height))
        box = QRectF(max(area.left(), left), top, width, height)
        background = theme.color("panel")
        background.setAlpha(_OPAQUE)
        p.setPen(QPen(theme.color("line"), 1))
        p.setBrush(background)
        p.drawRect(box)
        x, y = box.left() + _PAD, box.top() + _PAD + metrics.ascent()
        p.setPen(theme.color("text"))
        p.drawText(QPointF(x, y), self.title)
        for block, block_columns, block_width in zip(blocks, columns, widths, strict=True):
            for place, row in enumerate(block, 1):
                _draw_row(p, row, QPointF(x, y + place * line), block_columns, gap, theme)
            x += block_width + gap


def _blocks(rows: Sequence[Row], most: int) -> list[Sequence[Row]]:
    """The rows in blocks that stand beside each other, so that none has more rows than a low plot has room for."""
    most = max(1, most)
    return [rows[place : place + most] for place in range(0, len(rows), most)]


def _column_widths(rows: Sequence[Row], metrics: QFontMetrics) -> list[int]:
    cells = ([row.name for row in rows], [row.values for row in rows], [row.difference for row in rows])
    return [max((metrics.horizontalAdvance(text) for text in texts), default=0) for texts in cells]


def _draw_row(p: QPainter, row: Row, at: QPointF, columns: Sequence[int], gap: int, theme: Theme) -> None:
    metrics = p.fontMetrics()
    x = at.x()
    p.setPen(theme.color(row.color))
    p.drawText(QPointF(x, at.y()), row.name)
    x += columns[0] + gap
    if row.values:
        p.drawText(QPointF(x + columns[1] - metrics.horizontalAdvance(row.values), at.y()), row.values)
        x += columns[1] + gap
    p.setPen(theme.color("text"))
    p.drawText(QPointF(x + columns[2] - metrics.horizontalAdvance(row.difference), at.y()), row.difference)


def difference(
    first: Mapping[str, float], second: Mapping[str, float], format_value: Mapping[str, Callable[[float], str]]
) -> dict[str, tuple[str, str]]:
    """For each curve with a value at both moments: both values, and the second less the first, as texts."""
    found = {}
    for name, format_ in format_value.items():
        a, b = first.get(name, np.nan), second.get(name, np.nan)
        if np.isfinite(a) and np.isfinite(b):
            less = format_(abs(b - a))
            sign = "" if not any(digit in less for digit in "123456789") else "−" if b < a else "+"
            found[name] = f"{format_(a)} → {format_(b)}", sign + less
    return found


def _clock(at_s: float) -> str:
    return number_format.clock(at_s)


def _draw_badge(p: QPainter, text: str, x: float, area: QRectF, background: QColor, color: QColor) -> None:
    """Draw a text in a box at the foot of a line, inside the area."""
    metrics = p.fontMetrics()
    width = metrics.horizontalAdvance(text) + 2 * _PAD
    left = min(max(x - width / 2, area.left()), area.right() - width)
    box = QRectF(left, area.bottom() - metrics.height(), width, metrics.height())
    p.fillRect(box, background)
    p.setPen(color)
    p.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
