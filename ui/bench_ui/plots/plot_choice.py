"""A choice in the heading of a plot, which shows less of its text where the plot is narrow."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter

_BETWEEN = ":"
"""Before it is the name of an entry, after it is an explanation."""


class PlotChoice(QComboBox):
    """A combo box. ``labels`` are its entries by key, as ``service`` or ``service: send to received``.

    Attributes:
        is_short: True while the box shows the name of the chosen entry alone. Its list has all of the text.
        is_plain: True while only the text is drawn, for an audience, which does not choose.
    """

    def __init__(self, labels: Mapping[str, str]) -> None:
        super().__init__()
        self.is_short = self.is_plain = False
        for key, label in labels.items():
            self.addItem(label, key)

    def set_short(self, is_short: bool) -> None:
        """Show the name of the chosen entry alone, or all of its text."""
        if is_short != self.is_short:
            self.is_short = is_short
            self.updateGeometry()
            self.update()

    def set_plain(self, is_plain: bool) -> None:
        """Draw only the text, or the box, too."""
        if is_plain != self.is_plain:
            self.is_plain = is_plain
            self.updateGeometry()
            self.update()

    @property
    def shown_text(self) -> str:
        """What the closed box shows."""
        return self._shortened(self.currentText()) if self.is_short else self.currentText()

    @property
    def spared(self) -> int:
        """By how many pixels the short box is narrower."""
        texts = [self.itemText(place) for place in range(self.count())]
        return self._widest(texts) - self._widest([self._shortened(text) for text in texts])

    def _widest(self, texts: list[str]) -> int:
        return max(map(self.fontMetrics().horizontalAdvance, texts), default=0)

    @staticmethod
    def _shortened(text: str) -> str:
        return text.partition(_BETWEEN)[0]

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for the widest text that the box can show."""
        return super().sizeHint() - QSize(self.spared if self.is_short else 0, 0)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """The same."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the box with its text."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.shown_text
        if self.is_plain and not self.hasFocus():
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self.shown_text)
            return
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
