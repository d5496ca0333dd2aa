"""The messages tab: new samples of the scope, one in detail, copied as text."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field

import pytest
from bench_ui.panels.messages import MESSAGES_SHOWN, MessagesPanel
from bench_ui.scope import Scope
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from bench_app.engine.unit_key import UnitKey
from bench_app.measure.message_samples import MessageSample

ALL = Scope(everything=True)
START_NS = 10**9


@dataclass
class Listener:
    """What the panel reads of a listener's state."""

    unit: str
    key: UnitKey
    samples: deque[MessageSample] = field(default_factory=lambda: deque(maxlen=50))
    samples_seen: int = 0

    @property
    def title(self) -> str:
        return self.key.title

    def receive(self, *frames: bytes, at_s: float = 1.0) -> None:
        self.samples.append(MessageSample(START_NS + int(at_s * 1e9), sum(map(len, frames)), frames))
        self.samples_seen += 1


@dataclass
class Run:
    """What the panel reads of a session."""

    listeners: dict[str, Listener]
    start_ns: int | None = START_NS


@pytest.fixture
def panel(qtbot: QtBot) -> MessagesPanel:
    found = MessagesPanel()
    qtbot.addWidget(found)
    found.resize(900, 200)
    found.show()
    return found


@pytest.fixture
def run() -> Run:
    one, other = UnitKey("pub", "left"), UnitKey("req", "rep-1")
    return Run({"u1": Listener("u1", one), "u2": Listener("u2", other)})


def shown(panel: MessagesPanel) -> list[list[str]]:
    model = panel.view.model()
    return [[model.index(row, c).data() for c in range(model.columnCount())] for row in range(model.rowCount())]


def test_a_message_has_time_listener_topic_size_and_body(panel: MessagesPanel, run: Run) -> None:
    run.listeners["u1"].receive(b"cam", b'{"id": 1}', at_s=2.5)
    run.listeners["u2"].receive(b'{"id": 2}')
    panel.refresh(run, ALL)
    assert shown(panel) == [
        ["00:02.5", "pub/left", "cam", "12 B", '{"id": 1}'],
        ["00:01.0", "req/rep-1", "", "9 B", '{"id": 2}'],
    ]


def test_each_sample_is_shown_once(panel: MessagesPanel, run: Run) -> None:
    run.listeners["u1"].receive(b"1")
    panel.refresh(run, ALL)
    panel.refresh(run, ALL)
    run.listeners["u1"].receive(b"2")
    panel.refresh(run, ALL)
    assert [row[-1] for row in shown(panel)] == ["1", "2"]


def test_only_listeners_of_the_scope_are_shown(panel: MessagesPanel, run: Run) -> None:
    run.listeners["u1"].receive(b"1")
    run.listeners["u2"].receive(b"2")
    panel.refresh(run, Scope(("req",)))
    assert [row[1] for row in shown(panel)] == ["req/rep-1"]


def test_nothing_is_added_before_the_start_and_while_the_list_is_held(panel: MessagesPanel, run: Run) -> None:
    run.listeners["u1"].receive(b"1")
    run.start_ns = None
    panel.refresh(run, ALL)
    assert shown(panel) == []
    run.start_ns = START_NS
    hold = next(button for button in panel.tools.findChildren(QToolButton) if button.isCheckable())
    hold.click()
    panel.refresh(run, ALL)
    assert shown(panel) == []
    hold.click()
    panel.refresh(run, ALL)
    assert len(shown(panel)) == 1


def test_the_selected_message_is_shown_in_detail_and_copied(panel: MessagesPanel, run: Run) -> None:
    run.listeners["u1"].receive(b"cam", b'{"id": 1}')
    run.listeners["u1"].receive(b"cam", b'{"id": 2}')
    panel.refresh(run, ALL)
    panel.view.selectRow(1)
    assert panel.tree.topLevelItemCount() == 2
    assert panel.tree.topLevelItem(1).child(0).text(1) == "2"
    panel.copy_selected()
    assert QGuiApplication.clipboard().text() == 'cam\n{"id": 2}'


def test_a_filtered_list_still_shows_the_right_message(panel: MessagesPanel, run: Run) -> None:
    for number in range(MESSAGES_SHOWN + 5):
        run.listeners["u1"].receive(f'{{"id": {number}}}'.encode())
        panel.refresh(run, ALL)
    panel.tools.findChild(QLineEdit).setText(f'"id": {MESSAGES_SHOWN + 3}}}')
    assert len(shown(panel)) == 1
    panel.view.selectRow(0)
    assert panel.tree.topLevelItem(0).child(0).text(1) == str(MESSAGES_SHOWN + 3)


def test_a_new_run_has_no_messages(panel: MessagesPanel, run: Run) -> None:
    run.listeners["u1"].receive(b"1")
    panel.refresh(run, ALL)
    panel.view.selectRow(0)
    panel.editor.show_sent("Offered")
    panel.clear()
    assert shown(panel) == [] and panel.tree.topLevelItemCount() == 0 and panel.editor.sent == ""
    panel.refresh(run, ALL)
    assert len(shown(panel)) == 1


def test_a_received_event_can_be_edited_and_sent_again(panel: MessagesPanel, run: Run) -> None:
    panel.editor.set_handlers(["pub", "req"], running=True)
    run.listeners["u2"].receive(b'{"_bench":"1-0","id": 1}')
    run.listeners["u1"].receive(b"no event")
    panel.refresh(run, ALL)
    assert not panel.can_edit
    panel.view.select_row(0)
    assert not panel.can_edit
    panel.edit_selected()
    panel.view.select_row(1)
    assert panel.can_edit
    panel.edit_selected()
    assert (panel.editor.handler, json.loads(panel.editor.event_text)) == ("req", {"id": 1})
