"""Each action of a user reaches its unit, and is an event of the run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bench_app.engine.control.messages import Message, Pause, Reconnect, SendEvent, StopSource
from bench_app.engine.run_state import Phase
from bench_app.errors import EngineError
from tests.engine.stage import Play, Stage
from tests.runs import preset

PUB = preset({"socket_type": "PUB"}, handler={"mode": "bind"}, listeners=[{"name": "a"}])
HANDLER, LISTENER = "handler-1", "handler-1/listener-1"


async def running(stage: Stage) -> None:
    await stage.bring_up()
    stage.silent = {StopSource}
    stage.sent.clear()
    stage.events.clear()


def test_a_pause_stops_the_sources_and_the_clock_and_not_the_listeners(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await stage.actions.pause(True)
        assert stage.run.clock.is_paused
        await stage.actions.pause(False)
        assert not stage.run.clock.is_paused
        assert stage.sent == [(HANDLER, Pause(paused=True)), (HANDLER, Pause(paused=False))]
        assert stage.messages() == ["engine: paused", "engine: resumed"]
        assert all(event.marker for event in stage.events)

    play(PUB, act)


def test_a_pause_in_a_pause_does_nothing(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        for paused in (True, True, False, False):
            await stage.actions.pause(paused)
        assert stage.messages() == ["engine: paused", "engine: resumed"]

    play(PUB, act)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.RUNNING])
def test_outside_the_running_phase_a_pause_does_nothing(phase: Phase, play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        stage.run.enter(phase)
        await stage.actions.pause(True)
        assert (stage.sent, stage.events, stage.run.clock.is_paused) == ([], [], False)

    play(PUB, act)


def test_a_unit_paused_alone_stays_paused_when_the_run_continues(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await stage.actions.pause_unit(stage.handler, True)
        await stage.actions.pause(True)
        await stage.actions.pause(False)
        assert stage.sent[-1] == (HANDLER, Pause(paused=True))
        await stage.actions.pause_unit(stage.handler, False)
        assert stage.sent[-1] == (HANDLER, Pause(paused=False))

    play(PUB, act)


def test_a_handler_that_continues_alone_stays_paused_with_the_run(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await stage.actions.pause(True)
        await stage.actions.pause_unit(stage.handler, False)
        assert stage.sent[-1] == (HANDLER, Pause(paused=True))

    play(PUB, act)


def test_a_pause_of_a_listener_pauses_no_other_unit(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await stage.actions.pause_unit(stage.listeners[0], True)
        assert stage.sent == [(LISTENER, Pause(paused=True))]
        assert stage.messages() == ["h/a: paused"]
        assert not stage.run.clock.is_paused

    play(PUB, act)


ACTIONS: dict[str, tuple[Callable[[Stage], Awaitable[None]], Message, str]] = {
    "stop": (lambda stage: stage.actions.stop_handler(stage.handler), StopSource(), "h: stopped by hand"),
    "send": (
        lambda stage: stage.actions.send_event(stage.handler, b'{"a":1}'),
        SendEvent(body=b'{"a":1}'),
        "h: one event sent by hand",
    ),
    "reconnect": (
        lambda stage: stage.actions.reconnect(stage.handler),
        Reconnect(),
        "h: connecting again, started by hand",
    ),
}


@pytest.mark.parametrize(("action", "message", "event"), ACTIONS.values(), ids=ACTIONS)
def test_an_action_on_one_handler(
    action: Callable[[Stage], Awaitable[None]], message: Message, event: str, play: Play
) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await action(stage)
        assert stage.sent == [(HANDLER, message)]
        assert stage.messages() == [event]

    play(PUB, act)


@pytest.mark.parametrize(
    ("attribute", "value", "reason"),
    [
        ("finished", True, "has ended"),
        ("crashed", True, "has ended"),
        ("released", True, "is closing"),
        ("endpoint", "", "is not open"),
    ],
)
def test_an_event_by_hand_is_refused_when_nothing_would_count_it(
    attribute: str, value: object, reason: str, play: Play
) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        setattr(stage.handler, attribute, value)
        with pytest.raises(EngineError, match=f"h: not sent, because the handler {reason}"):
            await stage.actions.send_event(stage.handler, b"{}")
        assert (stage.sent, stage.messages()) == ([], [])

    play(PUB, act)


def test_a_worker_that_is_killed_by_hand_is_replaced_and_no_error(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        stage.actions.kill(stage.listeners[0])
        stage.workers.started[-1].process.wait(60)
        stage.workers.replace_dead(replaceable=True)
        assert stage.messages() == ["h/a: its worker was killed by SIGKILL", "h/a: another worker replaces it"]
        assert not any(event.is_error for event in stage.events)
        assert (stage.listeners[0].restarts, stage.listeners[0].ending) == (1, "")

    play(PUB, act)
