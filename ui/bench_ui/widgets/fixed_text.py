"""Text that changes many times a second and keeps its size.

A QLabel asks for a new layout with each new text, and then the whole window is painted again. With a dozen numbers
that change five times a second, this was most of the window's processor time. The text here repaints only itself.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

MARGIN, MARGIN_SHARE = 4, 0.3
"""The room after the text: at least so many pixels, and for large text a part of its height."""


class FixedWidthText(QWidget):
    """A text that is always as wide as ``sample``. ``color`` is None for the normal colour of text."""

    def __init__(self, sample: str, tip: str, right: bool = True) -> None:
        super().__init__()
        self._sample = sample
        self._align = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self._text = ""
        self.color: QColor | None = None
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The text that is shown."""
        return self._text

    def show_text(self, text: str, color: QColor | None = None) -> None:
        """Show another text."""
        if (text, color) != (self._text, self.color):
            self._text, self.color = text, color
            self.setAccessibleDescription(text)
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for the sample."""
        metrics = QFontMetrics(self.font())
        margin = max(MARGIN, round(MARGIN_SHARE * metrics.height()))
        return QSize(metrics.horizontalAdvance(self._sample) + margin, metrics.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the text."""
        painter = QPainter(self)
        painter.setPen(self.color or self.palette().windowText().color())
        painter.drawText(self.rect(), self._align | Qt.AlignmentFlag.AlignVCenter, self._text)
