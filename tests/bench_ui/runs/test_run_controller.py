"""The run of the window: its signals, its changes, and its end."""

from __future__ import annotations

import asyncio

import pytest
from bench_ui.runs.run_controller import RunController
from bench_ui.window.main_window import MainWindow
from PySide6.QtWidgets import QApplication

from bench_app.engine.session import Phase
from bench_app.preset import documents
from tests.bench_ui.driving import InWindow, open_preset, short_run, until_ended, until_running
from tests.runs import preset, until


def test_without_a_run_there_is_nothing_to_pause_stop_change_or_forget(qapp: QApplication) -> None:
    run = RunController(lambda work, name: pytest.fail(f"{name} is started"))
    run.pause()
    run.stop()
    run.apply(documents.parse(preset({"socket_type": "PUSH"}), "test"))
    run.forget()
    asyncio.run(run.finish(1.0))
    assert not run.running and run.session is None and run.result is None and run.phase is Phase.IDLE
    run.deleteLater()


def test_a_run_has_a_result_until_it_is_forgotten(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        run = window.bench.run
        signals: list[str] = []
        run.started.connect(lambda: signals.append("started"))
        run.ended.connect(lambda session, finished: signals.append(f"ended {finished.result.verdict}"))
        run.failed.connect(lambda session: signals.append("failed"))
        open_preset(window, short_run(200))
        window.bench.start()
        assert run.running and run.result is None
        run.forget()
        assert run.session is not None, "a run under way cannot be forgotten"
        await until_ended(window)
        assert run.result is not None and run.phase is Phase.DONE
        assert signals == ["started", f"ended {run.result.verdict}"]
        run.forget()
        assert run.session is None and run.result is None and run.phase is Phase.IDLE

    in_window(scenario)


def test_a_change_that_waits_for_the_next_start_is_named_once(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        run = window.bench.run
        messages: list[str] = []
        run.message.connect(messages.append)
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=30))
        window.bench.start()
        await until_running(window)
        for seconds in (1, 2):
            assert window.bench.editor.edit([(("bench", "warmup_s"), seconds)], "warm-up") == []
            await until(lambda: run.session is not None and run.session.document is window.bench.editor.document)
        await until(lambda: bool(run.waiting_changes))
        assert messages == ["; ".join(run.waiting_changes)]
        # The duration does not wait: the run has it at once.
        window.document_editing.set_duration(40)
        await until(lambda: run.session is not None and run.session.duration_s == 40)
        window.document_editing.extend()
        await until(lambda: run.session is not None and run.session.duration_s == 100)
        changes = (
            [event for event in run.session.events if event.message.startswith("duration 30 s")] if run.session else []
        )
        assert changes and changes[-1].marker and window.panels.run_bar.duration.text() == "100"
        run.stop()
        await until_ended(window)

    in_window(scenario)
