"""One event sent by hand: what is refused, and what became of it."""

from __future__ import annotations

import json

import pytest
from bench_ui.panels.message_editor import MessageEditor
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot


@pytest.fixture
def editor(qtbot: QtBot) -> MessageEditor:
    found = MessageEditor()
    qtbot.addWidget(found)
    found.set_handlers(["pub", "req"], running=True)
    return found


def send(editor: MessageEditor, qtbot: QtBot, text: str) -> None:
    editor.set_text(text)
    qtbot.mouseClick(editor.send, Qt.MouseButton.LeftButton)


def test_an_event_goes_to_the_chosen_handler(editor: MessageEditor, qtbot: QtBot) -> None:
    editor.findChild(QComboBox).setCurrentText("req")
    with qtbot.waitSignal(editor.send_wanted) as wanted:
        send(editor, qtbot, '{ "type": "x", "value": 1.5 }')
    handler, text = wanted.args
    assert handler == "req" and json.loads(text) == {"type": "x", "value": 1.5}
    assert editor.reason == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "This is not JSON"),
        ("[" * 100_000, "This is not JSON"),
        ("[1]", "An event is a JSON object"),
        ('{"_bench": "0"}', "without a _bench key"),
    ],
)
def test_other_text_is_refused_with_a_reason(editor: MessageEditor, qtbot: QtBot, text: str, reason: str) -> None:
    editor.show_sent("Offered to pub at 00:01.0.")
    with qtbot.assertNotEmitted(editor.send_wanted):
        send(editor, qtbot, text)
    assert reason in editor.reason and editor.sent == ""


def test_what_became_of_the_event_stays_until_the_next_run(editor: MessageEditor) -> None:
    assert editor.sent == ""
    editor.show_sent("Offered to pub at 00:01.0.")
    assert editor.sent == "Offered to pub at 00:01.0."
    editor.clear()
    assert editor.sent == ""


def test_sending_needs_a_run_and_a_handler(editor: MessageEditor) -> None:
    assert editor.send.isEnabled()
    editor.set_handlers(["pub", "req"], running=False)
    assert not editor.send.isEnabled()
    editor.set_handlers([], running=True)
    assert not editor.send.isEnabled()


def test_the_chosen_handler_stays_chosen(editor: MessageEditor) -> None:
    combo = editor.findChild(QComboBox)
    combo.setCurrentText("req")
    editor.set_handlers(["new", "req"], running=True)
    assert combo.currentText() == "req"
    editor.set_handlers(["new"], running=True)
    assert combo.currentText() == "new"
