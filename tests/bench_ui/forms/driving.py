"""Driving a form as a user does: typing, turning the wheel, choosing."""

from __future__ import annotations

from typing import Any

from bench_ui.forms import ChoiceForm, Form, LogSlider
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot


def line(form: Form | ChoiceForm, field: str) -> QLineEdit:
    widget = form.widget(field)
    assert isinstance(widget, QLineEdit)
    return widget


def retype(qtbot: QtBot, box: QLineEdit, text: str, *, end: Qt.Key | None = Qt.Key.Key_Return) -> None:
    """Select all, type, and press Enter or another last key, as a user does."""
    box.setFocus()
    box.selectAll()
    qtbot.keyClick(box, Qt.Key.Key_Delete)
    qtbot.keyClicks(box, text)
    if end is not None:
        qtbot.keyClick(box, end)


def reasons(form: QWidget) -> list[str]:
    return [label.text() for label in form.findChildren(QLabel, "fault") if label.isVisible()]


def wheel(widget: QWidget, delta: int = 120) -> bool:
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    widget.wheelEvent(event)
    return event.isAccepted()


def slider_of(form: Form, field: str) -> LogSlider:
    slider = form.slider(field)
    assert isinstance(slider, LogSlider)
    return slider


def choose(form: ChoiceForm, field: str, choice: str) -> None:
    combo = form.widget(field)
    assert isinstance(combo, QComboBox)
    combo.setCurrentText(choice)
    combo.activated.emit(combo.currentIndex())


class Emitted(list[Any]):
    """The arguments of a signal, one entry per emission."""

    def __call__(self, *arguments: Any) -> None:
        self.append(arguments if len(arguments) > 1 else arguments[0])
