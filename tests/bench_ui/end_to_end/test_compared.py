"""A run beside its baseline: the live figures are shown with the kept run's figures of the same moment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bench_ui.panels.flow import Flow, flow_at, flow_of
from bench_ui.plots.legend import LegendEntry
from bench_ui.scope import Scope
from bench_ui.widgets import number_format
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt

from bench_app.engine.unit_key import UnitKey
from bench_app.engine.view import view_of
from tests.bench_ui.driving import InWindow, open_preset, until_ended, until_running
from tests.bench_ui.plots.series import handler_series, listener_series
from tests.runs import preset, until

ALL = Scope(everything=True)


def legend(window: MainWindow, accessible: str) -> LegendEntry:
    return next(one for one in window.findChildren(LegendEntry) if one.accessibleName() == accessible)


def test_the_numbers_of_the_baseline_are_those_of_the_same_moment(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=400, duration_s=1.5))
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()
        entry = legend(window, "Throughput: offered")
        assert not entry.baseline
        lower = entry.sizeHint().height()
        await window.run_actions.choose_baseline(window.panels.runs.summaries[0].id)
        assert entry.sizeHint().height() > lower
        kept = window.refresher.baseline
        assert kept is not None
        assert (
            f"baseline: offered {kept.record.result.handlers['h'].offered:,}"
            in window.panels.flow.accessibleDescription()
        )

        open_preset(window, preset({"socket_type": "PUSH"}, rate=100, duration_s=30))
        window.bench.start()
        await until_running(window)
        await until(lambda: entry.baseline.startswith(("39", "40")))
        assert not entry.value.startswith(("39", "40"))
        for plot in (window.panels.board.latency, window.panels.board.throughput):
            x, _ = plot.baseline["p50" if plot is window.panels.board.latency else "offered"].getData()
            assert len(x) > 3
        # The baseline was over after one and a half seconds, and has no rate after that.
        await until(lambda: entry.value != "" and entry.baseline == "")
        window.bench.run.stop()
        await until_ended(window)
        await window.run_actions.choose_baseline(None)
        assert "baseline" not in window.panels.flow.accessibleDescription()
        assert entry.sizeHint().height() == lower

    in_window(scenario)


def test_counters_of_a_kept_run_at_a_moment(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        raw: dict[str, Any] = preset({"socket_type": "REQ"}, rate=100, duration_s=0.5)
        raw["output"]["handlers"]["pub"] = {"uri": "zmq://tcp://127.0.0.1:*", "config": {"socket_type": "PUB"}}
        open_preset(window, raw)
        window.bench.start()
        await until_ended(window)
        result = window.bench.run.result
        assert result is not None
        tracks = {
            UnitKey("h"): handler_series(offered=10, accepted=8, received=7, replied=6, request_timeout=2),
            UnitKey("h", "rep-1"): listener_series(received=7),
            UnitKey("pub"): handler_series(offered=100, accepted=90, received=150, queue_overflow=10, lost=5),
            UnitKey("pub", "a"): listener_series(received=70),
        }
        # The series have a row each half second, so the third row is at 1 s.

        def at(scope: Scope, at_s: float) -> Flow:
            flow = flow_at(result, tracks, scope, at_s)
            assert flow is not None
            return flow

        then = at(ALL, 1.0)
        assert (then.offered, then.accepted, then.received) == (220, 196, 12 + 300)
        assert {name: count for name, count in then.losses.items() if count} == {
            "queue_overflow": 20,
            "lost": 10,
            "request_timeout": 4,
        }
        assert at(ALL, 1e9).offered == 440
        assert at(ALL, -0.1).offered == 0, "before the first sample nothing was counted"
        assert at(Scope(("pub",), "a"), 1.0).received == 140
        assert at(Scope(("h",), "rep-1"), 1.0).received == 12
        # Units that the baseline does not have show no value, not 0.
        assert flow_at(result, {}, ALL, 1.0) is None
        assert flow_at(result, tracks, Scope(("other",)), 1.0) is None
        assert flow_at(result, tracks, Scope(("pub",), "b"), 1.0) is None

    in_window(scenario)


def test_an_address_too_long_for_the_tree_takes_more_lines_and_is_not_cut(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        raw: dict[str, Any] = preset({"socket_type": "PUSH"}, uri="zmq://tcp://analytics-server.example:5555")
        raw["bench"]["listeners"] = {"h": [{"name": "a"}, {"name": "b"}]}
        open_preset(window, raw)
        tree = window.panels.handlers.tree
        item = tree.topLevelItem(0)
        narrow = tree.visualItemRect(item).height()
        window.resizeDocks([window.panel_layout.docks[0]], [600], Qt.Orientation.Horizontal)
        await until(lambda: tree.visualItemRect(item).height() < narrow)
        window.resizeDocks([window.panel_layout.docks[0]], [236], Qt.Orientation.Horizontal)
        await until(lambda: tree.visualItemRect(item).height() == narrow)
        window.bench.start()
        # During the run both connections are listed.
        await until(lambda: tree.visualItemRect(item).height() > narrow)
        window.bench.run.stop()
        await until_ended(window)

    in_window(scenario)


def test_received_messages_count_as_offered_and_accepted(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        raw: dict[str, Any] = preset({"socket_type": "PUB"}, rate=200, duration_s=0.5)
        raw["bench"]["listeners"] = {"h": [{"name": "a"}, {"name": "b"}]}
        open_preset(window, raw)
        window.bench.start()
        await until_ended(window)
        assert window.bench.run.session is not None
        (view,) = view_of(window.bench.run.session)
        flow = flow_of([view], ALL, {})
        assert (flow.offered, flow.accepted, flow.received) == (100, 100, 200)
        # As if one subscriber's report had come after the publisher's last one.
        ahead = replace(view, listeners=(replace(view.listeners[0], received=107), view.listeners[1]))
        flow = flow_of([ahead], ALL, {})
        assert (flow.offered, flow.accepted, flow.received) == (107, 107, 207)

    in_window(scenario)


def test_after_a_run_every_figure_is_of_the_whole_run_and_the_next_run_begins_without_figures(
    in_window: InWindow,
) -> None:
    async def scenario(window: MainWindow) -> None:
        listeners = [{"name": "quick"}, {"name": "slow", "delay_ms": 3}]
        open_preset(window, preset({"socket_type": "PUB", "topic": "t"}, rate=200, duration_s=1.5, listeners=listeners))
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()

        def shown() -> dict[str, str]:
            entries = window.findChildren(LegendEntry)
            found = {one.accessibleName(): one.value for one in entries if one.isVisible()}
            return found | {"head": window.panels.run_bar.state.p99, "scope": window.panels.flow.flow.scope_label}

        result = window.bench.run.result
        assert result is not None
        worst_ns = 1e3 * max(one.service_us.p99 for one in result.handlers["h"].listeners.values())
        window.refresher.refresh()
        await until(lambda: window.panels.board.settled)
        assert shown()["head"] == f"p99 {number_format.duration_ns(worst_ns)}"
        assert shown()["Latency: p99"] == number_format.duration_ns(worst_ns)
        rates = (result.handlers["h"].offered / result.duration_s, 2 * 300 / result.duration_s)
        assert shown()["Throughput: offered"] == number_format.rate(rates[0])
        assert shown()["Throughput: received"] == number_format.rate(rates[1])
        over = shown()
        await window.run_actions.show(window.panels.runs.summaries[0].id)
        await until(lambda: window.panels.board.settled)
        assert shown() == over, "a kept run shows what it showed when it ended"

        window.panels.handlers.select("h", "quick")
        await until(lambda: window.panels.board.settled)
        quick_ns = 1e3 * result.handlers["h"].listeners["quick"].service_us.p99
        assert shown()["Latency: p99"] == shown()["Distribution: service"] == number_format.duration_ns(quick_ns)
        assert shown()["scope"] == "h/quick"
        assert "received 300" in window.panels.flow.accessibleDescription()

        window.bench.start()
        assert "offered 0" in window.panels.flow.accessibleDescription() and not window.panels.ledger.rows
        assert shown()["head"] == "p99 –" and not shown()["Distribution: service"]
        await until_ended(window)

    in_window(scenario)


def test_losses_at_the_very_end_are_in_plots_and_baseline(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        listeners = [{"name": "stalled", "stall": [0, 100], "high_water_mark": 10}]
        open_preset(
            window, preset({"socket_type": "PUB", "topic": "t", "high_water_mark": 10}, rate=2000, listeners=listeners)
        )
        # Over inproc only the two high-water marks hold messages.
        window.bench.editor.edit([(("output", "handlers", "h", "uri"), "zmq://inproc://lost-at-the-end")], "uri")
        window.bench.start()
        await until_ended(window)
        await window.run_store.flush()
        result = window.bench.run.result
        assert result is not None and result.balanced
        lost = result.handlers["h"].lost
        assert lost > 500
        sampler = window.bench.run.session.sampler  # type: ignore[union-attr]
        assert sampler is not None and sampler.series[UnitKey("h")].column("lost")[-1] == lost
        await until(lambda: window.panels.board.settled)
        x, dropped = window.panels.board.drops.data["lost"]
        assert dropped[-1] > 0
        # The time axis no longer moves once the run is over.
        shown = window.panels.board.time.end_s
        assert shown >= x[-1]
        window.panels.board.time.look_at(0.0, 0.2)
        window.panels.board.time.go_live()
        window.panels.board.frame(None, fresh=False)
        assert window.panels.board.time.end_s == shown
        await window.run_actions.choose_baseline(window.panels.runs.summaries[0].id)
        assert window.panels.flow.baseline is not None and window.panels.flow.baseline.losses["lost"] == lost

    in_window(scenario)
