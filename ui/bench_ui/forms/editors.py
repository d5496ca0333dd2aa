"""model -> form: one widget per kind of field, and the registry that says which.

An editor shows plain JSON data and says ``entered`` when a person gives new data, right or wrong. Judging it is the
row's work.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal, SignalInstance
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from bench_ui.forms import text
from bench_ui.forms.fields import FieldInfo
from bench_ui.forms.ladder import Ladder, ladder_of

BOX_PX = 14
_STEP_KEYS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}


class Editor(Protocol):
    """What a row asks of its widget."""

    @property
    def entered(self) -> SignalInstance:
        """``entered(data)``: a person gave new data."""

    @property
    def retyped(self) -> SignalInstance:
        """``retyped(data)``: a person is still typing; this is what it would be now."""

    @property
    def restored(self) -> SignalInstance:
        """A person wants the last value back."""

    def show_data(self, data: Any) -> None:
        """Show data without saying ``entered``."""

    def is_busy(self) -> bool:
        """Whether a person is in the middle of typing here."""


class EntryBox(QLineEdit):
    """A line of text in some form; Enter and leaving the field give it, Esc takes it back."""

    entered = Signal(object)
    retyped = Signal(object)
    restored = Signal()

    def __init__(self, codec: text.Codec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._codec = codec
        self.editingFinished.connect(self._finish)
        self.textEdited.connect(lambda words: self.retyped.emit(self._codec.read(words)))

    def show_data(self, data: Any) -> None:
        """Show data; what was typed is gone."""
        words = self._codec.write(data)
        if words != self.text():
            self.setText(words)
            self.setCursorPosition(0)
        self.setModified(False)

    def is_busy(self) -> bool:
        """Typed into and not left yet; another window in front is no leaving."""
        return self.isModified() and self.window().focusWidget() is self

    def typed(self) -> Any:
        """What stands there, as data."""
        return self._codec.read(self.text())

    def _finish(self) -> None:
        if self.isModified():
            self.entered.emit(self.typed())

    def event(self, event: QEvent) -> bool:
        """Esc belongs to this field, not to a shortcut of the window, while there is something to take back."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self.isModified():
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.restored.emit()
                return True
        return super().event(event)


class TextBox(QPlainTextEdit):
    """A text of several lines; leaving the field or Ctrl+Enter gives it, Esc takes it back, Tab goes on."""

    entered = Signal(object)
    retyped = Signal(object)
    restored = Signal()

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("field")
        self.setTabChangesFocus(True)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + 12)

    def show_data(self, data: Any) -> None:
        """Show data; what was typed is gone."""
        words = text.write_text(data)
        if words != self.toPlainText():
            self.setPlainText(words)
        self.document().setModified(False)

    def is_busy(self) -> bool:
        """Typed into and not left yet; another window in front is no leaving."""
        return self.document().isModified() and self.window().focusWidget() is self

    def typed(self) -> Any:
        """What stands there, as data."""
        return text.read_text(self.toPlainText())

    def _finish(self) -> None:
        if self.document().isModified():
            self.document().setModified(False)
            self.entered.emit(self.typed())

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Leaving gives what was typed; a menu or another window in front is no leaving."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._finish()

    def event(self, event: QEvent) -> bool:
        """Esc, while there is something to take back, and Ctrl+Enter belong to this field."""
        if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            gives = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and bool(
                event.modifiers() & Qt.KeyboardModifier.ControlModifier
            )
            takes_back = event.key() == Qt.Key.Key_Escape and self.document().isModified()
            if gives or takes_back:
                event.accept()
                if event.type() == QEvent.Type.KeyPress:
                    self._finish() if gives else self.restored.emit()
                return True
        return super().event(event)


class NumberBox(EntryBox):
    """A line for a number: arrow keys, and the wheel once it has the focus, go from step to step."""

    def __init__(self, codec: text.Codec, ladder: Ladder, parent: QWidget | None = None) -> None:
        super().__init__(codec, parent)
        self._ladder = ladder
        self._wheel = 0
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def step(self, direction: int) -> None:
        """Go to the next step up (1) or down (-1) and give it; nothing while no number stands here."""
        value = self.typed()
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return
        stepped = self._ladder.up(value) if direction > 0 else self._ladder.down(value)
        if stepped != value or self.isModified():
            self.show_data(stepped)
            self.entered.emit(stepped)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Up and down are steps."""
        direction = _STEP_KEYS.get(Qt.Key(event.key()))
        if direction is None:
            super().keyPressEvent(event)
        else:
            self.step(direction)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """A notch is a step; without the focus the page scrolls."""
        if not self.hasFocus():
            event.ignore()
            return
        self._wheel += event.angleDelta().y()
        if abs(self._wheel) >= 120:
            self.step(1 if self._wheel > 0 else -1)
            self._wheel = 0


class CheckEditor(QCheckBox):
    """Yes or no."""

    entered = Signal(object)
    retyped = Signal(object)
    restored = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clicked.connect(lambda checked: self.entered.emit(bool(checked)))

    def show_data(self, data: Any) -> None:
        """Show yes or no."""
        self.setChecked(bool(data))

    def is_busy(self) -> bool:
        """A click is over at once."""
        return False

    def event(self, event: QEvent) -> bool:
        """Space belongs to this box, not to a shortcut of the window."""
        return _keep_space(event) or super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Paint the box in the palette's colours: the style's own outline cannot be seen on dark ground."""
        roles = QPalette.ColorRole
        palette, checked = self.palette(), self.isChecked()
        outlined = roles.Highlight if checked or self.hasFocus() else roles.PlaceholderText
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(0.5, (self.height() - BOX_PX) / 2, BOX_PX, BOX_PX)
            painter.setPen(QPen(palette.color(outlined), 2 if self.hasFocus() and not checked else 1))
            painter.setBrush(palette.color(roles.Highlight if checked else roles.Base))
            painter.drawRoundedRect(box, 3, 3)
            if checked:
                tick = (box.topLeft() + QPointF(x, y) for x, y in ((3.2, 7.2), (6, 10), (11, 4.4)))
                painter.setPen(QPen(palette.color(roles.HighlightedText), 1.8))
                painter.drawPolyline(list(tick))
                if self.hasFocus():
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.setPen(QPen(palette.color(roles.Text), 1))
                    painter.drawRoundedRect(box, 3, 3)


class ChoiceEditor(QComboBox):
    """One of a few words."""

    entered = Signal(object)
    retyped = Signal(object)
    restored = Signal()

    def __init__(self, choices: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.addItems(choices)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.activated.connect(lambda place: self.entered.emit(self.itemText(place)))

    def show_data(self, data: Any) -> None:
        """Show a word; none if it is unknown."""
        self.setCurrentIndex(self.findText(str(data)))

    def is_busy(self) -> bool:
        """A choice is over at once."""
        return False

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Without the focus the page scrolls."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """Space belongs to this box, not to a shortcut of the window."""
        return _keep_space(event) or super().event(event)


def _keep_space(event: QEvent) -> bool:
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    if event.key() != Qt.Key.Key_Space or event.modifiers() != Qt.KeyboardModifier.NoModifier:
        return False
    event.accept()
    return True


@dataclass(frozen=True)
class Kind:
    """How fields of one type are edited; ``wide`` ones need the whole width below their label."""

    make: Callable[[FieldInfo, QWidget], QWidget]
    codec: text.Codec
    wide: bool = False


def _entry(codec: text.Codec) -> Kind:
    def make(field: FieldInfo, parent: QWidget) -> QWidget:
        if field.lines > 1:
            return TextBox(field.lines, parent)
        box = EntryBox(codec, parent)
        if field.example is not None:
            box.setPlaceholderText(f"e.g. {codec.write(field.example)}")
        return box

    return Kind(make, codec, wide=True)


def _number(codec: text.Codec, *, wide: bool = False) -> Kind:
    def make(field: FieldInfo, parent: QWidget) -> QWidget:
        assert field.bounds is not None
        return NumberBox(codec, ladder_of(field.bounds), parent)

    return Kind(make, codec, wide)


KINDS: dict[str, Kind] = {
    "int": _number(text.NUMBER),
    "float": _number(text.NUMBER),
    "int | struct": _number(text.SIZE, wide=True),
    "bool": Kind(lambda _, parent: CheckEditor(parent), text.SWITCH),
    "literal": Kind(lambda field, parent: ChoiceEditor(field.choices, parent), text.TEXT),
    "str": _entry(text.TEXT),
    "none | str": _entry(text.OPTIONAL_TEXT),
    "[str, ...] | none": _entry(text.TEXTS),
    "[float, ...]": _entry(text.NUMBERS),
    "[float, float] | none": _entry(text.SPAN),
    "none | {any}": _entry(text.OBJECT),
}
"""Type of a field, as ``FieldInfo.kind`` names it -> its editor. A field of another type is not in a form."""
