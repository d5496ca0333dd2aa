"""Time series of the units of a run: all have a row for each sample, also those of units that join or leave."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import numpy as np
import pytest

from bench_app.engine.control.messages import WorkerReport
from bench_app.engine.machine_samples import WINDOW_STALL
from bench_app.engine.sampler import HANDLER_COLUMNS, LISTENER_COLUMNS, SAMPLE_S, Sampler
from bench_app.engine.session import Session
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.engine.unit_key import UnitKey
from bench_app.engine.worker_state import WorkerState
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.preset import documents
from tests.engine.units import a_handler, handler_report, latencies, listener_report
from tests.runs import preset

pytestmark = pytest.mark.usefixtures("single_worker")

START_NS = 100 * NS_PER_S


class SampledRun:
    """A run with one handler, at a time that the test sets."""

    def __init__(self, folder: Path) -> None:
        handler, self.listeners = a_handler(folder, "PUSH")
        self.handlers = {"h": handler}
        self.workers = {name: WorkerState(name, ()) for name in ("worker-1", "worker-2")}
        for unit, worker in zip((handler, *self.listeners), ("worker-1", "worker-2", "worker-2"), strict=True):
            unit.worker = worker
        self.start_ns: int | None = START_NS
        self.now_s = 0.0

    @property
    def handler(self) -> HandlerState:
        return self.handlers["h"]

    def listeners_of(self, handler: HandlerState) -> list[ListenerState]:
        return self.listeners

    def report(self, at_s: float, accepted: int, received: int) -> None:
        at_ns = START_NS + int(at_s * NS_PER_S)
        self.handler.take(handler_report(self.handler, at_ns, offered=accepted, accepted=accepted))
        for listener in self.listeners:
            listener.take(listener_report(listener, at_ns, received=received, service=latencies(1000)))

    def sample(self, sampler: Sampler, at_s: float) -> None:
        sampler.sample(at_s, START_NS, self.handler, self.listeners)
        sampler.commit()

    def report_stall(self, worker: str, stall_ms: int) -> None:
        stall = latencies(stall_ms * NS_PER_MS)
        self.workers[worker].take(
            WorkerReport(worker=worker, since_ns=0, at_ns=START_NS, stall=stall), is_offering=True
        )

    def sample_all(self, sampler: Sampler, at_s: float) -> None:
        sampler.sample_machine(at_s, self)
        self.sample(sampler, at_s)

    def stalls_ms(self, sampler: Sampler, *listener: str) -> list[float]:
        return list(sampler.series[UnitKey("h", *listener)].column("stall_ns") / NS_PER_MS)


def test_a_row_has_the_counts_and_the_time_of_the_report(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    run.report(0.15, accepted=10, received=4)
    run.sample(sampler, 0.2)
    series = sampler.series[UnitKey("h")]
    row = {name: series.column(name)[0] for name in HANDLER_COLUMNS}
    assert (row["at_s"], row["report_s"], row["received_s"]) == (0.2, 0.15, 0.15)
    assert (row["offered"], row["accepted"], row["received"], row["in_flight"], row["lost"]) == (10, 10, 8, 2, 0)
    listener = sampler.series[UnitKey("h", "a")]
    row = {name: listener.column(name)[0] for name in LISTENER_COLUMNS}
    assert (row["at_s"], row["report_s"], row["received"], row["service.max"]) == (0.2, 0.15, 4, 1000)


def test_a_unit_without_a_report_has_no_time_and_no_latency(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    run.sample(sampler, 0.2)
    assert math.isnan(sampler.series[UnitKey("h")].column("report_s")[0])
    assert math.isnan(sampler.series[UnitKey("h")].column("received_s")[0])
    assert math.isnan(sampler.series[UnitKey("h", "a")].column("service.p99")[0])


def test_latencies_are_those_since_the_last_row(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    run.report(0.1, accepted=1, received=1)
    run.sample(sampler, 0.2)
    run.sample(sampler, 0.4)
    first, second = sampler.series[UnitKey("h", "a")].column("service.p50")
    assert first == 1000 and math.isnan(second)


def test_the_rates_of_a_unit_that_is_done_become_0(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    run.report(0.1, accepted=10, received=5)
    run.sample(sampler, 0.2)
    run.report(0.3, accepted=20, received=10)
    run.sample(sampler, 0.4)
    for unit in (run.handler, *run.listeners):
        unit.finished = True
    run.sample(sampler, 0.6)
    for key in sampler.series:
        rates = sampler.series[key].rate("offered" if not key.listener else "received")
        assert rates[1] > 0 and rates[2] == 0


def test_no_row_is_there_before_it_is_committed(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    assert sampler.sampled_to_s == 0.0
    sampler.sample(0.2, START_NS, run.handler, run.listeners)
    assert {len(series) for series in sampler.series.values()} == {0}
    sampler.commit()
    assert {len(series) for series in sampler.series.values()} == {1}
    assert sampler.sampled_to_s == 0.2


def test_a_unit_that_joins_gets_as_many_rows_as_all_others(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    folder = tmp_path / "late"
    folder.mkdir()
    late = SampledRun(folder)
    run.sample(sampler, 0.2)
    sampler.rename(UnitKey("h"), UnitKey("h").departed(0.3, ()))
    for at_s in (0.4, 0.6):
        late.sample(sampler, at_s)
    joined = sampler.series[UnitKey("h")]
    assert list(joined.column("at_s")) == [0.2, 0.4, 0.6]
    assert joined.column("offered")[0] == 0


def test_a_handler_that_leaves_keeps_its_series_under_its_new_name(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    run.sample(sampler, 0.2)
    kept = sampler.series
    before = {key.listener: series for key, series in sampler.series.items()}
    gone = UnitKey("h").departed(1.0, ())
    sampler.rename(UnitKey("h"), gone)
    assert sampler.series is kept, "plots keep a reference to it"
    assert sampler.series == {gone.of_listener(listener): series for listener, series in before.items()}
    sampler.rename(UnitKey("h"), UnitKey("other"))
    assert set(sampler.series) == {gone.of_listener(name) for name in ("", "a", "b")}


def test_the_last_row_of_a_run_counts_as_lost_what_is_missing(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    run.report(0.1, accepted=10, received=4)
    run.sample(sampler, 0.2)
    # A row that was taken when the run ended is not committed any more.
    sampler.sample(0.4, START_NS, run.handler, run.listeners)
    run.now_s = 0.5
    for unit in (run.handler, *run.listeners):
        unit.finished = True
    sampler.finish(run)
    series = sampler.series[UnitKey("h")]
    assert list(series.column("at_s")) == [0.2, 0.5]
    assert list(series.column("lost")) == [0, 2]
    assert list(series.column("in_flight")) == [2, 0]


def test_a_run_that_never_started_has_no_series(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    run.start_ns = None
    sampler.finish(run)
    assert sampler.series == {}


def test_each_unit_has_the_longest_stall_of_its_worker(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    run.report_stall("worker-1", 7)
    run.report_stall("worker-2", 30)
    run.report_stall("worker-2", 2)
    run.sample_all(sampler, 0.2)
    run.report_stall("worker-2", 1)
    run.sample_all(sampler, 0.4)
    assert run.stalls_ms(sampler, "a") == run.stalls_ms(sampler, "b") == [30.0, 1.0]
    assert run.stalls_ms(sampler)[0] == 7.0
    assert math.isnan(run.stalls_ms(sampler)[1]), "no report since the last row"
    assert [series.column("worker")[0] for series in sampler.series.values()] == [1, 2, 2]


def test_what_happened_before_the_start_is_in_no_row(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    run.report_stall("worker-1", 400)
    sampler.begin(run)
    run.report_stall("worker-1", 3)
    run.sample_all(sampler, 0.2)
    assert run.stalls_ms(sampler) == [3.0]


def test_a_worker_that_stands_still_shows_while_it_does(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    run.report_stall("worker-1", 1)
    for number in range(1, 8):
        run.sample_all(sampler, number * SAMPLE_S)
    stalls_ms = run.stalls_ms(sampler)
    assert stalls_ms[0] == 1.0 and all(map(math.isnan, stalls_ms[1:5])), "a report may be on the way"
    assert stalls_ms[5:] == [400.0, 600.0]
    assert all(map(math.isnan, run.stalls_ms(sampler, "a"))), "it has not come up yet"


def test_the_worker_of_a_unit_that_is_done_does_not_stand_still(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    run.report_stall("worker-1", 1)
    run.sample_all(sampler, 0.2)
    run.handler.finished = True
    for number in range(2, 8):
        run.sample_all(sampler, number * SAMPLE_S)
    assert all(map(math.isnan, run.stalls_ms(sampler)[1:]))


def test_the_machine_has_as_many_rows_as_the_units(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    sampler.begin(run)
    for at_s in (0.2, 0.4):
        run.sample_all(sampler, at_s)
    run.now_s = 0.5
    sampler.finish(run)
    assert list(sampler.machine.column("at_s")) == list(sampler.series[UnitKey("h")].column("at_s")) == [0.2, 0.4, 0.5]


def test_time_series_follow_the_ledger() -> None:
    async def kept_session() -> Session:
        session = Session(
            documents.parse(preset({"socket_type": "PUSH"}, rate=1000, duration_s=2.0), "test"), keep_series=True
        )
        await session.run()
        return session

    session = asyncio.run(kept_session())
    assert session.sampler is not None
    series = session.sampler.series[UnitKey("h")]
    offered = series.column("offered")
    assert len(series) >= 5
    assert (offered[1:] >= offered[:-1]).all()
    assert offered[-1] == session.handlers["h"].counts.offered == 2000
    assert series.column("received")[-1] == 2000
    listener = session.sampler.series[UnitKey("h", "pull-1")]
    assert listener.column("service.p99")[2] > 0
    assert np.nanmax(listener.column("stall_ns")) > 0
    assert len(session.sampler.machine) == len(series)


def test_the_row_of_the_machine_has_the_lag_of_the_window(tmp_path: Path) -> None:
    run, sampler = SampledRun(tmp_path), Sampler()
    sampler.begin(run)
    sampler.sample_machine(0.2, run)
    lags = iter([9e9, 5e6])
    sampler.take_window_stall_ns = lambda: next(lags)
    # What was before the start of the run does not count.
    sampler.begin(run)
    sampler.sample_machine(0.4, run)
    sampler.commit()
    without, with_window = sampler.machine.column(WINDOW_STALL)
    assert np.isnan(without) and with_window == 5e6
