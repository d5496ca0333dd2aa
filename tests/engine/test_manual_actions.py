"""Each action of a user reaches its unit, and is an event of the run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from bench_app.engine.control.messages import (
    EventsOffered,
    Finished,
    Message,
    Pause,
    Reconnect,
    RequestAnswered,
    SendEvent,
    StopSource,
)
from bench_app.engine.run_state import Phase
from bench_app.errors import EngineError
from bench_app.handlers.request_end import RequestOutcome
from bench_app.measure.counters import HandlerSlot, MappedCounters
from bench_app.system.tasks import spawn
from tests.engine.stage import Play, Stage
from tests.runs import preset

PUB = preset({"socket_type": "PUB"}, handler={"mode": "bind"}, listeners=[{"name": "a"}])
HANDLER, LISTENER = "handler-1", "handler-1/listener-1"


async def running(stage: Stage) -> None:
    await stage.bring_up()
    stage.silent = {StopSource}
    stage.sent.clear()
    stage.events.clear()


def start(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return spawn(work, name="test", on_error=lambda _: None)


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
        SendEvent(body=b'{"a":1}', number=1),
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
        ("source_ended_ns", 1, "has sent its last event"),
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


def test_a_burst_is_one_message_and_one_event(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        send = await stage.actions.send_event(stage.handler, b"{}", 12)
        assert stage.sent == [(HANDLER, SendEvent(body=b"{}", number=1, count=12))]
        assert stage.messages() == ["h: 12 events sent by hand"]
        assert (send.offered, send.is_confirmed) == (12, True)

    play(PUB, act)


@pytest.mark.parametrize(
    ("count", "message"), [(1, "one event sent by hand, lost at once"), (9, "9 events sent by hand, 4 of them lost")]
)
def test_events_that_the_queue_did_not_take_are_named(count: int, message: str, play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        stage.silent = {SendEvent}
        sending = start(stage.actions.send_event(stage.handler, b"{}", count))
        await asyncio.sleep(0)
        answer = EventsOffered(unit=HANDLER, number=1, at_ns=1, offered=count, lost=min(count, 4))
        await stage.hear(stage.handler, answer)
        stage.run.wait.notify()
        await sending
        assert stage.messages()[0].startswith(f"h: {message}")

    play(PUB, act)


@pytest.mark.parametrize("by_hand", [0, 1])
def test_the_counters_of_a_killed_worker_say_whether_the_event_was_sent(by_hand: int, play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        stage.silent = {SendEvent}
        sending = start(stage.actions.send_event(stage.handler, b"{}"))
        await asyncio.sleep(0)
        with MappedCounters(stage.handler.counters_file, HandlerSlot) as counters:
            counters.slots[HandlerSlot.OFFERED] = counters.slots[HandlerSlot.BY_HAND] = by_hand
        stage.actions.kill(stage.handler)
        stage.workers.started[0].process.wait(60)
        stage.workers.replace_dead(replaceable=True)
        stage.run.wait.notify()
        if by_hand:
            assert (await sending).offered == stage.handler.counts.offered == 1
        else:
            with pytest.raises(EngineError, match="h: not sent, because its worker ended"):
                await sending
            assert stage.handler.counts.offered == 0

    play(PUB, act)


def test_a_handler_that_ends_before_it_answers_has_sent_what_its_last_report_says(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        stage.silent = {SendEvent}
        sending = start(stage.actions.send_event(stage.handler, b"{}", 3))
        await asyncio.sleep(0)
        await stage.hear(stage.handler, Finished(unit=HANDLER))
        stage.run.wait.notify()
        with pytest.raises(EngineError, match="h: not sent, because the handler has ended"):
            await sending

    play(PUB, act)


def test_a_run_that_is_ended_by_force_does_not_wait_for_an_answer(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        stage.silent = {SendEvent}
        sending = start(stage.actions.send_event(stage.handler, b"{}"))
        await asyncio.sleep(0)
        stage.run.wait.force()
        with pytest.raises(EngineError, match="h: the run was ended by force, and its ledger says what was sent"):
            await sending

    play(PUB, act)


def test_the_answers_of_requests_are_awaited(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        send = await stage.actions.send_event(stage.handler, b"{}", 2)
        waiting = start(stage.actions.wait_answered(stage.handler, send))
        for outcome in (RequestOutcome.REPLIED, RequestOutcome.NO_REPLY):
            assert not waiting.done()
            answer = RequestAnswered(unit=HANDLER, number=1, outcome=outcome, waited_ns=5, frames=(b"yes",))
            await stage.hear(stage.handler, answer)
            stage.run.wait.notify()
        await waiting
        assert (send.replied, send.ended, send.longest_ns) == (1, 2, 5)

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
