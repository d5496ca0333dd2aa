from __future__ import annotations

import math

import numpy as np
import pytest

from bench_app.engine.control.messages import BusiestThread, WorkerReport
from bench_app.engine.worker_state import WorkerState
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.histogram_delta import EMPTY_DELTA, HistogramDelta
from bench_app.system.process_usage import ProcessUsage
from tests.engine.units import latencies


def report(
    at_s: float,
    stall: HistogramDelta = EMPTY_DELTA,
    usage: ProcessUsage | None = None,
    busiest: BusiestThread | None = None,
) -> WorkerReport:
    return WorkerReport(
        worker="worker-1", since_ns=0, at_ns=int(at_s * NS_PER_S), stall=stall, usage=usage, busiest=busiest
    )


@pytest.fixture
def worker() -> WorkerState:
    return WorkerState("worker-1", ("handler-1",))


def test_only_beats_while_events_are_offered_count(worker: WorkerState) -> None:
    worker.take(report(0.2, latencies(NS_PER_S)), is_offering=False)
    worker.take(report(0.4, latencies(5, 7)), is_offering=True)
    assert (worker.stall.count, worker.stall.max_ns) == (2, 7)


def test_a_second_has_the_difference_of_two_readings_and_its_longest_stall(worker: WorkerState) -> None:
    worker.take(report(1, usage=ProcessUsage(100, 10, 1, 2, 3, 4)), is_offering=True)
    worker.take(report(1.2, latencies(3 * NS_PER_MS)), is_offering=True)
    worker.take(report(1.4, latencies(2 * NS_PER_MS)), is_offering=True)
    usage = ProcessUsage(400, 70, 11, 4, 8, 5000)
    worker.take(report(2, usage=usage, busiest=BusiestThread("handler-1#0", 0.96)), is_offering=True)
    (second,) = worker.seconds
    assert (second.at_ns, second.cpu_ns, second.run_wait_ns) == (2 * NS_PER_S, 300, 60)
    assert second.stall_max_ns == 3 * NS_PER_MS
    assert second.is_saturated
    assert (worker.cpu_ns, worker.run_wait_ns, worker.rss_bytes) == (300, 60, 5000)
    assert (worker.switches_voluntary, worker.switches_involuntary, worker.page_faults) == (10, 2, 5)


@pytest.mark.parametrize(
    ("cpu_ms", "wait_ms", "thread", "share", "is_saturated"),
    [
        (960, 0, "handler-1#0", 0.96, True),
        (900, 0, "handler-1#0", 0.90, False),
        # An I/O thread of libzmq: with a processor for itself it is a limit of libzmq, and no fault of the bench.
        (1000, 20, "", 1.0, False),
        (500, 500, "", 1.0, True),
        # No thread alone has too much work, but all of them together get less than half of what they need.
        (400, 700, "handler-1#0", 0.5, True),
        (600, 500, "handler-1#0", 0.5, False),
        (100, 300, "handler-1#0", 0.3, False),
        # A system that does not tell how long threads wait.
        (1000, None, "", None, False),
    ],
)
def test_a_second_is_saturated_by_a_thread_or_by_the_process_as_a_whole(
    worker: WorkerState, cpu_ms: int, wait_ms: int | None, thread: str, share: float | None, is_saturated: bool
) -> None:
    before = ProcessUsage(0, None if wait_ms is None else 0)
    after = ProcessUsage(cpu_ms * NS_PER_MS, None if wait_ms is None else wait_ms * NS_PER_MS)
    busiest = None if share is None else BusiestThread(thread, share)
    worker.take(report(1, usage=before), is_offering=True)
    worker.take(report(2, usage=after, busiest=busiest), is_offering=True)
    (second,) = worker.seconds
    assert second.passed_ns == NS_PER_S and second.is_saturated == is_saturated


def test_a_stall_that_is_noted_counts_as_often_as_beats_were_due_in_it(worker: WorkerState) -> None:
    worker.note_stall(12 * NS_PER_MS)
    worker.note_stall(4 * NS_PER_MS)
    assert (worker.stall.count, worker.stall.max_ns, worker.stall.sum_ns) == (3, 12 * NS_PER_MS, 21 * NS_PER_MS)


def test_the_longest_stall_is_that_of_all_reports(worker: WorkerState) -> None:
    worker.take(report(0.2, latencies(9)), is_offering=False)
    worker.take(report(0.4, latencies(5)), is_offering=True)
    assert (worker.longest_stall_ns, worker.stall.max_ns) == (9, 5)


def test_a_short_rest_counts_in_the_totals_and_is_no_second(worker: WorkerState) -> None:
    for at_s, cpu_ns in ((1.0, 100), (2.0, 300), (2.01, 310), (2.5, 400)):
        worker.take(report(at_s, usage=ProcessUsage(cpu_ns)), is_offering=True)
    assert worker.cpu_ns == 300
    assert [second.at_ns for second in worker.seconds] == [2 * NS_PER_S, 2.5 * NS_PER_S]


def test_a_sample_has_the_longest_stall_since_the_last_one_also_of_times_that_do_not_count(worker: WorkerState) -> None:
    worker.take(report(0.2, latencies(7, 3)), is_offering=False)
    worker.take(report(0.4, latencies(5)), is_offering=True)
    assert worker.sample_stall_ns(200) == 7
    worker.take(report(0.6), is_offering=True)
    assert worker.sample_stall_ns(200) == 0, "a report without a late beat is a report"
    assert math.isnan(worker.sample_stall_ns(200))


def test_samples_without_a_report_are_a_stall_that_goes_on_until_the_next_report(worker: WorkerState) -> None:
    for _ in range(5):
        assert math.isnan(worker.sample_stall_ns(200)), "it is still starting"
    worker.take(report(0.2, latencies(1)), is_offering=True)
    found = [worker.sample_stall_ns(200) for _ in range(7)]
    assert found[0] == 1 and np.isnan(found[1:5]).all() and found[5:] == [400, 600]
    worker.take(report(1.4, latencies(1000)), is_offering=True)
    assert worker.sample_stall_ns(200) == 1000
    assert math.isnan(worker.sample_stall_ns(200))


def test_the_number_of_a_worker_is_that_of_its_name(worker: WorkerState) -> None:
    assert worker.number == 1


def test_work_before_the_start_does_not_count(worker: WorkerState) -> None:
    worker.take(report(1, usage=ProcessUsage(1000)), is_offering=False)
    worker.take(report(2, usage=ProcessUsage(1500)), is_offering=True)
    assert worker.cpu_ns == 500


def test_a_system_that_does_not_tell_has_no_figures(worker: WorkerState) -> None:
    for at_s in (1, 2, 3):
        worker.take(report(at_s, usage=ProcessUsage(at_s * 10)), is_offering=True)
    assert worker.cpu_ns == 20
    assert (worker.run_wait_ns, worker.switches_voluntary, worker.rss_bytes) == (None, None, None)
    assert [second.busiest_share for second in worker.seconds] == [None, None]
    assert not any(second.is_saturated for second in worker.seconds)


def test_a_thread_of_libzmq_does_not_saturate_the_bench(worker: WorkerState) -> None:
    for at_s in (1, 2):
        worker.take(report(at_s, usage=ProcessUsage(at_s), busiest=BusiestThread("", 1.0)), is_offering=True)
    assert [second.is_saturated for second in worker.seconds] == [False]


def test_the_waits_of_a_thread_that_ended_are_not_given_back(worker: WorkerState) -> None:
    worker.take(report(1, usage=ProcessUsage(1, 100)), is_offering=True)
    worker.take(report(2, usage=ProcessUsage(2, 40)), is_offering=True)
    assert worker.run_wait_ns == 0
