"""A label that shows as much of a text as a few lines have room for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QResizeEvent

from bench_ui.widgets.plain_text import PlainLabel


class ClippedLabel(PlainLabel):
    """A text of a few lines at most. A longer text is cut between two words and ends with an ellipsis."""

    def __init__(self, text: str, lines: int) -> None:
        super().__init__()
        self._full_text, self._lines = text, lines
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Show as much of the text as the new width has room for."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Show as much of the text as letters of another size leave room for."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        text = self._full_text
        while " " in text and not self._fits(text):
            text = text.removesuffix(" …").rpartition(" ")[0].rstrip(",:;.") + " …"
        if text != self.text():
            self.setText(text)
        # The same text may take another number of lines in another width.
        self.setFixedHeight(self._height(text))

    def _fits(self, text: str) -> bool:
        return self._height(text) <= self.fontMetrics().lineSpacing() * self._lines

    def _height(self, text: str) -> int:
        room = QRect(0, 0, self.width(), 10_000)
        return self.fontMetrics().boundingRect(room, int(Qt.TextFlag.TextWordWrap), text).height()
