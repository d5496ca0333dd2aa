"""One event sent by hand: what is refused, and what became of it."""

from __future__ import annotations

import json

import pytest
from bench_ui.panels.message_editor import MessageEditor
from bench_ui.panels.sent_events import SentEvent, SentEvents, Template
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QMenu
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
    handler, text, count = wanted.args
    assert handler == "req" and count == 1 and json.loads(text) == {"type": "x", "value": 1.5}
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


def entries(menu: QMenu) -> dict[str, object]:
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions() if action.text()}


def test_a_burst_has_its_number(editor: MessageEditor, qtbot: QtBot) -> None:
    editor.count.setValue(250)
    with qtbot.waitSignal(editor.send_wanted) as wanted:
        send(editor, qtbot, "{}")
    assert wanted.args == ["pub", b"{}", 250]


def test_a_template_of_this_preset_or_of_all_is_put_into_the_editor(editor: MessageEditor, qtbot: QtBot) -> None:
    editor.preset = "mine"
    kept = [Template("a & b", '{"a": 1}'), Template("other", "{}", "theirs"), Template("own", "{}", "mine")]
    editor.events = SentEvents(tuple(kept))
    shown = entries(editor.templates)
    assert list(shown) == ["a && b", "own", "Keep for this preset…", "Keep for every preset…", "Delete"]
    shown["a && b"].trigger()
    assert editor.event_text == '{"a": 1}'
    with qtbot.waitSignal(editor.save_wanted) as saved:
        entries(editor.templates)["Keep for this preset…"].trigger()
    assert saved.args == [True]
    with qtbot.waitSignal(editor.delete_wanted) as deleted:
        entries(editor.templates)["Delete"].menu().actions()[1].trigger()
    assert deleted.args == [kept[2]]


def test_what_was_sent_before_can_be_sent_again(editor: MessageEditor) -> None:
    assert not entries(editor.history)["Nothing was sent yet"].isEnabled()
    editor.events = SentEvents((), (SentEvent("req", '{"a": 2}', 7),))
    (again,) = entries(editor.history).values()
    again.trigger()
    assert (editor.handler, editor.event_text, editor.count.value()) == ("req", '{"a": 2}', 7)


def test_an_answer_is_shown_until_the_next_event(editor: MessageEditor) -> None:
    editor.show_sent("Offered to req at 00:01.0.")
    editor.show_answer("Reply after 1 ms: yes")
    assert editor.answer == "Reply after 1 ms: yes"
    editor.show_sent("Offered to req at 00:02.0.")
    assert editor.answer == ""
    editor.show_answer("Reply")
    editor.refuse("req: not sent, because the handler has ended")
    assert (editor.answer, editor.sent) == ("", "")
