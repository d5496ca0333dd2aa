"""Labels and tooltips that show any text as it is: names and titles come from preset files.

Qt takes a text that looks like HTML for HTML. A handler called ``<img src="file:///...">`` would draw that file, and if
the file is a pipe, the window would stop for ever.
"""

from __future__ import annotations

import html

from PySide6.QtGui import Qt
from PySide6.QtWidgets import QLabel, QWidget


class PlainLabel(QLabel):
    """A label whose text is never HTML. The window has no other labels."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)


def plain_tip(text: str) -> str:
    """The text for a tooltip. Tooltips have no format that can be set, so what looks like HTML becomes escaped HTML."""
    if not Qt.mightBeRichText(text):
        return text
    return f'<qt><span style="white-space: pre-wrap">{html.escape(text)}</span></qt>'
