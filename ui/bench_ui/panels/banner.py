"""Messages above the plots: one for a while, and one until the user closes it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.theme import figure_font

SHOWN_MS = 10_000
_LARGE = 1.5
"""The size of the letters in the presentation, in proportion to normal text."""


class Banner(QFrame):
    """Shows a passing message for :data:`SHOWN_MS` and a lasting message until its button is clicked.

    Neither replaces the other: the verdict of a run does not hide that the run could not be kept.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._lasting, self._passing = _label(), _label()
        close = QToolButton()
        close.setText("✕")
        close.setProperty("flat", True)
        close.setToolTip("Close this message")
        close.setAccessibleName("Close this message")
        close.clicked.connect(lambda _=False: self.clear())
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self._lasting)
        column.addWidget(self._passing)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 6, 6)
        row.addLayout(column, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._end_passing)
        self.hide()

    def show_message(self, text: str, stays: bool = False) -> None:
        """Show a message in place of the one of its kind. One that ``stays`` has no time limit."""
        if stays:
            self._lasting.setText(text)
        else:
            self._passing.setText(text)
            self._timer.start(SHOWN_MS)
        self._show_texts()

    def set_large(self, large: bool, growth: float = 1.0) -> None:
        """Use letters that are readable from three metres. They are ``growth`` times larger in a large window."""
        for label in (self._lasting, self._passing):
            label.setFont(figure_font(self.font(), _LARGE * growth if large else 1.0))

    def clear(self) -> None:
        """Remove both messages."""
        self._timer.stop()
        self._lasting.clear()
        self._passing.clear()
        self._show_texts()

    def text(self) -> str:
        """The messages shown, the lasting one first, a line for each."""
        return "\n".join(label.text() for label in (self._lasting, self._passing) if label.text())

    def _end_passing(self) -> None:
        self._passing.clear()
        self._show_texts()

    def _show_texts(self) -> None:
        for label in (self._lasting, self._passing):
            label.setVisible(bool(label.text()))
        self.setAccessibleName(self.text())
        self.setVisible(bool(self.text()))


def _label() -> PlainLabel:
    label = PlainLabel()
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
