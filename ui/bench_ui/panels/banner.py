"""One message above the plots, for a while or until the user closes it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from bench_ui.widgets.plain_text import PlainLabel

SHOWN_MS = 10_000


class Banner(QFrame):
    """Shows one message; it hides after :data:`SHOWN_MS`, or when its button is clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._message = PlainLabel()
        self._message.setWordWrap(True)
        self._message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton()
        close.setText("✕")
        close.setProperty("flat", True)
        close.setToolTip("Close this message")
        close.setAccessibleName("Close this message")
        close.clicked.connect(lambda _=False: self.hide())
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 6, 6)
        row.addWidget(self._message, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def show_message(self, text: str, stays: bool = False) -> None:
        """Replace the shown message. One that ``stays`` has no time limit: its button or the next message ends it."""
        self._message.setText(text)
        self.setAccessibleName(text)
        self.show()
        if stays:
            self._timer.stop()
        else:
            self._timer.start(SHOWN_MS)

    @property
    def stays(self) -> bool:
        """True if the message stays until it is closed or replaced."""
        return not self._timer.isActive()

    def text(self) -> str:
        """The message shown last."""
        return self._message.text()
