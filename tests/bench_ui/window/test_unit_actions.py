"""Requests for one handler or listener reach the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import zmq
from bench_ui.panels.unit_request import UnitAction, UnitRequest
from bench_ui.window.main_window import MainWindow

from tests.bench_ui.driving import (
    InWindow,
    click,
    open_preset,
    until_ended,
    until_running,
)
from tests.runs import assert_balanced, preset, until


def test_a_killed_listener_is_an_event_and_the_run_goes_on(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=20, listeners=[{"name": "l"}]))
        window.bench.start()
        await until_running(window)
        window.panels.handlers.select("h", "l")
        window.unit_actions.carry_out(UnitRequest(UnitAction.KILL, "h", "l"))
        await until(lambda: any("SIGKILL" in message for message in window.panels.events.messages))
        session = window.bench.run.session
        assert session is not None
        await until(lambda: next(iter(session.listeners.values())).restarts == 1)
        assert "another worker replaces it" in window.panels.events.messages
        window.bench.run.stop()
        await until_ended(window)
        assert window.bench.run.result is not None
        assert_balanced(window.bench.run.result)

    in_window(scenario)


def test_a_request_for_a_unit_that_takes_no_part_in_the_run_is_ignored(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=20, listeners=[{"name": "l"}]))
        carry_out = window.unit_actions.carry_out
        for action in (UnitAction.STOP, UnitAction.KILL, UnitAction.PAUSE, UnitAction.RECONNECT):
            carry_out(UnitRequest(action, "h"))
        assert not window.bench.run.running
        window.bench.start()
        await until_running(window)
        carry_out(UnitRequest(UnitAction.KILL, "h", "gone"))
        carry_out(UnitRequest(UnitAction.STOP, "gone"))
        session = window.bench.run.session
        assert session is not None and not any(one.restarts or one.done for one in session.listeners.values())
        window.bench.run.stop()
        await until_ended(window)
        assert window.bench.run.result is not None and window.bench.run.result.balanced

    in_window(scenario)


def test_listener_pause_by_button(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=20, listeners=[{"name": "l"}]))
        window.bench.start()
        await until_running(window)
        window.panels.handlers.select("h", "l")
        page = next(iter(window.panels.inspector.listener_pages.values()))
        click(page.pause)
        session = window.bench.run.session
        assert session is not None
        listener = next(iter(session.listeners.values()))
        await until(lambda: listener.window.rates() == (0.0,))
        click(page.pause)
        await until(lambda: listener.window.rates()[0] > 0)
        window.bench.run.stop()
        await until_ended(window)

    in_window(scenario)


def test_a_pause_asked_for_in_the_tree_is_shown_in_the_inspector(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=8.0, listeners=[{"name": "l"}]))
        window.bench.start()
        await until_running(window)
        window.panels.handlers.select("h")
        (page,) = window.panels.inspector.listener_pages.values()
        window.panels.handlers.action_wanted.emit(UnitRequest(UnitAction.PAUSE, "h", "l"))
        await until(page.pause.isChecked)
        window.panels.handlers.action_wanted.emit(UnitRequest(UnitAction.RESUME, "h", "l"))
        await until(lambda: not page.pause.isChecked())
        window.bench.run.stop()
        await until_ended(window)

    in_window(scenario)


def test_a_handler_that_gave_up_connects_again_from_the_tree(in_window: InWindow, free_port: int) -> None:
    async def scenario(window: MainWindow) -> None:
        config = {"socket_type": "PUSH", "max_reconnect_attempts": 1, "reconnect_interval": 20, "linger": 0}
        uri = f"zmq://tcp://127.0.0.1:{free_port}"
        open_preset(window, preset(config, uri=uri, rate=300, duration_s=60.0, handler={"paired": False}))
        window.bench.start()
        await until(lambda: window.bench.run.session is not None and "h" in window.bench.run.session.handlers)
        session = window.bench.run.session
        assert session is not None
        window.panels.handlers.select("h")
        assert "Connect again" not in [action.text() for action in window.panels.handlers.menu().actions()]
        again = await found(lambda: [a for a in window.panels.handlers.menu().actions() if a.text() == "Connect again"])
        with zmq.Context() as context, context.socket(zmq.PULL) as consumer:
            consumer.linger = 0
            consumer.bind(f"tcp://127.0.0.1:{free_port}")
            again.trigger()
            await until(lambda: bool(consumer.poll(0)))
            await until(lambda: session.handlers["h"].connection.label == "connected")
        window.bench.run.stop()
        await until_ended(window)

    in_window(scenario)


async def found(find: Callable[[], list[Any]]) -> Any:
    """Wait until ``find`` finds something; returns the first item."""
    items: list[Any] = []

    def has_found() -> bool:
        items[:] = find()
        return bool(items)

    await until(has_found)
    return items[0]
