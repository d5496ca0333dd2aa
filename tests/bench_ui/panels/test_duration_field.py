"""The duration in the run bar."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bench_ui.panels.duration_field import USUAL_S, DurationField, format_duration, next_usual, spell_duration
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot


@pytest.fixture
def field(qtbot: QtBot) -> Iterator[DurationField]:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    found = DurationField()
    column.addWidget(found)
    column.addWidget(QPushButton("elsewhere"))
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    found.show_duration(10.0)
    yield found


def enter(field: DurationField, qtbot: QtBot, text: str) -> None:
    field.setFocus()
    field.selectAll()
    if text.isascii():
        qtbot.keyClicks(field, text)
    else:
        # QTest can press the keys of Latin characters only.
        field.insert(text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2.5", 2.5),
        ("1,000", 1000.0),
        ("30 s", 30.0),
        ("2592000", 2_592_000.0),
        ("1:30", 90.0),
        ("0:02.5", 2.5),
        ("90:00", 5400.0),
        ("1:30:05", 5405.0),
        ("until stopped", 2_592_000.0),
        ("∞", 2_592_000.0),
    ],
)
def test_another_duration_is_emitted(field: DurationField, qtbot: QtBot, text: str, seconds: float) -> None:
    with qtbot.waitSignal(field.edited) as edited:
        enter(field, qtbot, text)
    assert edited.args == [seconds] and not field.property("fault")


@pytest.mark.parametrize(
    "text", ["0", "-1", "soon", "nan", "inf", "2592001", "2,5", "1,0000", "1:75", "1:", ":30", "1:2:3:4"]
)
def test_a_wrong_duration_is_marked_and_not_emitted(field: DurationField, qtbot: QtBot, text: str) -> None:
    with qtbot.assertNotEmitted(field.edited):
        enter(field, qtbot, text)
    assert field.property("fault") is True and "number of seconds" in field.toolTip()
    enter(field, qtbot, "5")
    assert not field.property("fault") and "How long" in field.toolTip()


def test_passing_through_is_no_edit(field: DurationField, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(field.edited):
        enter(field, qtbot, "10.0")


def test_what_the_user_types_is_not_replaced(field: DurationField, qtbot: QtBot) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "7")
    field.show_duration(99.0)
    assert field.text() == "7"
    field.window().findChild(QPushButton).setFocus()
    field.show_duration(99.0)
    assert field.text() == "99"


def test_the_duration_of_another_preset_replaces_one_that_was_entered(field: DurationField, qtbot: QtBot) -> None:
    with qtbot.waitSignal(field.edited):
        enter(field, qtbot, "15")
    field.show_duration(20.0)
    assert field.hasFocus() and field.text() == "20"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (2.5, "2.5"),
        (119, "119"),
        (120, "2:00"),
        (150.5, "150.5"),
        (3725, "1:02:05"),
        (86_400, "24:00:00"),
        (2_592_000, "∞"),
    ],
)
def test_a_duration_is_shown_in_its_form_and_read_back(
    field: DurationField, qtbot: QtBot, seconds: float, text: str
) -> None:
    assert format_duration(seconds) == text
    units: list[str] = []
    field.unit_changed.connect(units.append)
    field.show_duration(seconds)
    assert field.text() == text and units == ["s" if text.replace(".", "").isdecimal() else ""]
    with qtbot.assertNotEmitted(field.edited):
        enter(field, qtbot, text)


def test_up_and_down_choose_usual_durations(field: DurationField, qtbot: QtBot) -> None:
    field.setFocus()
    chosen: list[float] = []
    field.edited.connect(chosen.append)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(field, key)
    assert chosen == [20, 30, 20, 10, 5], "below the shortest there is none"
    assert next_usual(USUAL_S[-1], 1) == USUAL_S[-1] and next_usual(45, -1) == 30


def test_the_menu_has_the_usual_durations(field: DurationField, qtbot: QtBot) -> None:
    texts = [action.text() for action in field.menu().actions()]
    assert texts[0] == "5 s" and spell_duration(300) == "5 min" and "8 h" in texts
    with qtbot.waitSignal(field.edited) as edited:
        next(action for action in field.menu().actions() if action.text() == "until stopped").trigger()
    assert edited.args == [USUAL_S[-1]] and field.text() == "∞"
