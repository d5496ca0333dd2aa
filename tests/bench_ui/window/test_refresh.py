"""The figures in the panels follow the run."""

from __future__ import annotations

from bench_ui.widgets import number_format
from bench_ui.window.main_window import MainWindow

from tests.bench_ui.driving import (
    RUN_S,
    InWindow,
    open_preset,
    until_ended,
)
from tests.runs import preset, until


def test_what_was_hidden_when_a_run_ended_is_that_runs_when_it_is_seen(in_window: InWindow) -> None:
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
        window.bench.edit([(("bench", "listeners", "h", 0, "delay_ms"), 6)], "delay")
        window.bench.start()
        await until_ended(window)
        assert distribution() == quick, "what is not seen is not drawn"
        board.show_fourth("distribution")
        result = window.bench.result
        assert result is not None
        slow = number_format.duration_ns(1e3 * result.handlers["h"].listeners["l"].service_us.p99)
        await until(lambda: distribution() == slow)
        assert window.panels.run_bar.state.p99 == f"p99 {slow}"
        board.latency.choose("lateness")
        lateness = number_format.duration_ns(1e3 * result.handlers["h"].lateness_us.p99)
        assert window.panels.run_bar.state.p99 == f"p99 {lateness}"

    in_window(scenario)
