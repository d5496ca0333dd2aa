"""One sentence above the plots, for a while or until one has read it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

SHOWN_MS = 10_000


class Banner(QFrame):
    """Says something, and goes away by itself or with its button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton()
        close.setText("✕")
        close.setProperty("flat", True)
        close.setToolTip("Close this message")
        close.setAccessibleName("Close this message")
        close.clicked.connect(lambda _=False: self.hide())
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 6, 6)
        row.addWidget(self._words, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def say(self, sentence: str, stays: bool = False) -> None:
        """Show this in place of what is there; what ``stays`` goes only when it is closed or followed by another."""
        self._words.setText(sentence)
        self.setAccessibleName(sentence)
        self.show()
        if stays:
            self._timer.stop()
        else:
            self._timer.start(SHOWN_MS)

    def text(self) -> str:
        """What was said last."""
        return self._words.text()
