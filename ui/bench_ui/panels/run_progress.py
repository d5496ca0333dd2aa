"""How much of a run is over, as a thin line or a word."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from bench_ui.widgets.theme import LIGHT, Theme

LEAST_WIDTH = 64
_WIDEST = "00.0 s late"
_THICK, _THICK_SHARE = 6.0, 0.4
"""The least height of the line in pixels, and its share of the height of the text."""


class RunProgress(QWidget):
    """A line that fills from left to right, or a word while the run opens, drains and is done.

    QProgressBar is not used, because it repaints the whole window.

    Attributes:
        share: the part of the line that is filled, from 0 to 1.
        word: the word in place of the line; "" for the line.
    """

    def __init__(self) -> None:
        super().__init__()
        self._fit()
        self.setAccessibleName("Progress of the run")
        self.share = 0.0
        self.word = ""
        self._theme = LIGHT

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        self.setFixedSize(max(LEAST_WIDTH, metrics.horizontalAdvance(_WIDEST)), metrics.height() + 2)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Keep the room for the words when the size of text changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def show_share(self, share: float, word: str, theme: Theme) -> None:
        """Fill the line up to a share, or show a word in its place unless the word is ""."""
        if (share, word, theme) != (self.share, self.word, self._theme):
            self.share, self.word, self._theme = share, word, theme
            self.setAccessibleDescription(word or f"{share:.0%}")
            self.update()

    def show_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self.show_share(self.share, self.word, theme)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the line or the word."""
        painter = QPainter(self)
        if self.word:
            painter.setPen(self._theme.color("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self.word)
            return
        thick = max(_THICK, self.fontMetrics().height() * _THICK_SHARE)
        line = QRectF(0, (self.height() - thick) / 2, self.width(), thick)
        painter.fillRect(line, self._theme.color("line"))
        line.setWidth(line.width() * self.share)
        painter.fillRect(line, self._theme.color("accepted"))
