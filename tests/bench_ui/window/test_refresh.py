"""The figures in the panels follow the run."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, cast

import pytest
from bench_ui.panels.flow import Flow
from bench_ui.widgets import number_format
from bench_ui.widgets.number_format import BASELINE_MARK
from bench_ui.window import refresh
from bench_ui.window.main_window import MainWindow
from bench_ui.window.refresh import Refresher

from bench_app.preset import documents
from tests.bench_ui.driving import (
    RUN_S,
    InWindow,
    open_preset,
    short_run,
    until_ended,
    until_running,
)
from tests.runs import preset, until


def test_a_plot_hidden_at_the_end_of_a_run_shows_that_run_once_it_is_visible(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        board = window.panels.board

        def distribution() -> str:
            return board.distribution.legend.entries["service"].value

        open_preset(window, preset({"socket_type": "PUSH"}, rate=200, duration_s=RUN_S, listeners=[{"name": "l"}]))
        window.bench.start()
        await until_ended(window)
        quick = distribution()
        assert quick
        board.show_fourth("queue")
        window.bench.editor.edit([(("bench", "listeners", "h", 0, "delay_ms"), 6)], "delay")
        window.bench.start()
        await until_ended(window)
        assert distribution() == quick, "a hidden plot is not drawn"
        board.show_fourth("distribution")
        result = window.bench.run.result
        assert result is not None
        slow = number_format.duration_ns(1e3 * result.handlers["h"].listeners["l"].service_us.p99)
        await until(lambda: distribution() == slow)
        assert window.panels.run_bar.state.p99 == f"p99 {slow}"
        board.latency.choose("lateness")
        lateness = number_format.duration_ns(1e3 * result.handlers["h"].lateness_us.p99)
        assert window.panels.run_bar.state.p99 == f"p99 {lateness}"

    in_window(scenario)


def test_the_status_line_has_the_state_of_the_run_and_a_remark_on_a_baseline_with_other_handlers(
    in_window: InWindow,
) -> None:
    async def scenario(window: MainWindow) -> None:
        line = window.panels.status_line
        window.refresher.show_status()
        assert line.status.startswith("workers 0") and line.status.endswith("%") and line.baseline == ""
        open_preset(window, short_run(500))
        window.bench.start()
        await until_running(window)
        window.refresher.show_status()
        assert line.status.endswith("running") and not line.status.startswith("workers 0")
        assert re.search("data plane (compiled|python)", line.status)
        await until_ended(window)
        await window.run_store.flush()
        window.refresher.show_status()
        finished = window.bench.run.finished
        assert finished is not None and line.status.endswith(finished.outcome)
        await window.run_actions.choose_baseline(window.panels.runs.summaries[0].id)
        assert line.baseline.startswith(f"{BASELINE_MARK} test, 20") and "other handlers" not in line.baseline
        window.document_editing.rename("h", "", "another")
        window.refresher.show_status()
        assert line.baseline.endswith(" (other handlers than these)")

        # Another preset drops the selection, and hides the baseline until it is chosen again.
        window.panels.handlers.select("another")
        window.bench.set_document(documents.parse(short_run(500), "other"))
        window.refresher.show_status()
        assert window.panels.handlers.selected() == []
        assert line.baseline.endswith(" (hidden: it is of test)") and window.refresher.compared is None
        assert not any(len(x) for plot in window.panels.board.time_plots for x, _ in plot.baseline_data.values())
        # A window that starts with this preset reads the baseline only then.
        await window.run_actions.load_baseline()
        assert line.baseline.endswith(" (hidden: it is of test)") and window.refresher.compared is None
        await window.run_actions.choose_baseline(window.panels.runs.summaries[0].id)
        assert "hidden" not in line.baseline and window.refresher.compared is window.refresher.baseline
        window.bench.set_document(documents.parse(short_run(500), "other"))
        window.bench.set_document(documents.parse(short_run(500), "test"))
        assert window.refresher.compared is not None

    in_window(scenario)


def test_without_a_run_figures_are_refreshed_at_once_and_in_a_run_by_its_samples(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, short_run(500))
        window.bench.start()
        await until_ended(window)
        window.panels.flow.show_flow(Flow())
        window.refresher.refresh_without_run()
        assert "offered 200" in window.panels.flow.accessibleDescription()
        window.bench.start()
        window.panels.flow.show_flow(Flow())
        window.refresher.refresh_without_run()
        assert "offered 0" in window.panels.flow.accessibleDescription()
        await until_ended(window)

    in_window(scenario)


def test_many_handlers_are_viewed_in_parts_so_that_no_tick_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    board = SimpleNamespace(set_caption=lambda caption: None)
    refresher = Refresher(run=cast(Any, None), editor=cast(Any, None), panels=cast(Any, SimpleNamespace(board=board)))
    viewed: list[int] = []
    refreshed: list[list[int]] = []

    def view_of(session: object, latencies: bool, handlers: list[int]) -> list[int]:
        viewed.append(len(handlers))
        return handlers

    def refresh_flow(views: list[int]) -> list[Any]:
        refreshed.append(views)
        return []

    monkeypatch.setattr(refresh, "view_of", view_of)
    monkeypatch.setattr(refresher, "_refresh_flow", refresh_flow)
    for count, sizes in ((40, [15, 15, 10]), (15, [15]), (0, [0])):
        viewed.clear()
        handlers = list(range(count))
        for part in refresher._refresh_in_parts(cast(Any, SimpleNamespace(handlers=dict(enumerate(handlers))))):
            part()
        assert viewed == sizes and refreshed.pop() == handlers


def test_a_run_that_is_behind_says_so_and_keeps_its_beginning_in_sight(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        # No machine offers so many events in the time.
        open_preset(window, preset({"socket_type": "PUB", "topic": "t"}, rate=10_000_000, duration_s=0.5))
        window.bench.start()
        bar, time = window.panels.run_bar, window.panels.board.time
        await until(lambda: re.fullmatch(r"\d+\.\d s late", bar.state.progress_word) is not None)
        session = window.bench.run.session
        assert session is not None
        await until(lambda: session.now_s > 2 * session.duration_s)
        assert bar.state.progress == 1.0 and bar.state.progress_word.endswith(" late")
        assert time.start_s <= 0.0 and time.end_s >= session.duration_s
        window.bench.run.stop()
        await until_ended(window)
        assert not bar.state.progress_word.endswith(" late")

    in_window(scenario)
