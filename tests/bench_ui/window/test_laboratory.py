"""The lab in the window: a sweep of real runs, from the question to the settings of a cell."""

from __future__ import annotations

from typing import Any

from bench_ui.lab.lab_runner import Ending
from bench_ui.window.main_window import MainWindow
from PySide6.QtWidgets import QToolButton

from bench_app.model.json_path import lookup, parse_path
from bench_app.sweeps.axes import Axis
from tests.bench_ui.driving import InWindow, open_preset, short_run
from tests.bench_ui.lab.entries import HWM, RATE
from tests.runs import until

LONG_S = 60


def test_a_sweep_runs_from_the_panel_and_goes_on_after_a_cancel(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, short_run(100))
        lab = window.laboratory
        lab.show("sweep")
        assert lab.page is not None and window.panel_layout.lab_shown and not window.panel_layout.docks[0].isVisible()
        tab, ended = lab.page.sweep, []
        lab.runner.ended.connect(lambda _work, ending, message: ended.append((ending, message)))
        tab.form.rows[0].show_axis(Axis(HWM, [10, 1000]))
        tab.form.rows[1].show_axis(Axis(RATE, [100, 200]))
        tab.form.seconds.setValue(0.2)
        tab.controls.start.click()
        await until(lambda: tab.grid is not None and tab.grid.done >= 1, LONG_S)
        assert not window.panels.run_bar.start.isEnabled()
        assert "lab works" in window.panels.run_bar.start.toolTip()
        window.bench.start()
        assert not window.bench.run.running
        tab.controls.cancel.click()
        await until(lambda: bool(ended), LONG_S)
        assert ended.pop()[0] is Ending.CANCELLED and window.panels.run_bar.start.isEnabled()

        assert tab.grid is not None
        made = tab.grid.done
        tab.controls.start.click()
        await until(lambda: bool(ended), LONG_S)
        grid = tab.grid
        assert (grid.done, grid.planned) == (4, 4) and grid is not None
        assert len(tab.runs.table.rows) - grid.again == 4 and made >= 1

        tab.choose(1)
        tab.apply.click()
        assert value(window, HWM) == 10 and value(window, RATE) == 200
        assert grid.current(window.bench.editor.document) == 1
        window.bench.editor.undo_stack.undo()
        assert value(window, RATE) == 100

        window.bench.editor.undo_stack.setClean()
        tab.open_run.click()
        await until(lambda: window.refresher.kept is not None, LONG_S)
        kept = window.refresher.kept
        assert kept is not None and kept.name == "sweep 10, 200" and window.panel_layout.plots_shown
        assert kept.series and all(len(series) for series in kept.series.values())
        names = ["sweep 10, 200", "Sweep high_water_mark, rate"]
        await until(lambda: [run.name for run in window.panels.runs.summaries] == names, LONG_S)
        work = window.panels.runs.summaries[1]
        assert (work.verdict, work.complete) == ("done", False)

        window.panels.runs.select(work.id)
        by_name = {button.text(): button for button in window.panels.runs.tools.findChildren(QToolButton)}
        assert not by_name["Baseline"].isEnabled() and by_name["Tags"].isEnabled()
        by_name["Open"].click()
        assert window.panel_layout.lab_shown
        await until(lambda: tab.grid is not grid and tab.grid is not None and tab.grid.done == 4, LONG_S)
        window.laboratory.open_work("no such work")
        assert "gone" in window.statusBar().currentMessage()

    in_window(scenario)


def value(window: MainWindow, path: str) -> Any:
    document = window.bench.editor.document
    assert document is not None
    return lookup(document.raw, parse_path(path))
