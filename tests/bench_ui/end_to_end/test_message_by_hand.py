"""A message that the user writes, sends and reads again."""

from __future__ import annotations

import json
from pathlib import Path

from bench_ui.widgets import number_format
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.bench_ui.driving import (
    InWindow,
    click,
    open_preset,
    until_ended,
    until_running,
)
from tests.runs import preset, until


def test_pause_send_by_hand_and_read_the_message(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUB", "topic": "cam"}, rate=200, duration_s=20))
        window.panel_layout.tabs.setCurrentWidget(window.panels.messages)
        window.bench.start()
        await until_running(window)
        QTest.keyClick(window, Qt.Key.Key_Space)
        session = window.bench.run.session
        assert session is not None
        await until(lambda: session.paused)
        await until(lambda: session.handlers["h"].window.rates() == (0.0, 0.0))
        assert window.panels.run_bar.pause.text().endswith("Resume")
        window.panels.messages.editor.set_text("[1]")
        click(window.panels.messages.editor.send)
        assert "JSON object" in window.panels.messages.editor.reason
        window.panels.messages.editor.set_text('{"who": "me"}')
        click(window.panels.messages.editor.send)
        assert window.panels.messages.editor.reason == ""
        await until(lambda: window.panels.messages.editor.sent.startswith("Offered to h at "))
        model = window.panels.messages.view.model()
        await until(lambda: model.rowCount() > 0 and '"who"' in str(model.index(model.rowCount() - 1, 4).data()))
        row = model.rowCount() - 1
        assert model.index(row, 2).data() == "cam"
        window.panels.messages.view.selectRow(row)
        window.panels.messages.copy_selected()
        topic, body = QApplication.clipboard().text().splitlines()
        assert topic == "cam" and json.loads(body)["who"] == "me"
        window.bench.run.stop()
        await until_ended(window)
        # The run bar shows for how long events were offered. The plots and events show the pause, too.
        assert session.paused_s > 0
        window.refresher.tick(board_shown=True)
        assert window.panels.run_bar.state.time == number_format.clock(session.elapsed_s)
        assert window.bench.run.result is not None and window.bench.run.result.balanced

    in_window(scenario)


def test_an_event_for_a_handler_that_has_ended_is_refused(in_window: InWindow, tmp_path: Path) -> None:
    """Nothing would count it: the socket is closed."""
    recording = tmp_path / "events.jsonl"
    recording.write_text('{"n": 1}\n' * 40)

    async def scenario(window: MainWindow) -> None:
        raw = preset({"socket_type": "PUSH"}, rate=200, duration_s=60)
        raw["output"]["handlers"]["a"] = {"uri": "zmq://tcp://127.0.0.1:*", "sink": "recorded"}
        raw["bench"]["sources"]["recorded"] = {"kind": "replay", "path": str(recording)}
        open_preset(window, raw)
        window.bench.start()
        await until(lambda: window.bench.run.session is not None)
        session = window.bench.run.session
        assert session is not None
        await until(lambda: "a" in session.handlers and session.handlers["a"].done)
        editor = window.panels.messages.editor
        window.unit_actions.send_event("a", b'{"who": "me"}')
        await until(lambda: bool(editor.reason or editor.sent))
        assert "not sent, because the handler" in editor.reason and not editor.sent
        window.bench.run.stop()
        await until_ended(window)
        result = window.bench.run.result
        assert result is not None and result.balanced
        assert result.handlers["a"].offered == 40

    in_window(scenario)


def test_a_received_request_is_edited_and_sent_again_as_a_burst_with_its_answers(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "REQ"}, rate=50, duration_s=60))
        window.panel_layout.tabs.setCurrentWidget(window.panels.messages)
        window.bench.start()
        await until_running(window)
        messages = window.panels.messages
        editor, model = messages.editor, messages.view.model()
        await until(lambda: model.rowCount() > 0)
        QTest.keyClick(window, Qt.Key.Key_Space)
        session = window.bench.run.session
        assert session is not None
        await until(lambda: session.paused)
        messages.view.selectRow(model.rowCount() - 1)
        messages.edit_selected()
        event = json.loads(editor.event_text)
        assert editor.handler == "h" and "_bench" not in event
        editor.set_text(json.dumps(event | {"who": "me"}))
        editor.count.setValue(3)
        click(editor.send)
        await until(lambda: bool(editor.sent or editor.reason))
        assert not editor.reason
        await until(lambda: editor.answer.startswith("3 replies to 3 requests, longest "))
        assert "Reply after " in editor.answer and '"ok"' in editor.answer
        editor.history.aboutToShow.emit()
        (again,) = editor.history.actions()
        editor.set_text("{}")
        editor.count.setValue(1)
        again.trigger()
        assert json.loads(editor.event_text)["who"] == "me" and editor.count.value() == 3
        window.bench.run.stop()
        await until_ended(window)
        result = window.bench.run.result
        assert result is not None and result.balanced

    in_window(scenario)
