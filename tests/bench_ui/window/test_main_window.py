"""The window closes in every situation."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from bench_ui.window.main_window import MainWindow
from PySide6.QtWidgets import QMessageBox

from tests.bench_ui.driving import (
    InWindow,
    open_preset,
    three_patterns,
    until_running,
    workers_of_this_process,
)
from tests.runs import preset


def test_closing_during_a_run_ends_it_within_three_seconds_and_keeps_it(in_window: InWindow, tmp_path: Path) -> None:
    files: list[Any] = []

    async def scenario(window: MainWindow) -> None:
        open_preset(window, three_patterns(duration_s=60))
        window.bench.start()
        await until_running(window)
        assert workers_of_this_process()
        files.append(window.run_store.archive)
        began = time.monotonic()
        window.close()
        await window.closed.wait()
        # The promise is three seconds; a machine that is busy with other tests gets some more.
        assert time.monotonic() - began < 10

    in_window(scenario)
    assert not workers_of_this_process()
    (run,) = files[0].summaries()
    assert run.interrupted and run.complete and run.offered > 0


def test_a_hanging_worker_does_not_hold_the_window(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=60))
        window.bench.start()
        await until_running(window)
        for child in workers_of_this_process():
            child.suspend()
        lag = window.bench.run.loop_lag
        lag.reset()
        window.close()
        await window.closed.wait()
        assert lag.figures().loop_lag_p99_ms < 1000

    in_window(scenario)
    assert not workers_of_this_process()


def test_closing_during_a_run_asks_about_unsaved_changes(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=60))
        window.bench.start()
        await until_running(window)
        window.bench.editor.edit([(("bench", "duration_s"), 50)], "duration")
        for answer in (QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Discard):
            window.close()
            box = window.findChildren(QMessageBox)[-1]
            assert "test has unsaved changes" in box.text() and window.bench.run.running
            box.button(answer).click()
        await window.closed.wait()

    in_window(scenario)
    assert not workers_of_this_process()


def test_saving_when_asked_closes_the_window_after_the_file_is_written(in_window: InWindow, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"

    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        await window.bench.save(file)
        window.bench.editor.edit([(("bench", "duration_s"), 50)], "duration")
        window.close()
        window.findChildren(QMessageBox)[-1].button(QMessageBox.StandardButton.Save).click()
        await window.closed.wait()

    in_window(scenario)
    assert json.loads(file.read_bytes())["bench"]["duration_s"] == 50
