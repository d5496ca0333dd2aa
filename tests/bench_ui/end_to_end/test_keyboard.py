"""Focus and keys in the whole window."""

from __future__ import annotations

from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bench_app.engine.session import Phase
from tests.bench_ui.driving import (
    InWindow,
    click,
    open_preset,
    until_ended,
    until_running,
)
from tests.runs import preset


def test_the_focus_goes_from_start_to_pause_and_back_and_passing_through_changes_nothing(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=30))
        window.activateWindow()
        bar = window.panels.run_bar
        bar.start.setFocus()
        click(bar.start)
        await until_running(window)
        assert window.focusWidget() is bar.pause
        bar.duration.setFocus()
        bar.pause.setFocus()
        assert not window.bench.editor.modified
        window.bench.run.stop()
        await until_ended(window)
        assert window.focusWidget() is bar.start

    in_window(scenario)


def test_esc_in_a_filter_takes_the_filter_back_and_stops_no_run(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=30))
        window.bench.start()
        await until_running(window)
        line = window.panels.events.filter_line
        line.setFocus()
        line.setText("nothing of this kind")
        QTest.keyClick(line, Qt.Key.Key_Escape)
        assert line.text() == "" and window.bench.run.phase is Phase.RUNNING
        assert window.bench.run.session is not None and not window.bench.run.session.interrupted
        window.bench.run.stop()
        await until_ended(window)

    in_window(scenario)
