"""The window closes in every situation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench_ui.window.main_window import SMALLEST_SIZE, MainWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from tests.bench_ui.driving import (
    InWindow,
    open_preset,
    three_patterns,
    until_running,
)
from tests.runs import preset, until, workers_left


def test_closing_during_a_run_ends_it_within_three_seconds_and_keeps_it(in_window: InWindow, tmp_path: Path) -> None:
    files: list[Any] = []

    async def scenario(window: MainWindow) -> None:
        open_preset(window, three_patterns(duration_s=60))
        window.bench.start()
        await until_running(window)
        assert workers_left()
        files.append(window.run_store.archive)
        began = time.monotonic()
        window.close()
        await window.closed.wait()
        # The promise is three seconds; a machine that is busy with other tests gets some more.
        assert time.monotonic() - began < 10

    in_window(scenario)
    assert not workers_left()
    (run,) = files[0].summaries()
    assert run.interrupted and run.complete and run.offered > 0


def test_a_hanging_worker_does_not_hold_the_window(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=60))
        window.bench.start()
        await until_running(window)
        for child in workers_left():
            child.suspend()
        lag = window.bench.run.loop_lag
        lag.reset()
        window.close()
        await window.closed.wait()
        assert lag.figures().loop_lag_p99_ms < 1000

    in_window(scenario)
    assert not workers_left()


OF_PYQTGRAPH = "ignore:Failed to disconnect:RuntimeWarning:pyqtgraph.graphicsItems.ViewBox.ViewBox"
"""Its version 0.14 warns at the end of a program with PySide6 6.8."""
CLOSED_BY_A_USER = """
import sys
from bench_ui import app
from PySide6.QtWidgets import QMessageBox
from tests.bench_ui.driving import until_running

async def edit_and_close(window):
    await until_running(window)
    window.bench.editor.edit([(("bench", "duration_s"), 50)], "duration")
    for answer in (QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Discard):
        window.close()
        box = window.findChildren(QMessageBox)[-1]
        print(box.text(), window.bench.run.running)
        box.button(answer).click()

def make_window(made=app.make_window):
    window = made()
    window.bench.start_task(edit_and_close(window), "user")
    return window

app.make_window = make_window
sys.exit(app.open_window(sys.argv[1], True, None, None, None))
"""


def test_closing_in_a_run_asks_about_unsaved_changes_and_the_program_ends_without_a_word(tmp_path: Path) -> None:
    """What Qt destroys last, and what it says then, is seen only where a whole program ends."""
    file = tmp_path / "preset.json"
    file.write_text(json.dumps(preset({"socket_type": "PUSH"}, rate=300, duration_s=60)))
    env = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    command = [sys.executable, "-W", OF_PYQTGRAPH, "-c", CLOSED_BY_A_USER, str(file)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=100, check=False)
    said = [line for line in done.stderr.splitlines() if "propagateSizeHints" not in line]
    assert (done.returncode, said, done.stdout) == (0, [], 2 * "preset has unsaved changes. Save them? True\n")


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


def test_without_a_preset_the_first_key_searches_the_presets(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        bar, line = window.panels.run_bar, window.panels.gallery.filter_line
        assert window.focusWidget() is line
        assert not bar.duration.isEnabled() and not bar.save.isEnabled() and not bar.start.isEnabled()
        QTest.keyClicks(line, "pub")
        assert line.text() == "pub" and not window.bench.run.running
        open_preset(window, preset({"socket_type": "PUSH"}))
        assert bar.duration.isEnabled() and bar.save.isEnabled() and window.focusWidget() is bar.start
        window.toggle_gallery()
        assert window.focusWidget() is line

    in_window(scenario)


def test_in_the_smallest_window_a_run_is_readable_and_can_be_paused(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        window.resize(*SMALLEST_SIZE)
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=60))
        board, bar = window.panels.board, window.panels.run_bar
        window.bench.start()
        await until(lambda: bar.pause.isVisible() and bar.pause.isEnabled())
        assert bar.stop.isVisible() and (window.width(), window.height()) == SMALLEST_SIZE
        line = board.fontMetrics().height()
        for page in range(board.tabs.count()):
            board.tabs.setCurrentIndex(page)
            await until(lambda: any(plot.isVisible() and plot.view.height() > 4 * line for plot in board.plots))
            assert all(plot.view.height() > 4 * line for plot in board.plots if plot.isVisible())
        window.bench.run.stop()

    in_window(scenario)
