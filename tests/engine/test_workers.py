"""Workers that end: their units get another process and go on from the counters on disk, up to a limit."""

from __future__ import annotations

import os
import signal
import time

import pytest

from bench_app.engine import worker_processes
from bench_app.engine.control.messages import OpenHandler, StopSource
from bench_app.engine.state import UnitState
from bench_app.engine.worker_processes import WorkerProcess
from bench_app.engine.workers import RESTART_LIMIT
from bench_app.measure.counters import HandlerSlot, MappedCounters
from tests.engine.stage import Play, Stage
from tests.engine.units import PLANE
from tests.runs import preset

PUSH = preset({"socket_type": "PUSH"}, listeners=[{"name": "a"}])
TOGETHER = preset({"socket_type": "PUSH"}, uri="zmq://inproc://x", listeners=[{"name": "a"}, {"name": "b"}])


async def running(stage: Stage) -> None:
    await stage.bring_up()
    stage.silent = {StopSource}
    stage.sent.clear()
    stage.events.clear()


def worker_of(stage: Stage, unit: UnitState) -> WorkerProcess:
    (worker,) = [worker for worker in stage.workers.started if worker.name == unit.worker]
    return worker


def crash(stage: Stage, unit: UnitState, number: signal.Signals = signal.SIGKILL) -> None:
    """End the worker of a unit from outside, and wait for its end."""
    worker = worker_of(stage, unit)
    os.kill(worker.process.pid, number)
    worker.process.wait(60)


def test_each_unit_knows_its_process(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        pids = {stage.workers.pid_of(unit) for unit in stage.run.roster.units.values()}
        assert len(pids) == stage.workers.count == 2
        assert None not in pids

    play(PUSH, act)


def test_a_worker_that_crashes_is_replaced_and_its_unit_goes_on_from_its_counters(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        handler, first_pid = stage.handler, stage.workers.pid_of(stage.handler)
        counters = MappedCounters(handler.counters_file, HandlerSlot)
        counters.slots[HandlerSlot.OFFERED], counters.slots[HandlerSlot.ACCEPTED] = 10, 6
        counters.slots[HandlerSlot.ATTEMPTED] = 7
        counters.close()
        crash(stage, handler, signal.SIGSEGV)
        stage.workers.replace_dead(replaceable=True)
        assert stage.messages() == ["h: its worker was killed by SIGSEGV", "h: another worker replaces it"]
        assert [event.is_error for event in stage.events] == [True, False]
        assert (handler.restarts, handler.crashed, handler.ending) == (1, False, "was killed by SIGSEGV")
        assert stage.workers.pid_of(handler) not in (None, first_pid)
        # What was being sent counts as accepted, what was queued as aborted; the new worker reads the same.
        assert (handler.counts.offered, handler.counts.accepted, handler.counts.aborted) == (10, 7, 3)
        counters = MappedCounters(handler.counters_file, HandlerSlot)
        assert counters.values()["accepted"] == counters.values()["attempted"] == 7
        assert counters.values()["aborted"] == 3
        counters.close()
        await stage.workers.worker_is_up(handler.worker, PLANE, not_before_ns=0)
        (order,) = [message for message in stage.sent_to(handler) if isinstance(message, OpenHandler)]
        assert order.incarnation == 1

    play(PUSH, act)


def test_a_worker_that_ends_after_the_run_is_not_replaced(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        crash(stage, stage.handler)
        stage.workers.replace_dead(replaceable=False)
        assert (stage.handler.restarts, stage.handler.crashed) == (0, True)
        assert stage.workers.pid_of(stage.handler) is None

    play(PUSH, act)


def test_a_worker_of_a_draining_handler_is_not_replaced(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        stage.handler.source_ended_ns = 1
        crash(stage, stage.handler)
        stage.workers.replace_dead(replaceable=True)
        assert stage.handler.crashed and stage.handler.restarts == 0

    play(PUSH, act)


def test_a_worker_that_crashes_too_often_is_not_replaced(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        for restart in range(RESTART_LIMIT + 1):
            assert (stage.handler.restarts, stage.handler.crashed) == (restart, False)
            crash(stage, stage.handler)
            stage.workers.replace_dead(replaceable=True)
        assert (stage.handler.restarts, stage.handler.crashed) == (RESTART_LIMIT, True)

    play(PUSH, act)


def test_kills_by_the_user_do_not_count_to_the_limit(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        for kill in range(1, RESTART_LIMIT + 2):
            worker = worker_of(stage, stage.handler)
            stage.workers.kill(stage.handler)
            worker.process.wait(60)
            stage.workers.replace_dead(replaceable=True)
            assert (stage.handler.restarts, stage.handler.crashed) == (kill, False)
        assert not any(event.is_error for event in stage.events)

    play(PUSH, act)


def test_a_unit_that_was_not_open_yet_fails_with_its_worker(play: Play) -> None:
    async def act(stage: Stage) -> None:
        handlers = stage.starter.add_states(["h"])
        stage.workers.start(handlers)
        crash(stage, stage.handler)
        stage.workers.replace_dead(replaceable=True)
        assert stage.handler.failed == "its worker was killed by SIGKILL"
        assert stage.handler.restarts == 0

    play(PUSH, act)


def test_units_in_one_process_end_together_and_its_errors_are_named_once(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        assert stage.workers.count == 1
        (worker,) = stage.workers.started
        worker.error_file.write_text("Assertion failed: ok (x.cpp:1)\n")
        crash(stage, stage.handler)
        stage.workers.replace_dead(replaceable=True)
        assert [unit.restarts for unit in stage.run.roster.units.values()] == [1, 1, 1]
        assert "".join(stage.messages()).count("Assertion failed") == 1
        assert stage.workers.count == 1

    play(TOGETHER, act)


def test_the_worker_of_a_unit_that_is_done_is_not_replaced(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        stage.handler.finished = True
        crash(stage, stage.handler)
        stage.workers.replace_dead(replaceable=True)
        assert (stage.events, stage.handler.restarts, stage.handler.crashed) == ([], 0, False)

    play(PUSH, act)


def test_a_worker_is_asked_to_exit_when_all_its_units_are_done(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        (worker,) = stage.workers.started
        stage.handler.finished = stage.listeners[0].finished = True
        await stage.workers.end_idle()
        assert not worker.asked_to_exit, "one listener still runs in it"
        stage.listeners[1].finished = True
        await stage.workers.end_idle()
        assert worker.asked_to_exit

    play(TOGETHER, act)


def test_the_end_of_a_worker_that_was_asked_to_exit_is_no_event(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        stage.handler.finished = True
        await stage.workers.end_idle()
        stage.handler.finished = False
        crash(stage, stage.handler)
        stage.workers.replace_dead(replaceable=True)
        assert (stage.events, stage.handler.restarts) == ([], 0)

    play(PUSH, act)


def test_a_unit_that_hangs_is_killed_with_a_message(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        stage.workers.kill_hanging([stage.handler], "did not close in 5 s")
        assert stage.messages()[0] == "h: did not close in 5 s and was ended by force"
        assert stage.handler.crashed and stage.handler.hung == "did not close in 5 s"
        assert not stage.listeners[0].done and not stage.listeners[0].hung

    play(PUSH, act)


def test_at_the_end_every_process_is_gone(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_processes, "EXIT_LIMIT_S", 0.0)
    monkeypatch.setattr(worker_processes, "TERMINATE_LIMIT_S", 60.0)

    async def act(stage: Stage) -> None:
        await running(stage)
        messages = await stage.workers.end_all(force=False)
        assert messages == [f"worker-{number} did not end in time and was terminated" for number in (1, 2)]
        assert stage.workers.count == 0
        assert [worker.process.poll() for worker in stage.workers.started] == [-signal.SIGTERM] * 2

    play(PUSH, act)


def test_workers_that_are_ended_by_force_are_not_asked(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        assert await stage.workers.end_all(force=True) == []
        assert [worker.process.poll() for worker in stage.workers.started] == [-signal.SIGKILL] * 2

    play(PUSH, act)


def test_a_replaced_handler_and_its_listeners_catch_up_and_a_replaced_listener_does_alone(play: Play) -> None:
    async def act(stage: Stage) -> None:
        await running(stage)
        first, second = stage.listeners
        now_ns = time.perf_counter_ns()
        crash(stage, first, signal.SIGKILL)
        stage.workers.replace_dead(replaceable=True)
        assert [unit.is_recovering_at(now_ns) for unit in (stage.handler, first, second)] == [False, True, False]
        crash(stage, stage.handler, signal.SIGKILL)
        stage.workers.replace_dead(replaceable=True)
        assert [unit.is_recovering_at(now_ns) for unit in (stage.handler, first, second)] == [True, True, True]

    play(preset({"socket_type": "PUSH"}, listeners=[{"name": "a"}, {"name": "b"}]), act)
