"""The editors that the user types into: a line, a text of several lines, a number."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from bench_ui.forms import codecs
from bench_ui.forms.codecs import Codec
from bench_ui.forms.ladder import Ladder

_STEP_KEYS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}


class EntryBox(QLineEdit):
    """A line of text that a codec reads. Enter or leaving the field enters the value; Esc restores the last one."""

    entered = Signal(object)
    retyped = Signal(object)
    restored = Signal()

    def __init__(self, codec: Codec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._codec = codec
        self.editingFinished.connect(self._finish)
        self.textEdited.connect(lambda typed: self.retyped.emit(self._codec.read(typed)))

    def show_data(self, data: Any) -> None:
        """Show data in place of what was typed."""
        text = self._codec.write(data)
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0)
        self.setModified(False)

    def is_busy(self) -> bool:
        """True from the first key until the focus leaves the field. Another window in front does not take the focus."""
        return self.isModified() and self.window().focusWidget() is self

    def typed(self) -> Any:
        """The data that the text means."""
        return self._codec.read(self.text())

    def _finish(self) -> None:
        if self.isModified():
            self.entered.emit(self.typed())

    def event(self, event: QEvent) -> bool:
        """Take Esc from the window's shortcuts while there is something to restore."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self.isModified():
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.restored.emit()
                return True
        return super().event(event)


class TextBox(QPlainTextEdit):
    """A text of several lines. Ctrl+Enter or leaving the field enters it, Esc restores the last one, Tab leaves."""

    entered = Signal(object)
    retyped = Signal(object)
    restored = Signal()

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("field")
        self.setTabChangesFocus(True)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + 12)

    def show_data(self, data: Any) -> None:
        """Show data in place of what was typed."""
        text = codecs.write_text(data)
        if text != self.toPlainText():
            self.setPlainText(text)
        self.document().setModified(False)

    def is_busy(self) -> bool:
        """True from the first key until the focus leaves the field. Another window in front does not take the focus."""
        return self.document().isModified() and self.window().focusWidget() is self

    def typed(self) -> Any:
        """The data that the text means."""
        return codecs.read_text(self.toPlainText())

    def _finish(self) -> None:
        if self.document().isModified():
            self.document().setModified(False)
            self.entered.emit(self.typed())

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Enter the text when the focus leaves the field. A menu or another window in front does not count."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._finish()

    def event(self, event: QEvent) -> bool:
        """Take Ctrl+Enter from the window's shortcuts, and Esc while there is something to restore."""
        if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            enters = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and bool(
                event.modifiers() & Qt.KeyboardModifier.ControlModifier
            )
            restores = event.key() == Qt.Key.Key_Escape and self.document().isModified()
            if enters or restores:
                event.accept()
                if event.type() == QEvent.Type.KeyPress:
                    self._finish() if enters else self.restored.emit()
                return True
        return super().event(event)


class NumberBox(EntryBox):
    """A line for a number. Arrow keys go from step to step; the wheel does the same while the box has the focus."""

    def __init__(self, codec: Codec, ladder: Ladder, parent: QWidget | None = None) -> None:
        super().__init__(codec, parent)
        self._ladder = ladder
        self._wheel = 0
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def step(self, direction: int) -> None:
        """Enter the next step up (1) or down (-1). Do nothing while the text is not a number."""
        value = self.typed()
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return
        stepped = self._ladder.up(value) if direction > 0 else self._ladder.down(value)
        if stepped != value or self.isModified():
            self.show_data(stepped)
            self.entered.emit(stepped)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Up and down go one step."""
        direction = _STEP_KEYS.get(Qt.Key(event.key()))
        if direction is None:
            super().keyPressEvent(event)
        else:
            self.step(direction)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """A notch goes one step; without the focus the page scrolls."""
        if not self.hasFocus():
            event.ignore()
            return
        self._wheel += event.angleDelta().y()
        if abs(self._wheel) >= 120:
            self.step(1 if self._wheel > 0 else -1)
            self._wheel = 0
