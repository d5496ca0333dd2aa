"""The way out of a run: handlers close when their listeners have everything, and a unit that hangs is killed."""

from __future__ import annotations

import time

import pytest

from bench_app.engine import stopping
from bench_app.engine.control.messages import Close, Drain, Drained, SourceEnded, StopSource
from bench_app.engine.live_ledger import QUIET_NS
from bench_app.measure.counters import HandlerSlot, ListenerSlot, MappedCounters
from tests.engine.stage import Play, Stage
from tests.engine.units import handler_report, listener_report
from tests.runs import preset

PUSH = preset({"socket_type": "PUSH", "linger": 0}, listeners=[{"name": "a"}, {"name": "b"}])
HANDLER, FIRST, SECOND = "handler-1", "handler-1/listener-1", "handler-1/listener-2"


async def running(stage: Stage) -> None:
    await stage.bring_up()
    stage.sent.clear()
    stage.events.clear()


async def report(stage: Stage, accepted: int, *received: int, idle_ns: int = 0) -> None:
    now_ns = time.perf_counter_ns()
    await stage.hear(stage.handler, handler_report(stage.handler, now_ns, offered=accepted, accepted=accepted))
    for listener, count in zip(stage.listeners, received, strict=True):
        await stage.hear(listener, listener_report(listener, now_ns, received=count, idle_ns=idle_ns))


def test_handlers_close_before_their_listeners(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await stage.stopper.take_down([stage.handler])
        assert stage.kinds() == [
            (HANDLER, StopSource),
            (FIRST, Drain),
            (SECOND, Drain),
            (HANDLER, Close),
            (FIRST, Drain),
            (SECOND, Drain),
            (FIRST, Close),
            (SECOND, Close),
        ]
        assert all(unit.finished for unit in stage.run.roster.units.values())
        assert stage.events == []

    play(PUSH, act)


def test_a_handler_is_not_released_before_its_queue_is_empty(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await report(stage, 10, 4, 6)
        await stage.stopper.release_handlers()
        assert stage.sent == []
        await stage.hear(stage.handler, Drained(unit=HANDLER))
        await stage.stopper.release_handlers()
        assert stage.kinds() == [(HANDLER, Close)]

    play(PUSH, act)


def test_a_handler_waits_for_a_listener_that_misses_something_until_it_is_silent(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await report(stage, 10, 4, 5)
        await stage.hear(stage.handler, Drained(unit=HANDLER))
        await stage.stopper.release_handlers()
        assert stage.sent == []
        for listener in stage.listeners:
            later_ns = stage.handler.drained_ns + QUIET_NS
            await stage.hear(listener, listener_report(listener, later_ns, received=4, idle_ns=QUIET_NS))
        await stage.stopper.release_handlers()
        assert stage.kinds() == [(HANDLER, Close)]

    play(PUSH, act)


def test_a_handler_is_released_once(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        stage.silent = {Close}
        await stage.hear(stage.handler, Drained(unit=HANDLER))
        for _ in range(3):
            await stage.stopper.release_handlers()
        assert stage.kinds() == [(HANDLER, Close)]
        assert stage.handler.released and not stage.handler.done

    play(PUSH, act)


@pytest.mark.parametrize("linger", [0, -1], ids=["no linger", "endless linger"])
def test_a_handler_that_hangs_is_ended_by_force_and_its_counters_are_read(
    linger: int, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "CLOSE_MARGIN_S", 0.0)
    monkeypatch.setattr(stopping, "LINGER_LIMIT_S", 0.0)
    monkeypatch.setattr(stopping, "QUIET_LIMIT_S", 0.0)
    raw = preset({"socket_type": "PUSH", "linger": linger}, listeners=[{"name": "a"}, {"name": "b"}])

    async def act(stage: Stage) -> None:
        await running(stage)
        handler = stage.handler
        counters = MappedCounters(handler.counters_file, HandlerSlot)
        counters.slots[HandlerSlot.OFFERED] = 9
        counters.slots[HandlerSlot.ACCEPTED] = counters.slots[HandlerSlot.ATTEMPTED] = 7
        counters.close()
        stage.silent = {StopSource, Close}
        await stage.stopper.take_down([handler])
        assert "h: did not close in 0 s and was ended by force" in stage.messages()
        assert handler.crashed and not handler.finished
        assert (handler.counts.offered, handler.counts.accepted, handler.counts.aborted) == (9, 7, 2)
        assert stage.workers.pid_of(handler) is None

    play(raw, act)


def test_a_listener_that_hangs_is_ended_by_force_and_its_counters_are_read(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "CLOSE_MARGIN_S", 0.0)

    async def act(stage: Stage) -> None:
        await running(stage)
        listener = stage.listeners[0]
        counters = MappedCounters(listener.counters_file, ListenerSlot)
        counters.slots[ListenerSlot.RECEIVED] = 5
        counters.close()
        await stage.hear(stage.handler, SourceEnded(unit=HANDLER, at_ns=1))
        stage.handler.finished = True
        stage.silent = {Close}
        await stage.stopper.take_down([stage.handler])
        forced = [text for text in stage.messages() if text.endswith("did not close in 0 s and was ended by force")]
        assert [text.partition(":")[0] for text in forced] == ["h/a", "h/b"]
        assert listener.crashed
        assert listener.counts.received == 5

    play(PUSH, act)


def test_a_listener_that_never_falls_silent_is_closed_at_the_limit(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "QUIET_LIMIT_S", 0.0)

    async def act(stage: Stage) -> None:
        await running(stage)
        await report(stage, 10, 1, 1)
        stage.handler.finished = True
        await stage.stopper.take_down([stage.handler])
        assert [unit for unit, kind in stage.kinds() if kind is Close] == [FIRST, SECOND]
        assert all(one.finished for one in stage.listeners)

    play(PUSH, act)


def test_handlers_that_never_opened_are_not_waited_for(play: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.run.wait.stop()
        handlers = stage.starter.add_states(["h"])
        stage.silent = {StopSource}
        await stage.stopper.take_down(handlers)
        assert stage.kinds() == [(HANDLER, StopSource)]
        assert stage.events == []

    play(PUSH, act)


def test_stopping_the_run_does_not_cut_its_drain_short(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        stage.run.wait.stop()
        await stage.stopper.take_down([stage.handler])
        assert all(unit.finished for unit in stage.run.roster.units.values())

    play(PUSH, act)


def test_a_run_that_is_ended_by_force_waits_for_no_unit(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        stage.silent = {StopSource, Drain, Close}
        stage.run.wait.force()
        await stage.stopper.take_down([stage.handler])
        assert all(unit.crashed for unit in stage.run.roster.units.values())

    play(PUSH, act)
