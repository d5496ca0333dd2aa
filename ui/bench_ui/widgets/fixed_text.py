"""Text that changes many times a second in a place that does not move.

A QLabel or QToolButton that gets a new text asks for a new layout, and the whole window is painted again for it: with a
dozen such figures five times a second that was most of what the window cost. These only paint themselves.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

MARGIN = 4


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
