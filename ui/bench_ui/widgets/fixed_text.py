"""Text that changes many times a second in a place that does not move.

A QLabel or QToolButton that gets a new text asks for a new layout, and the whole window is painted again for it: with a
dozen such figures five times a second that was most of what the window cost. These only paint themselves.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

MARGIN = 4
BASELINE = "★"
"""Marks what is the baseline's, in the list of runs and wherever its numbers stand behind."""


class FixedWidthText(QWidget):
    """A figure as wide as ``sample``, whatever it shows."""

    def __init__(self, sample: str, tip: str, right: bool = True) -> None:
        super().__init__()
        self._sample = sample
        self._align = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self._text = ""
        self.color: QColor | None = None
        """None: that of all text."""
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """What is shown."""
        return self._text

    def show_text(self, text: str, color: QColor | None = None) -> None:
        """Show this instead."""
        if (text, color) != (self._text, self.color):
            self._text, self.color = text, color
            self.setAccessibleDescription(text)
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for the sample."""
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._sample) + MARGIN, metrics.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw it."""
        painter = QPainter(self)
        painter.setPen(self.color or self.palette().windowText().color())
        painter.drawText(self.rect(), self._align | Qt.AlignmentFlag.AlignVCenter, self._text)


class LegendEntry(QAbstractButton):
    """A curve's name and its value, in its colour; a click, or Space, switches the curve.

    While runs are compared the baseline's value stands below, after a star.
    """

    def __init__(self, label: str, sample: str) -> None:
        super().__init__()
        self._label = label
        self._sample = f"{label} {sample}"
        self._value = ""
        self._behind = ""
        self._compares = False
        self.color = QColor()
        self.off_color = QColor()
        self.setCheckable(True)
        self.setChecked(True)
        self.setText(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def value(self) -> str:
        """What stands behind the name."""
        return self._value

    @property
    def behind(self) -> str:
        """The baseline's value."""
        return self._behind

    def compare(self, compares: bool) -> None:
        """Make room for the baseline's values, or none."""
        if compares != self._compares:
            self._compares = compares
            self.updateGeometry()

    def show_value(self, value: str, behind: str = "") -> None:
        """Show this behind the name, and that of the baseline."""
        if (value, behind) != (self._value, self._behind):
            self._value, self._behind = value, behind
            self.setAccessibleDescription(f"{value}; baseline {behind}" if behind else value)
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for the sample."""
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._sample) + 2 * MARGIN, self._height(metrics))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Never less than the name."""
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._label) + 2 * MARGIN, self._height(metrics))

    def _height(self, metrics: QFontMetrics) -> int:
        return metrics.height() * (2 if self._compares else 1) + 2

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw it; struck out while the curve is hidden."""
        painter = QPainter(self)
        painter.setPen(self.color if self.isChecked() else self.off_color)
        font = self.font()
        font.setStrikeOut(not self.isChecked())
        painter.setFont(font)
        room = self.rect().adjusted(MARGIN, 0, -MARGIN, 0)
        whole = f"{self._label} {self._value}".rstrip()
        fits = painter.fontMetrics().horizontalAdvance(whole) <= room.width()
        line = room.height() // 2 if self._compares else room.height()
        upper = QRect(room.left(), room.top(), room.width(), line)
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, whole if fits else self._value or self._label)
        if self._compares and self._behind:
            painter.setPen(self.off_color)
            lower = QRect(room.left(), room.top() + line, room.width(), line)
            painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, f"{BASELINE} {self._behind}")
        if self.hasFocus():
            painter.drawRect(QRect(self.rect()).adjusted(0, 0, -1, -1))
