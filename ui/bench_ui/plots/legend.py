"""The legend of a plot: one entry per curve with the curve's name and value; a click switches the curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QContextMenuEvent, QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QSizePolicy

from bench_ui.plots.curve_item import line_pen
from bench_ui.widgets import number_format
from bench_ui.widgets.fixed_text import MARGIN
from bench_ui.widgets.number_format import BASELINE_MARK
from bench_ui.widgets.theme import Theme, figure_font

SAMPLE_VALUES = (123_456.0, 88_888_888.0)
"""Values whose texts are as wide as any in a legend, with or without a decimal point."""
WIDEST_PERCENTAGE = number_format.percent(100.0)
_SIZES = (1.0, 0.9, 0.8)
"""The sizes of letters in which name and value are tried, in proportion to the font."""
_TEXT_OF_A_PIXEL = 16
"""The line below a name has a pixel for so many of the height of its text."""
PATTERN_HEIGHT = 6
"""The height in pixels of the bar that shows the pattern of an area."""


@dataclass(frozen=True)
class CurveStyle:
    """A curve's name on screen, the name of its colour in the theme, and what the curve counts or measures.

    ``is_percent``: its values are percentages, whatever the other curves of its plot are. ``short_label``: a shorter
    name for a narrow plot. A legend whose entries have one never shows a value without a name. ``widest``: the widest
    text of a value; "" for that of :data:`SAMPLE_VALUES`. ``dash``: the strokes and gaps of its line in pixels, so that
    curves differ by more than their colours. ``pattern``: the same for an area.
    """

    label: str
    color: str
    tooltip: str
    is_percent: bool = False
    short_label: str = ""
    widest: str = ""
    dash: tuple[float, ...] = ()
    pattern: Qt.BrushStyle = Qt.BrushStyle.NoBrush


class LegendEntry(QAbstractButton):
    """A curve's name and value in the curve's colour. A click or Space switches the curve on or off.

    A click with Ctrl shows this curve alone; so does the context menu.

    While two runs are compared, the baseline's value is in a second line, after :data:`BASELINE_MARK`. The entry keeps
    its size while the value changes, so that a new value repaints the entry and nothing else.

    Attributes:
        color: the colour of the curve.
        dash: the strokes and gaps of the curve, which the line below the name has, too; no line for a solid curve.
        pattern: the pattern of the area, which the bar below the name has, too; no bar for a plain area.
        off_color: the colour of the entry while the curve is switched off, and of the baseline's value.
    """

    alone_wanted = Signal()
    all_wanted = Signal()

    def __init__(self, label: str, sample: str, short_label: str = "") -> None:
        super().__init__()
        self._label = label
        self._short_label = short_label
        self._sample = f"{label} {sample}"
        self._short_sample = f"{short_label} {sample}" if short_label else label
        self._value = ""
        self._baseline = ""
        self._compares = False
        self.color = QColor()
        self.off_color = QColor()
        self.dash: tuple[float, ...] = ()
        self.pattern = Qt.BrushStyle.NoBrush
        self.setCheckable(True)
        self.setChecked(True)
        self.setText(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def _has_bar(self) -> bool:
        """Whether the entry shows a pattern; a plain area needs none, as a solid curve needs no line."""
        return self.pattern not in (Qt.BrushStyle.NoBrush, Qt.BrushStyle.SolidPattern)

    @property
    def value(self) -> str:
        """The value that is shown."""
        return self._value

    @property
    def baseline(self) -> str:
        """The baseline's value that is shown."""
        return self._baseline

    @property
    def shown_text(self) -> str:
        """The text that is drawn; it always has a name, because a value without one explains nothing."""
        return self._shown()[0]

    def _shown(self) -> tuple[str, QFont]:
        """The first text that fits, and its font: name and value, in smaller letters too; else the name alone."""
        width, font = self.width() - 2 * MARGIN, self.font()
        names = [name for name in (self._label, self._short_label) if name]
        texts = [f"{name} {self._value}".rstrip() for name in names]
        for size in _SIZES:
            smaller = QFont(font)
            smaller.setPointSizeF(font.pointSizeF() * size)
            metrics = QFontMetrics(smaller)
            if fitting := next((text for text in texts if metrics.horizontalAdvance(text) <= width), ""):
                return fitting, smaller
        return names[-1], font

    def set_comparing(self, compares: bool) -> None:
        """Make or remove the room for the baseline's value."""
        if compares != self._compares:
            self._compares = compares
            self.updateGeometry()

    def show_value(self, value: str, baseline: str = "") -> None:
        """Show a value and the value of the baseline."""
        if (value, baseline) != (self._value, self._baseline):
            self._value, self._baseline = value, baseline
            self.setAccessibleDescription(f"{value}; baseline {baseline}" if baseline else value)
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for the name and the widest value."""
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._sample) + 2 * MARGIN, self._height(metrics))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for the name, or for the short name and the widest value."""
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._short_sample) + 2 * MARGIN, self._height(metrics))

    def _height(self, metrics: QFontMetrics) -> int:
        # All entries of the plot have this room, so that their names are on one line.
        bar = 0 if self.pattern is Qt.BrushStyle.NoBrush else PATTERN_HEIGHT
        return metrics.height() * (2 if self._compares else 1) + 2 + bar

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """With Ctrl, ask for this curve alone, in place of switching it."""
        if event.button() == Qt.MouseButton.LeftButton and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.setDown(False)
            self.alone_wanted.emit()
        else:
            super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 (Qt's name)
        """Offer to show this curve alone, or all curves."""
        self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """A new menu; it deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Show only {self._label}", self.alone_wanted.emit)
        menu.addAction("Show all curves", self.all_wanted.emit)
        return menu

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw name and value; strike them out while the curve is switched off."""
        painter = QPainter(self)
        painter.setPen(self.color if self.isChecked() else self.off_color)
        text, font = self._shown()
        font.setStrikeOut(not self.isChecked())
        painter.setFont(font)
        room = self.rect().adjusted(MARGIN, 0, -MARGIN, 0)
        bar_height = 0 if self.pattern is Qt.BrushStyle.NoBrush else PATTERN_HEIGHT
        line = (room.height() - bar_height) // (2 if self._compares else 1)
        upper = QRect(room.left(), room.top(), room.width(), line)
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, text)
        if self.dash:
            width = painter.fontMetrics().horizontalAdvance(text)
            pen = line_pen(painter.pen().color(), self.dash)
            pen.setWidth(max(1, painter.fontMetrics().height() // _TEXT_OF_A_PIXEL))
            painter.setPen(pen)
            painter.drawLine(room.left(), upper.bottom(), room.left() + width, upper.bottom())
        elif self._has_bar:
            width = painter.fontMetrics().horizontalAdvance(text)
            bar = QRect(room.left(), upper.bottom() + 1, width, PATTERN_HEIGHT)
            painter.setBrushOrigin(bar.topLeft())
            painter.fillRect(bar, QBrush(painter.pen().color(), self.pattern))
        if self._compares and self._baseline:
            painter.setPen(self.off_color)
            lower = QRect(room.left(), upper.bottom() + 1 + bar_height, room.width(), line)
            painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, f"{BASELINE_MARK} {self._baseline}")
        if self.hasFocus():
            painter.drawRect(QRect(self.rect()).adjusted(0, 0, -1, -1))


class Legend(QObject):
    """The entries of a plot in one row. ``format_value`` turns a value into text.

    Attributes:
        entries: the entries by the names of their curves.
        layout: the row, which the plot places.
    """

    toggled = Signal(str, bool)
    """With a curve's name, and True if the curve is switched on."""

    def __init__(self, styles: Mapping[str, CurveStyle], format_value: Callable[[float], str], parent: QObject) -> None:
        super().__init__(parent)
        self._styles = styles
        self._format_value = format_value
        self.layout = QHBoxLayout()
        self.layout.setContentsMargins(4, 0, 8, 0)
        self.layout.setSpacing(0)
        sample = max(map(format_value, SAMPLE_VALUES), key=len)
        self.entries: dict[str, LegendEntry] = {}
        for name, style in styles.items():
            widest = style.widest or (WIDEST_PERCENTAGE if style.is_percent else sample)
            entry = self.entries[name] = LegendEntry(style.label, widest, style.short_label)
            entry.dash = style.dash
            entry.pattern = style.pattern
            entry.toggled.connect(partial(self.toggled.emit, name))
            entry.alone_wanted.connect(partial(self.show_alone, name))
            entry.all_wanted.connect(self.show_all)
            self.layout.addWidget(entry)
        self.layout.addStretch(1)

    def describe(self, title: str, reading: str) -> None:
        """Set tooltips and accessible names. ``title`` is that of the plot, ``reading`` says which value is shown."""
        for name, entry in self.entries.items():
            style = self._styles[name]
            entry.setToolTip(f"{style.tooltip}\n{reading}\nClick to show or hide this curve; with Ctrl, alone.")
            entry.setAccessibleName(f"{title}: {style.label}")

    def show_alone(self, name: str) -> None:
        """Show one curve and no other; if it is alone already, show all curves."""
        is_alone = [one for one, entry in self.entries.items() if entry.isChecked()] == [name]
        for one, entry in self.entries.items():
            entry.setChecked(is_alone or one == name)

    def show_all(self) -> None:
        """Show all curves."""
        for entry in self.entries.values():
            entry.setChecked(True)

    def is_on(self, name: str) -> bool:
        """True while the curve is switched on."""
        return self.entries[name].isChecked()

    def is_shown(self, name: str) -> bool:
        """True while the curve is switched on and has an entry, because it has values."""
        return self.is_on(name) and not self.entries[name].isHidden()

    def show_values(self, values: Mapping[str, float], baseline: Mapping[str, float]) -> None:
        """Show the values of the curves and of the baseline's curves. A curve without a value shows its name only."""
        for name, entry in self.entries.items():
            entry.show_value(self._text_of(name, values.get(name)), self._text_of(name, baseline.get(name)))

    def _text_of(self, name: str, value: float | None) -> str:
        return "" if value is None or not np.isfinite(value) else self.formatter_of(name)(value)

    def formatter_of(self, name: str) -> Callable[[float], str]:
        """The function that makes a text of a curve's value."""
        return number_format.percent if self._styles[name].is_percent else self._format_value

    def set_comparing(self, compares: bool) -> None:
        """Make or remove the room for the baseline's values."""
        for entry in self.entries.values():
            entry.set_comparing(compares)

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        for name, entry in self.entries.items():
            entry.color = theme.color(self._styles[name].color)
            entry.off_color = theme.color("muted")
            entry.update()

    def set_font(self, base: QFont, large: bool = False) -> None:
        """Use the normal size, or a size that is readable from three metres."""
        for entry in self.entries.values():
            entry.setFont(figure_font(base, 1.3 if large else 0.9))
