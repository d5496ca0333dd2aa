"""Changes of the document while it runs: forms, added and removed handlers."""

from __future__ import annotations

import pytest
from bench_ui.forms import NumberBox
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bench_app.engine.unit_key import UnitKey
from bench_app.engine.view import view_of
from tests.bench_ui.driving import (
    InWindow,
    open_preset,
    until_ended,
    until_running,
)
from tests.runs import assert_balanced, preset, until


def test_knobs_changed_in_the_forms_reach_the_run_and_are_marked_on_every_plot(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=6.0, listeners=[{"name": "l"}]))
        window.bench.start()
        await until_running(window)
        session = window.bench.run.session
        assert session is not None
        window.panels.handlers.select("h")
        form = next(iter(window.panels.inspector.handler_pages.values())).config
        box = form.widget("high_water_mark")
        assert isinstance(box, NumberBox)
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, "20")
        QTest.keyClick(box, Qt.Key.Key_Return)
        await until(lambda: any("the socket was recreated" in s for s in window.panels.events.messages))
        assert session.handlers["h"].plan.spec.config.high_water_mark == 20
        window.panels.inspector.source_page.load.edited.emit({"shape": "constant", "rate": 900})
        await until(lambda: session.handlers["h"].window.rates()[0] > 700)
        for plot in window.panels.board.time_plots:
            labels = [mark.text for mark in plot.timeline.markers.marks]
            assert "h: high_water_mark 1,000 -> 20" in labels
            assert "h: load constant 300/s -> constant 900/s" in labels
        window.bench.run.stop()
        await until_ended(window)
        assert window.bench.run.result is not None and window.bench.run.result.balanced

    in_window(scenario)


def test_twenty_live_changes_and_the_ledger_balances(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(
            window, preset({"socket_type": "PUB", "topic": "t"}, rate=500, duration_s=30, listeners=[{"name": "l"}])
        )
        window.bench.start()
        await until_running(window)
        for turn in range(20):
            hwm = 100 + turn
            path = ("output", "handlers", "h", "config", "high_water_mark")
            assert window.bench.editor.edit([(path, hwm)], "hwm") == []
            session = window.bench.run.session
            assert session is not None
            await until(
                lambda turn=turn: sum("the socket was recreated" in s for s in window.panels.events.messages) > turn
            )
        window.bench.run.stop()
        await until_ended(window)
        assert window.bench.run.result is not None
        assert_balanced(window.bench.run.result)
        assert window.bench.editor.undo_stack.count() == 20

    in_window(scenario)


@pytest.mark.usefixtures("well_known_ports")
def test_handlers_come_and_go_and_restart_in_a_run(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=500, duration_s=30))
        window.bench.start()
        await until_running(window)
        session = window.bench.run.session
        assert session is not None and session.sampler is not None
        window.document_editing.add_handler("REQ")
        await until(lambda: "zmq-req" in session.handlers and session.handlers["zmq-req"].counts.replied > 20)
        window.panels.handlers.select("h")
        config = next(iter(window.panels.inspector.handler_pages.values())).config
        config.edited.emit("socket_type", "PUB")
        await until(lambda: session.handlers["h"].plan.spec.config.socket_type == "PUB")
        await until(lambda: session.handlers["h"].counts.accepted > 20)
        (before,) = set(session.handlers) - {"h", "zmq-req"}
        assert before.startswith("h (until ")
        # The figures of the handler include those from before its restart.
        series, left = session.sampler.series, session.handlers[before].key.of_listener("pull-1")
        await until(lambda: left in series and len(series[UnitKey("h")]) > 5)
        both = session.handlers[before].counts.offered
        window.refresher.refresh()
        assert window.panels.flow.flow.offered >= both + 20
        window.panels.handlers.select("zmq-req")
        window.panels.handlers.remove_selected()
        await until(lambda: list(session.present) == ["h"])
        window.panels.handlers.tree.clearSelection()
        assert window.panels.handlers.scope.everything
        window.bench.run.stop()
        await until_ended(window)
        result = window.bench.run.result
        assert result is not None and len(result.handlers) == 3
        window.refresher.refresh()
        assert all(view.offered_rate == 0.0 for view in view_of(session)), "no events are offered any more"
        flow = window.panels.flow.flow
        assert flow.over and flow.rates[0] == pytest.approx(flow.offered / session.elapsed_s, rel=0.01)
        window.panels.handlers.select("h")
        assert window.panels.flow.flow.rates[0] < flow.offered / session.elapsed_s
        window.panels.handlers.tree.clearSelection()
        assert_balanced(result)
        window.refresher.refresh()
        assert window.panels.flow.flow.offered == sum(handler.offered for handler in result.handlers.values())
        assert f"PUSH {before}" in {row[0] for row in window.panels.ledger.rows}
        marks = [mark.text for mark in window.panels.board.time_plots[0].timeline.markers.marks]
        assert "zmq-req joins the run" in marks and "zmq-req leaves the run" in marks

    in_window(scenario)


def test_a_connection_key_is_changed_in_a_run_and_conflicting_keys_are_marked(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=30.0, listeners=[{"name": "l"}]))
        window.bench.start()
        await until_running(window)
        window.panels.handlers.select("h")
        (page,) = window.panels.inspector.handler_pages.values()
        page.connection.edited.emit("heartbeat_timeout", 500)
        assert "heartbeat_interval" in page.connection.fault_of("heartbeat_timeout")
        page.connection.edited.emit("heartbeat_interval", 200)
        session = window.bench.run.session
        assert session is not None
        await until(lambda: session.handlers["h"].plan.bench.heartbeat_interval == 200)
        counts = session.handlers["h"].counts.accepted
        await until(lambda: session.handlers["h"].counts.accepted > counts + 100)
        window.bench.run.stop()
        await until_ended(window)
        assert window.bench.run.result is not None
        assert_balanced(window.bench.run.result)

    in_window(scenario)
