from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from bench_app.engine.events import RunEvent
from bench_app.engine.run_clock import RunClock
from bench_app.engine.run_state import Phase, RunState
from bench_app.engine.unit_key import Departure
from bench_app.engine.worker_state import WorkerState
from bench_app.measure.clock import NS_PER_S
from bench_app.preset import documents
from tests.engine.units import PLANE
from tests.runs import preset


class State:
    """A run with two handlers, at a time that a test sets."""

    def __init__(self, folder: Path, uri: str = "zmq://tcp://127.0.0.1:5555") -> None:
        raw = preset({"socket_type": "PUSH"}, uri=uri, listeners=[{"name": "a"}])
        raw["output"]["handlers"]["other"] = raw["output"]["handlers"]["h"]
        self.events: list[RunEvent] = []
        self.now_s = 100.0
        self.run = RunState(documents.parse(raw, "test"), self.events.append, keep_series=False)
        self.run.clock = RunClock(lambda: int(self.now_s * NS_PER_S))
        self.folder = folder

    def start(self) -> None:
        self.run.clock.start_ns = 100 * NS_PER_S
        for plan in self.run.plans_of({"h": 1, "other": 2}):
            self.run.roster.add(plan, self.folder, self.folder, joined_s=0.0).start_ns = 100 * NS_PER_S

    def at(self, run_s: float) -> None:
        self.now_s = 100.0 + run_s


def test_the_data_plane_is_that_of_the_first_worker_that_is_up(tmp_path: Path) -> None:
    run = State(tmp_path).run
    run.workers = {"worker-1": WorkerState("worker-1", ()), "worker-2": WorkerState("worker-2", ())}
    assert run.plane is None
    run.workers["worker-2"].plane = PLANE
    assert run.plane is PLANE


def test_two_runs_have_different_numbers(tmp_path: Path) -> None:
    assert State(tmp_path).run.run_number != State(tmp_path).run.run_number


def test_a_new_phase_wakes_what_waits_for_it(tmp_path: Path) -> None:
    run = State(tmp_path).run
    assert run.phase is Phase.IDLE

    async def go() -> None:
        async def enter() -> None:
            run.enter(Phase.RUNNING)

        await asyncio.gather(run.wait.until(lambda: run.phase is Phase.RUNNING, limit_s=60.0), enter())

    asyncio.run(go())


def test_a_handler_takes_part_from_its_start_to_its_departure(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.start()
    first, other = state.run.roster.handlers.values()
    other.start_ns = 102 * NS_PER_S
    state.at(5.0)
    assert [state.run.seconds_of(handler) for handler in (first, other)] == [5.0, 3.0]
    other.departure = Departure(4.5)
    state.at(9.0)
    assert [state.run.seconds_of(handler) for handler in (first, other)] == [9.0, 2.5]


def test_a_pause_is_no_time_of_a_handler(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.start()
    handler = state.run.roster.handlers["h"]
    state.at(2.0)
    state.run.clock.pause()
    state.at(8.0)
    state.run.clock.resume()
    state.at(9.0)
    assert state.run.seconds_of(handler) == 3.0


def test_a_handler_that_has_not_started_took_no_part(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.start()
    handler = state.run.roster.handlers["h"]
    state.at(5.0)
    handler.start_ns = 0
    assert state.run.seconds_of(handler) == 0.0
    state.run.clock.start_ns, handler.start_ns = None, 100 * NS_PER_S
    assert state.run.seconds_of(handler) == 0.0


def test_a_pause_of_the_run_concerns_handlers_alone(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.start()
    handler = state.run.roster.handlers["h"]
    (listener,) = state.run.roster.listeners_of(handler)
    state.run.clock.pause()
    assert (state.run.is_paused(handler), state.run.is_paused(listener)) == (True, False)
    state.run.clock.resume()
    listener.paused = True
    assert (state.run.is_paused(handler), state.run.is_paused(listener)) == (False, True)


def test_a_unit_that_is_done_does_not_fail_afterwards(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.start()
    first, other = state.run.roster.handlers.values()
    first.finished = True
    state.run.fail([first, other], "it broke")
    state.run.fail([other], "it broke again")
    assert (first.failed, other.failed) == ("", "it broke")
    assert [(event.source, event.message, event.is_error) for event in state.events] == [("other", "it broke", True)]


def test_a_handler_that_joins_gets_an_address_that_no_other_one_has(tmp_path: Path) -> None:
    state = State(tmp_path, uri="zmq://tcp://work-queue:5555")
    state.start()
    handler, other = state.run.roster.handlers.values()
    # For a handler that is planned anew, its own address is free.
    (anew,) = state.run.plans_of({"h": 1})
    assert anew.endpoint == handler.plan.endpoint != other.plan.endpoint
    state.run.roster.depart(handler, 1.0)
    (joining,) = state.run.plans_of({"h": 3})
    assert (joining.number, joining.endpoint == other.plan.endpoint) == (3, False)


def test_the_address_that_an_endpoint_stands_for_is_named_once_it_is_known(tmp_path: Path) -> None:
    state = State(tmp_path, uri="zmq://tcp://work-queue:5555")
    state.start()
    handler = state.run.roster.handlers["h"]
    state.run.emit_replacement(handler)
    assert state.events == []
    handler.endpoint = "tcp://127.0.0.1:5555"
    state.run.emit_replacement(handler)
    (event,) = state.events
    assert event.message == "tcp://work-queue:5555 -> tcp://127.0.0.1:5555 (its listeners are on this machine)"


def test_an_endpoint_that_is_that_of_the_preset_is_not_named(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.start()
    handler = state.run.roster.handlers["h"]
    handler.endpoint = str(handler.plan.endpoint)
    state.run.emit_replacement(handler)
    assert state.events == []


def test_what_workers_report_in_the_warm_up_counts_only_if_the_run_is_all_warm_up(tmp_path: Path) -> None:
    def is_measured(warmup_s: float, at_s: float) -> bool:
        state = State(tmp_path)
        state.run.preset = documents.parse(preset(duration_s=2.0, warmup_s=warmup_s), "test").preset
        state.run.clock.start_ns = 100 * NS_PER_S
        at_ns = int((100 + at_s) * NS_PER_S)
        return state.run.is_measured_between(at_ns - NS_PER_S // 20, at_ns)

    assert [is_measured(0.5, at_s) for at_s in (0.4, 0.6)] == [False, True]
    assert is_measured(1.999999, 0.1)


def test_a_report_counts_from_the_warmup_to_the_end_of_offering(tmp_path: Path) -> None:
    state = State(tmp_path)
    run = state.run

    def is_measured(since_s: float, at_s: float) -> bool:
        return run.is_measured_between(int((100 + since_s) * NS_PER_S), int((100 + at_s) * NS_PER_S))

    assert run.measured_from_ns is None and not is_measured(0, 1)
    run.preset = msgspec.structs.replace(
        run.preset, bench=msgspec.structs.replace(run.preset.bench, duration_s=5.0, warmup_s=2.0)
    )
    state.start()
    assert run.measured_from_ns == 102 * NS_PER_S
    assert not is_measured(1.5, 2.005), "a worker reports a moment after the warm-up has ended"
    assert is_measured(2.005, 2.5) and is_measured(4.5, 5.0)
    run.clock.ended_ns = 105 * NS_PER_S
    assert is_measured(4.5, 5.003), "a worker reports a moment after the end"
    assert is_measured(4.9, 8.0), "a worker that stood still at the end stood still in the run"
    assert not is_measured(5.003, 5.5)


def test_a_report_that_was_late_where_measuring_begins_has_a_stall_of_so_long(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert state.run.measured_stall_ns(1, 2) == 0
    state.start()
    begin_ns = 100 * NS_PER_S
    assert state.run.measured_stall_ns(begin_ns - 9, begin_ns + 7) == 7
    assert state.run.measured_stall_ns(begin_ns - 9, begin_ns) == 0
    assert state.run.measured_stall_ns(begin_ns, begin_ns + 7) == 0
