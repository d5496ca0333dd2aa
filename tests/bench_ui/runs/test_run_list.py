"""The list of kept runs."""

from __future__ import annotations

from bench_ui.widgets.number_format import BASELINE_MARK
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.bench_ui.driving import (
    RUN_S,
    InWindow,
    click,
    open_preset,
    short_run,
    until_ended,
)
from tests.runs import preset, until


def test_del_and_ctrl_z_in_the_list_of_runs_are_about_runs(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, short_run(500))
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()
        window.bench.edit([(("bench", "duration_s"), 3)], "duration")
        window.panel_layout.tabs.setCurrentWidget(window.panels.runs)
        window.activateWindow()
        view = window.panels.runs.view
        view.setFocus()
        view.selectRow(0)
        QTest.keyClick(view, Qt.Key.Key_Delete)
        await until(lambda: window.panels.runs.summaries == [])
        QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: len(window.panels.runs.summaries) == 1)
        assert window.bench.document is not None and window.bench.document.preset.bench.duration_s == 3
        QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert window.bench.document.preset.bench.duration_s == RUN_S

    in_window(scenario)


def test_the_star_of_the_list_is_that_of_the_numbers(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=0.5))
        click(window.panels.run_bar.start)
        await until_ended(window)
        await window.run_store.flush()
        run = window.panels.runs.summaries[0].id
        await window.run_actions.choose_baseline(run)
        model = window.panels.runs.view.model()
        assert model.index(0, 0).data() == BASELINE_MARK

    in_window(scenario)
