"""The box of checks: names that are proposed. How checks are entered is tested with the page of the run."""

from __future__ import annotations

import pytest
from bench_ui.panels.inspector.checks_box import ChecksBox
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from bench_app.preset.documents import parse
from tests.runs import preset

# The list of proposals is a popup, which the offscreen platform does not raise.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def box(qtbot: QtBot) -> ChecksBox:
    raw = preset({"socket_type": "PUSH"})
    raw["output"]["handlers"]["ask"] = {"uri": "zmq://tcp://127.0.0.1:*", "config": {"socket_type": "REQ"}}
    made = ChecksBox()
    qtbot.addWidget(made)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    made.setFocus()
    made.show_checks(parse(raw, "test").preset)
    return made


def write(box: ChecksBox, text: str) -> list[str]:
    """Type a text into the empty box; returns what is proposed."""
    box.clear()
    QTest.keyClicks(box, text)
    return proposed(box)


def proposed(box: ChecksBox) -> list[str]:
    model = box.completer.completionModel()
    shown = box.completer.popup().isVisible()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())] if shown else []


def press(box: ChecksBox, key: Qt.Key) -> None:
    """Press a key in the list of proposals, which has the keyboard while it is open."""
    popup: QWidget = box.completer.popup()
    QTest.keyClick(popup if popup.isVisible() else box, key)


def test_names_are_proposed_that_contain_what_was_typed(box: ChecksBox) -> None:
    assert write(box, "dro") == ["drops"]
    assert "latency.service.p99_ms" in write(box, "p99_ms") and "latency.round_trip.p99_ms" in proposed(box)
    assert write(box, "as") == ["ask: ", "ask/rep-1: "]
    assert write(box, "drops") == [], "a whole name needs no proposal"
    assert write(box, "drops == 0") == [], "there is no name after the metric"


def test_the_metrics_are_those_of_the_handler_or_listener_before_the_colon(box: ChecksBox) -> None:
    assert write(box, "ask: repl") == ["replied"] and write(box, "h: repl") == []
    assert write(box, "h: acc") == ["accepted"] and write(box, "h/pull-1: acc") == []
    assert write(box, "gone: acc") == []


def test_all_names_are_proposed_with_ctrl_and_space(box: ChecksBox) -> None:
    box.setPlainText("h/pull-1: ")
    box.moveCursor(box.textCursor().MoveOperation.End)
    QTest.keyClick(box, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert {"received", "drops", "latency.response.max_ms"} <= set(proposed(box)) and "offered" not in proposed(box)
    assert box.toPlainText() == "h/pull-1: "


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Tab])
def test_a_proposal_replaces_what_was_typed_of_it(box: ChecksBox, key: Qt.Key) -> None:
    entered: list[object] = []
    box.entered.connect(entered.append)
    write(box, "h: ov")
    press(box, key)
    assert box.toPlainText() == "h: queue_overflow" and proposed(box) == []
    assert entered == [], "a check that is being written is not entered"


def test_esc_closes_the_proposals_and_only_then_takes_the_text_back(box: ChecksBox) -> None:
    write(box, "dro")
    press(box, Qt.Key.Key_Escape)
    assert proposed(box) == [] and box.toPlainText() == "dro"
    press(box, Qt.Key.Key_Escape)
    assert box.toPlainText() == ""
