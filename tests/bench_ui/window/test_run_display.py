"""Errors and the verdict of a run are shown."""

from __future__ import annotations

import pytest
import zmq
from bench_ui.runs import run_controller
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from bench_app.engine.session import Phase
from bench_app.errors import EngineError
from tests.bench_ui.driving import (
    InWindow,
    click,
    open_preset,
    until_ended,
)
from tests.runs import preset, until


def test_a_handler_that_cannot_start_is_reported_at_once_while_the_others_run(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        with zmq.Context() as context, context.socket(zmq.PULL) as stranger:
            port = stranger.bind_to_random_port("tcp://127.0.0.1")
            raw = preset({"socket_type": "PUB", "topic": "t"}, uri=f"zmq://tcp://*:{port}", rate=300, duration_s=20)
            raw["output"]["handlers"]["push"] = {"uri": "zmq://tcp://127.0.0.1:*", "config": {"socket_type": "PUSH"}}
            open_preset(window, raw)
            window.bench.start()
            await until(lambda: window.bench.run.phase is Phase.RUNNING)
            assert window.panels.banner.isVisible() and window.panels.banner.text().startswith("h: cannot bind")
            assert window.panels.banner.text().endswith("(and 1 more, see Events)")
            model = window.panels.events.view.model()
            colors = {
                str(model.index(row, 2).data()): model.index(row, 2).data(Qt.ItemDataRole.ForegroundRole)
                for row in range(model.rowCount())
            }
            assert colors["not started, because its handler was not started"] == window.color_scheme.theme.color("lost")
            assert any(color is None for color in colors.values())
            click(window.panels.banner.findChildren(QAbstractButton)[0])
            assert not window.panels.banner.isVisible()
            window.bench.run.stop()
            await until_ended(window)
            # The failed handler makes the run invalid, although the user stopped it too.
            assert window.panels.ledger.verdict.startswith("INVALID")

    in_window(scenario)


def test_the_reason_of_a_failed_run_stays_in_the_banner_until_the_next_run_begins(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        raw = preset({"socket_type": "PUSH"}, duration_s=0.3, checks=["h: received == 0", "h: offered == 0"])
        open_preset(window, raw)
        window.bench.start()
        await until_ended(window)
        assert window.panels.banner.text().startswith(
            ("FAIL – check failed: h: received == 0 (and 1 more", "INVALID – ")
        )
        assert window.panels.banner.isVisible()
        window.bench.start()
        assert not window.panels.banner.isVisible()
        await until_ended(window)

    in_window(scenario)


def test_the_head_has_the_number_of_notes_and_a_click_shows_the_ledger(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        raw = preset({"socket_type": "PUB"}, handler={"paired": False, "mode": "bind"}, duration_s=0.3)
        open_preset(window, raw)
        window.bench.start()
        await until_ended(window)
        result = window.bench.run.result
        notes = window.panels.run_bar.notes
        assert result is not None and any("no peer was ever connected" in note for note in result.notes)
        await until(notes.isVisible)
        assert notes.text().split()[0] == str(len(result.notes))
        window.panel_layout.tabs.setCurrentWidget(window.panels.events)
        click(notes)
        assert window.panel_layout.tabs.currentWidget() is window.panels.ledger
        window.bench.start()
        assert notes.text() == ""
        window.bench.run.stop()
        await until_ended(window)

    in_window(scenario)


def test_a_run_that_ends_with_an_error_has_no_result_and_the_ledger_says_so(
    in_window: InWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise EngineError("the engine could not start: no room")

    async def scenario(window: MainWindow) -> None:
        monkeypatch.setattr(run_controller, "run_once", refuse)
        open_preset(window, preset({"socket_type": "PUSH"}))
        window.bench.start()
        await until(lambda: not window.bench.run.running)
        assert window.panels.ledger.verdict.startswith("No result")
        await until(lambda: "no room" in window.panels.banner.text())

    in_window(scenario)
