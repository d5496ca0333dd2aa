"""The editors that the user clicks."""

from __future__ import annotations

from typing import Any

from bench_ui.forms import Form
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from bench_app.model import (
    HandlerBench,
)


def test_a_click_and_a_choice_are_emitted(show: Any, qtbot: QtBot) -> None:
    form, emitted = show(Form(HandlerBench))
    qtbot.keyClick(form.widget("paired"), Qt.Key.Key_Space)
    mode = form.widget("mode")
    assert [mode.itemText(place) for place in range(mode.count())] == ["auto", "bind", "connect"]
    mode.setFocus()
    qtbot.keyClick(mode, Qt.Key.Key_Down)
    assert emitted == [("paired", False), ("mode", "bind")]
