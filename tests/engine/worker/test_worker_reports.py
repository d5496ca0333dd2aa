from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from bench_app.engine.control.client import ControlClient
from bench_app.engine.control.messages import Message, WorkerReport
from bench_app.engine.worker.heartbeat import PERIOD_NS, Heartbeat
from bench_app.engine.worker.worker_reports import REPORT_NS, USAGE_NS, WorkerReports
from bench_app.measure.clock import NS_PER_MS, NS_PER_S

needs_schedstat = pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="no schedstat here")


class Control(ControlClient):
    """Keeps what it is to send. The channel itself has tests of its own."""

    def __init__(self) -> None:
        self.sent: list[WorkerReport] = []
        self.has_sent = threading.Semaphore(0)
        self.is_closed = False

    def send(self, message: Message) -> None:
        assert isinstance(message, WorkerReport)
        self.sent.append(message)
        self.has_sent.release()

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def control() -> Control:
    return Control()


def test_reports_come_in_their_interval_with_all_beats_since_the_last(control: Control) -> None:
    reports = WorkerReports("worker-1", control, Heartbeat(0), 0)
    for now_ns in range(5 * NS_PER_MS, 3 * REPORT_NS + 1, 5 * NS_PER_MS):
        reports.heartbeat.beat(now_ns)
        reports.send_if_due(now_ns)
    assert [report.at_ns for report in control.sent] == [REPORT_NS, 2 * REPORT_NS, 3 * REPORT_NS]
    assert [report.stall.count for report in control.sent] == [REPORT_NS // (5 * NS_PER_MS)] * 3
    assert {report.worker for report in control.sent} == {"worker-1"}


def test_each_report_begins_where_the_last_one_ended(control: Control) -> None:
    reports = WorkerReports("worker-1", control, Heartbeat(0), 7)
    for now_ns in (100, 250):
        reports.send(now_ns, with_usage=False)
    assert [(report.since_ns, report.at_ns) for report in control.sent] == [(7, 100), (100, 250)]


def test_a_requested_report_comes_at_its_time_with_usage_besides_the_others(control: Control) -> None:
    reports = WorkerReports("worker-1", control, Heartbeat(0), 0)
    reports.request(700 * NS_PER_MS)
    reports.request(600 * NS_PER_MS)
    for now_ns in range(0, 1200 * NS_PER_MS, 100 * NS_PER_MS):
        reports.send_if_due(now_ns)
    assert [(report.at_ns // NS_PER_MS, report.usage is not None) for report in control.sent] == [
        (500, False),
        (600, True),
        (700, True),
    ]
    reports.request(0)
    reports.send_if_due(1150 * NS_PER_MS)
    assert control.sent[-1].usage is not None, "a time that is past is now"


def test_a_request_wakes_the_thread_of_the_reports(control: Control) -> None:
    begin_ns = time.perf_counter_ns()
    reports = WorkerReports("worker-1", control, Heartbeat(begin_ns), begin_ns)
    reports.start()
    for number in range(20):
        reports.request(0)
        # A request while the thread is between two beats must not be lost.
        while len([report for report in control.sent if report.usage is not None]) <= number:
            control.has_sent.acquire()
    reports.end()
    assert control.is_closed


def test_usage_comes_once_a_second(control: Control) -> None:
    reports = WorkerReports("worker-1", control, Heartbeat(0), 0)
    for now_ns in range(REPORT_NS, 2 * USAGE_NS + 1, REPORT_NS):
        reports.send_if_due(now_ns)
    assert [report.at_ns for report in control.sent if report.usage is not None] == [USAGE_NS, 2 * USAGE_NS]


@needs_schedstat
def test_the_busiest_thread_is_named(control: Control) -> None:
    reports = WorkerReports("worker-1", control, Heartbeat(0), 0)
    has_worked, may_end = threading.Event(), threading.Event()

    def work() -> None:
        sum(number * number for number in range(2_000_000))
        has_worked.set()
        may_end.wait()

    thread = threading.Thread(target=work, name="handler-1#0")
    thread.start()
    has_worked.wait()
    reports.send(1_000, with_usage=True)
    may_end.set()
    thread.join()
    # The thread began after the first reading, so that the next reading is the first with a difference.
    (report,) = control.sent
    assert report.usage is not None and report.usage.cpu_ns > 0
    assert report.busiest is None or report.busiest.name != "handler-1#0"


@needs_schedstat
def test_a_thread_counts_with_its_work_between_two_readings(control: Control) -> None:
    turn, done = threading.Semaphore(0), threading.Semaphore(0)
    numbers: list[int] = []

    def work() -> None:
        turn.acquire()
        numbers.append(sum(number * number for number in range(2_000_000)))
        done.release()
        turn.acquire()

    thread = threading.Thread(target=work, name="handler-1#0")
    thread.start()
    reports = WorkerReports("worker-1", control, Heartbeat(0), 0)
    turn.release()
    done.acquire()
    reports.send(1_000_000_000, with_usage=True)
    turn.release()
    thread.join()
    (report,) = control.sent
    assert report.busiest is not None
    assert report.busiest.name == "handler-1#0"
    assert report.busiest.share > 0


def test_its_thread_reports_in_the_interval_and_at_the_end_with_usage(control: Control) -> None:
    begin_ns = time.perf_counter_ns()
    reports = WorkerReports("worker-1", control, Heartbeat(begin_ns), begin_ns)
    reports.start()
    control.has_sent.acquire()
    reports.end()
    first, last = control.sent[0], control.sent[-1]
    assert first.at_ns >= begin_ns + REPORT_NS
    assert last.usage is not None
    assert control.is_closed
    beats = sum(report.stall.count for report in control.sent)
    assert 0 < beats <= (last.at_ns - begin_ns) // PERIOD_NS


@needs_schedstat
def test_a_thread_that_spins_has_no_work(control: Control) -> None:
    turn, done = threading.Semaphore(0), threading.Semaphore(0)
    numbers: list[int] = []

    def spin() -> None:
        turn.acquire()
        numbers.append(sum(number * number for number in range(2_000_000)))
        done.release()
        turn.acquire()

    thread = threading.Thread(target=spin, name="handler-1/listener-1#0")
    thread.start()
    assert thread.native_id is not None
    spun_ns = {thread.native_id: 5}
    reports = WorkerReports("worker-1", control, Heartbeat(0), 0, lambda: dict(spun_ns))
    turn.release()
    done.acquire()
    spun_ns[thread.native_id] += 60 * NS_PER_S
    reports.send(NS_PER_S, with_usage=True)
    turn.release()
    thread.join()
    (report,) = control.sent
    assert report.busiest is not None
    assert report.busiest.name != "handler-1/listener-1#0" or report.busiest.share == 0
