"""Result, tables, flow strip and plots show the same figures when a run ends."""

from __future__ import annotations

from bench_ui.window.main_window import MainWindow

from bench_app.engine.unit_key import UnitKey
from tests.bench_ui.driving import (
    InWindow,
    click,
    open_preset,
    three_patterns,
    until_ended,
)
from tests.runs import assert_balanced, assert_sound, preset


def test_three_patterns_end_with_the_same_numbers_everywhere(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, three_patterns(duration_s=1.5))
        click(window.panels.run_bar.start)
        await until_ended(window)
        result = window.bench.run.result
        assert result is not None
        assert_balanced(result)
        assert_sound(result)
        assert {name: h.offered for name, h in result.handlers.items()} == {"h": 600, "push": 600, "req": 600}
        # No handler is connected any more.
        rows = window.panels.handlers.rows
        assert {(row.state, row.status) for row in rows} == {("idle", "ended")}
        assert result.gui is not None and result.gui.frames_per_s > 0
        rows = {row[0]: row for row in window.panels.ledger.rows}
        assert rows["PUB h"][1] == rows["PUSH push"][1] == rows["REQ req"][7] == "600"
        assert all(row[-1] in ("balances", "") for row in window.panels.ledger.rows)
        assert result.verdict.upper() in window.panels.ledger.verdict
        sampler = window.bench.run.session.sampler  # type: ignore[union-attr]
        assert sampler is not None and sampler.series[UnitKey("push")].column("received")[-1] == 600
        assert "offered 1,800" in window.panels.flow.accessibleDescription()

    in_window(scenario)


def test_the_final_figures_in_the_window_are_those_of_the_result(in_window: InWindow) -> None:
    """Messages lost after the last one that a subscriber received are known only at the end of the run."""

    async def scenario(window: MainWindow) -> None:
        config = {"socket_type": "PUB", "high_water_mark": 1}
        stalled = [{"name": "slow", "high_water_mark": 1, "delay_ms": 5}]
        source = {"kind": "synthetic", "event": "detection", "size": 20000, "load": {"shape": "constant", "rate": 2000}}
        open_preset(window, preset(config, source=source, listeners=stalled, duration_s=1.0))
        window.bench.start()
        await until_ended(window)
        result = window.bench.run.result
        assert result is not None
        assert_balanced(result)
        lost = result.handlers["h"].lost
        assert lost > 0
        assert f"on the way 0, received {2000 - lost:,}" in window.panels.flow.accessibleDescription()
        assert f"lost {lost:,}" in window.panels.flow.accessibleDescription()
        assert window.panels.run_bar.state.lost == f"{lost:,} drops"
        assert f"{lost:,}" in next(row for row in window.panels.ledger.rows if row[0] == "PUB h")

    in_window(scenario)
