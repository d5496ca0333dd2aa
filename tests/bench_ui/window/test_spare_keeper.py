"""The keeper of spare workers: as many as the open document needs, and none during a run."""

from __future__ import annotations

from bench_ui.window.main_window import MainWindow
from bench_ui.window.spare_keeper import SpareKeeper

from tests.bench_ui.driving import InWindow, open_preset, short_run, until_ended, until_running
from tests.runs import preset, until


def test_an_idle_window_has_the_processes_of_the_next_run(in_window: InWindow, own_workers: None) -> None:
    async def scenario(window: MainWindow) -> None:
        spares = window.bench.run.spares
        SpareKeeper(window.bench)
        open_preset(window, preset({"socket_type": "PUSH"}, rate=200, duration_s=30, listeners=[{"name": "a"}]))
        await until(lambda: len(spares) == 2)
        window.bench.start()
        await until_running(window)
        assert len(spares) == 0, "the run took them, and a run is not disturbed by new ones"
        window.bench.run.stop()
        await until_ended(window)
        await until(lambda: len(spares) == 2)
        window.bench.refuse_runs("the lab works")
        taken = spares.take()
        assert taken is not None and taken.stdin is not None
        taken.stdin.close()
        taken.wait()
        open_preset(window, short_run(200))
        window.bench.refuse_runs("")
        await until(lambda: len(spares) == 2)

    in_window(scenario)
