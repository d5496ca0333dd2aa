"""The boxes that the user types into: keys, steps, several lines."""

from __future__ import annotations

from typing import Any

import pytest
from bench_ui.forms import Form
from bench_ui.forms.entry_boxes import TextBox
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bench_app.model import (
    BenchSpec,
    HandlerConfig,
    HandlerSpec,
    ListenerSpec,
)
from tests.bench_ui.forms.driving import Emitted, line, reasons, retype, wheel


@pytest.mark.parametrize("field", ["name", "topics", "reply", "endpoint", "stall"])
def test_an_empty_line_is_the_default(field: str, show: Any, qtbot: QtBot) -> None:
    form, emitted = show(Form(ListenerSpec))
    form.set_value(ListenerSpec(name="n", topics=("a",), reply={}, endpoint="e", stall=(1, 2)))
    retype(qtbot, line(form, field), "")
    assert emitted == [(field, None)]


def test_leaving_a_field_enters_its_value_and_escape_restores_the_last_one(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(Form(HandlerConfig, only=["queue_size", "retries"]))
    retype(qtbot, line(form, "queue_size"), "7", end=Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is form.widget("retries")
    assert emitted == [("queue_size", 7)]
    retype(qtbot, line(form, "retries"), "x")
    assert reasons(form)
    qtbot.keyClick(form.widget("retries"), Qt.Key.Key_Escape)
    assert line(form, "retries").text() == "3"
    assert reasons(form) == []
    assert len(emitted) == 1


def test_escape_and_space_reach_the_window_unless_the_field_needs_them(show: Any, qtbot: QtBot) -> None:
    form, _ = show(Form(HandlerSpec))
    pressed = Emitted()
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Space):
        QShortcut(key, form, activated=lambda key=key: pressed(key))
    retype(qtbot, line(form, "sink"), "x", end=Qt.Key.Key_Escape)
    assert line(form, "sink").text() == "events"
    form.widget("enabled").setFocus()
    qtbot.keyClick(form.widget("enabled"), Qt.Key.Key_Space)
    assert pressed == []
    qtbot.keyClick(line(form, "sink"), Qt.Key.Key_Escape)
    assert pressed == [Qt.Key.Key_Escape]


def test_each_arrow_key_enters_the_next_step(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(Form(HandlerConfig))
    box = line(form, "send_timeout")
    box.setFocus()
    for key in "UUDDD":
        qtbot.keyClick(box, Qt.Key.Key_Up if key == "U" else Qt.Key.Key_Down)
    assert [value for _, value in emitted] == [200, 500, 200, 100, 50]


def test_the_wheel_steps_only_with_the_focus(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(Form(HandlerConfig, sliders=["retries"]))
    form.widget("topic").setFocus()
    for name in ("retries", "socket_type"):
        assert not wheel(form.widget(name))
    assert not wheel(form.slider("retries"))
    assert emitted == []
    form.widget("retries").setFocus()
    wheel(form.widget("retries"))
    assert emitted == [("retries", 5)]


def test_a_long_text_has_several_lines_and_is_entered_when_the_field_is_left(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(Form(BenchSpec, only=["description", "duration_s"]))
    box = form.widget("description")
    assert isinstance(box, TextBox) and box.height() > 3 * form.widget("duration_s").fontMetrics().height()
    box.setFocus()
    qtbot.keyClicks(box, "first")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.keyClicks(box, "second")
    assert emitted == []
    # A value from outside does not replace the text that the user is typing.
    form.set_value(BenchSpec(description="from outside"))
    assert box.toPlainText() == "first\nsecond"
    qtbot.keyClick(box, Qt.Key.Key_Tab)
    assert emitted == [("description", "first\nsecond")] and not box.hasFocus()

    box.setFocus()
    qtbot.keyClicks(box, "x")
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert box.toPlainText() == "first\nsecond"
    qtbot.keyClicks(box, "y")
    qtbot.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert emitted[1:] == [("description", "first\nsecondy")] or emitted[1:] == [("description", "yfirst\nsecond")]
