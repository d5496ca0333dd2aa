"""Messages of workers change the states of their units, and events have the time at which things happened there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from bench_app.engine import incoming
from bench_app.engine.control.messages import (
    Drain,
    Drained,
    Failed,
    Finished,
    Hello,
    Logged,
    Moved,
    Notice,
    Opened,
    OpenHandler,
    Ready,
    SourceEnded,
    StopSource,
    ToSession,
    WorkerReport,
    unit_identity,
)
from bench_app.engine.run_state import Phase
from bench_app.measure.clock import NS_PER_S
from bench_app.system.tasks import spawn
from tests.engine.stage import Play, Stage
from tests.engine.units import PLANE, handler_report, latencies, listener_report
from tests.runs import preset, until

PUB = preset({"socket_type": "PUB"}, handler={"mode": "bind"}, listeners=[{"name": "a"}, {"name": "b"}])
HANDLER, FIRST, SECOND = "handler-1", "handler-1/listener-1", "handler-1/listener-2"
START_NS = 1000 * NS_PER_S


async def running(stage: Stage) -> None:
    """A run that has started long ago, so that the time of an event is not the time at which it is read."""
    await stage.bring_up()
    stage.run.clock.start_ns = START_NS
    stage.sent.clear()
    stage.events.clear()


@pytest.mark.parametrize(
    "message",
    [
        Notice(unit=HANDLER, at_ns=START_NS + NS_PER_S // 4, message="connected", marker=True),
        Failed(unit=HANDLER, at_ns=START_NS + NS_PER_S // 4, reason="in use"),
        Moved(unit=HANDLER, at_ns=START_NS + NS_PER_S // 4, endpoint="tcp://127.0.0.1:1"),
    ],
    ids=lambda message: type(message).__name__,
)
def test_an_event_has_the_time_at_which_it_happened_in_the_worker(message: ToSession, play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        assert stage.run.clock.now_s != 0.25
        await stage.hear(stage.handler, message)
        (event,) = stage.events
        assert (event.at_s, event.source, event.marker) == (0.25, "h", True)

    play(PUB, act)


def test_a_notice_from_before_the_start_has_the_time_0(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        notice = Notice(unit=FIRST, at_ns=START_NS - NS_PER_S, message="connected")
        await stage.hear(stage.listeners[0], notice)
        (event,) = stage.events
        assert (event.at_s, event.source, event.message, event.marker) == (0.0, "h/a", "connected", False)

    play(PUB, act)


@pytest.mark.parametrize(
    ("endpoint", "failure", "message"),
    [
        ("tcp://127.0.0.1:2", "", "moved to tcp://127.0.0.1:2"),
        ("tcp://127.0.0.1:1", "in use", "stays at tcp://127.0.0.1:1: in use"),
        ("", "in use", "could not move, and its socket is closed: in use"),
    ],
)
def test_a_move_is_reported_with_its_outcome(endpoint: str, failure: str, message: str, play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        before = stage.handler.endpoint
        await stage.hear(stage.handler, Moved(unit=HANDLER, at_ns=START_NS, endpoint=endpoint, failure=failure))
        assert stage.messages() == [f"h: {message}"]
        assert (stage.handler.moves, stage.handler.endpoint) == (1, endpoint or before)

    play(PUB, act)


def test_reports_reach_the_unit_that_sent_them(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await stage.hear(stage.handler, handler_report(stage.handler, offered=9, accepted=7))
        await stage.hear(stage.listeners[1], listener_report(stage.listeners[1], received=5))
        assert (stage.handler.counts.offered, stage.handler.counts.accepted) == (9, 7)
        assert [one.counts.received for one in stage.listeners] == [0, 5]

    play(PUB, act)


@pytest.mark.parametrize(
    ("since_s", "at_s", "stall_s", "counted_s"),
    [(-1.0, 0.4, 1.3, 0.4), (-1.0, 0.4, 0.1, 0.1), (-1.0, 0.003, 0.9, 0.0), (-2.0, -1.0, 0.9, 0.0)],
)
def test_of_a_stall_where_measuring_begins_counts_what_is_measured(
    since_s: float, at_s: float, stall_s: float, counted_s: float, play: Play
) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        since_ns, at_ns, stall_ns = (int(seconds * NS_PER_S) for seconds in (since_s, at_s, stall_s))
        report = WorkerReport("worker-1", START_NS + since_ns, START_NS + at_ns, latencies(stall_ns))
        await stage.incoming.handle("", report)
        assert stage.run.workers["worker-1"].stall.max_ns == int(counted_s * NS_PER_S)

    play(PUB, act)


def test_a_message_of_a_replaced_worker_is_ignored(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        old = unit_identity(HANDLER, stage.handler.restarts)
        stage.handler.restarts += 1
        await stage.incoming.handle(old, handler_report(stage.handler, offered=9))
        await stage.incoming.handle(old, Finished(unit=HANDLER))
        assert (stage.handler.counts.offered, stage.handler.finished) == (0, False)
        await stage.hear(stage.handler, handler_report(stage.handler, offered=9))
        assert stage.handler.counts.offered == 9

    play(PUB, act)


def test_a_message_about_an_unknown_unit_is_ignored(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await stage.incoming.handle("handler-9#0", Opened(unit="handler-9", endpoint="tcp://127.0.0.1:1"))
        await stage.incoming.handle("worker-9", Hello(plane=PLANE))
        assert (stage.sent, stage.events) == ([], [])

    play(PUB, act)


def test_the_steps_of_a_handler_from_its_last_event_to_its_end(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        handler = stage.handler
        await stage.hear(handler, SourceEnded(unit=HANDLER, at_ns=7, failure="its file has ended"))
        assert (handler.source_ended_ns, handler.source_failure) == (7, "its file has ended")
        assert stage.kinds() == [(FIRST, Drain), (SECOND, Drain)], "a delay of a listener would now look like a loss"
        assert handler.drained_ns == 0
        await stage.hear(handler, Drained(unit=HANDLER))
        assert handler.drained_ns > 0 and not handler.done
        await stage.hear(handler, Finished(unit=HANDLER))
        assert handler.finished and handler.finished_ns >= handler.drained_ns

    play(PUB, act)


def test_ready_and_finished(play: Play) -> None:
    async def act(stage: Stage) -> None:
        stage.silent = {OpenHandler}
        stage.starter.add_states(["h"])
        await stage.hear(stage.handler, Ready(unit=HANDLER))
        await stage.hear(stage.listeners[0], Finished(unit=FIRST))
        assert stage.handler.ready
        assert [one.finished for one in stage.listeners] == [True, False]

    play(PUB, act)


def test_a_unit_that_failed_is_done_and_its_event_is_an_error(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await stage.hear(stage.listeners[0], Failed(unit=FIRST, at_ns=START_NS, reason="in use"))
        assert stage.listeners[0].done and stage.listeners[0].failed == "in use"
        (event,) = stage.events
        assert event.is_error

    play(PUB, act)


def test_a_replacement_worker_opens_the_units_of_the_former_one(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        await stage.incoming.handle(stage.handler.worker, Hello(plane=PLANE))
        assert stage.sent == [], "a first worker waits for its orders"
        stage.handler.restarts = 1
        await stage.incoming.handle(stage.handler.worker, Hello(plane=PLANE))
        (order,) = [message for message in stage.sent_to(stage.handler) if isinstance(message, OpenHandler)]
        assert order.incarnation == 1

    play(PUB, act)


def test_a_worker_says_which_data_plane_it_uses(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        plane = msgspec.structs.replace(PLANE, libzmq="4.3.6")
        await stage.incoming.handle(stage.handler.worker, Hello(plane=plane))
        assert stage.run.workers[stage.handler.worker].plane == plane

    play(PUB, act)


def test_what_a_socket_does_goes_to_the_log_and_not_to_the_events(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    def logged(unit: str) -> Logged:
        return Logged(unit=unit, worker="w", pid=1, at_ns=1, event="bound", message="bound", fields={})

    async def act(stage: Stage) -> None:
        await running(stage)
        await stage.incoming.handle("any", logged(FIRST))
        await stage.incoming.handle("any", logged("gone"))
        assert stage.events == []

    with caplog.at_level(logging.DEBUG, "zmq_bench.socket"):
        play(PUB, act)
    assert [record.getMessage() for record in caplog.records if record.name == "zmq_bench.socket"] == [
        "h/a: bound",
        "gone: bound",
    ]


@asynccontextmanager
async def listening(stage: Stage) -> AsyncIterator[None]:
    """Takes in what the workers send, and notices their ends, as in a run."""
    errors: list[BaseException] = []
    task = spawn(stage.incoming.listen(), name="listen", on_error=errors.append)
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert errors == []


@pytest.mark.parametrize(
    ("phase", "stopped", "replaced"),
    [(Phase.RUNNING, False, True), (Phase.RUNNING, True, False), (Phase.DRAINING, False, False)],
)
def test_a_worker_that_ends_is_replaced_only_while_the_run_goes_on(
    phase: Phase, stopped: bool, replaced: bool, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "POLL_MS", 1)

    async def act(stage: Stage) -> None:
        await running(stage)
        stage.silent = {StopSource}
        stage.run.enter(phase)
        if stopped:
            stage.run.wait.stop()
        stage.workers.kill(stage.handler)
        async with listening(stage):
            await until(lambda: stage.handler.crashed or stage.handler.restarts == 1)
        assert (stage.handler.restarts == 1, stage.handler.crashed) == (replaced, not replaced)

    play(PUB, act)


def test_the_end_of_a_worker_wakes_what_waits_for_its_unit(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "POLL_MS", 1)

    async def act(stage: Stage) -> None:
        await running(stage)
        stage.run.enter(Phase.DRAINING)
        stage.workers.kill(stage.handler)
        async with listening(stage):
            await stage.run.wait.until(lambda: stage.handler.done, limit_s=60.0)
        assert stage.handler.crashed

    play(PUB, act)


def test_a_worker_is_not_judged_while_its_handler_catches_up(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        worker = stage.run.workers[stage.handler.worker]
        stage.handler.begin_recovery(START_NS)

        async def report(at_ns: int) -> int:
            since_ns = at_ns - NS_PER_S // 2
            message = WorkerReport(worker=worker.name, since_ns=since_ns, at_ns=at_ns, stall=latencies(5))
            await stage.incoming.handle(worker.name, message)
            return worker.stall.count

        assert await report(START_NS + NS_PER_S) == 0
        assert await report(START_NS + 30 * NS_PER_S) == 1

    play(PUB, act)
