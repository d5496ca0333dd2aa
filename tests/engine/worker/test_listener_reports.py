"""A listener's reports: every received message is in them, and the times of its thread."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from bench_app.engine.control.messages import ListenerReport
from bench_app.engine.worker.listener_reports import ListenerReports
from bench_app.engine.worker.unit import REPORT_NS
from bench_app.handlers import LISTENER_KINDS
from bench_app.listeners.core import ListenerCore
from bench_app.listeners.socket import ListenerSocket
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import ListenerSlot, MappedCounters
from bench_app.measure.sequence import SequenceSet
from bench_app.model import ListenerSpec
from bench_app.transport.open_socket import Target
from bench_app.transport.socket_trace import SocketTrace
from bench_app.transport.stamp import Identity
from bench_app.transport.wire import Reader
from tests.engine.worker.control_end import UNIT, ControlEnd
from tests.listeners.core_bench import IDENTITY, body


class Bench:
    """The reports of a PULL listener, and a PUSH that feeds it."""

    def __init__(self, end: ControlEnd, folder: Path) -> None:
        self.end = end
        self.counters = MappedCounters(folder / "file", ListenerSlot, create=True)
        reader = Reader(Identity(IDENTITY.run, IDENTITY.handler), "field")
        self.core = ListenerCore(ListenerSpec(), reader, self.counters.slots, SequenceSet())
        kind, target = LISTENER_KINDS["PULL"], Target(("inproc://reports",), bind=True)
        self.socket = ListenerSocket(kind, end.context, target, b"token", SocketTrace(None))
        self.socket.open(ListenerSpec())
        self.core.wait_at_most(1)
        self.core.attach(self.socket.zmq_socket)
        self.core.measure_from(0)
        self.push = end.socket(zmq.PUSH)
        self.push.connect("inproc://reports")
        self.reports = ListenerReports(self.core, self.socket, self.counters, end.channel())

    def send(self, *messages: bytes) -> None:
        for message in messages:
            self.push.send(message)
        self.core.receive_until(NEVER_NS)

    def close(self) -> None:
        self.socket.close()
        self.counters.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with ControlEnd() as end:
        bench = Bench(end, tmp_path)
        yield bench
        bench.close()


def test_every_message_received_so_far_is_in_a_report(bench: Bench) -> None:
    bench.send(*map(body, range(1, 21)))
    now_ns = time.perf_counter_ns()
    bench.reports.send(now_ns)
    report = bench.end.wait_for(ListenerReport)
    assert (report.unit, report.at_ns) == (UNIT, now_ns)
    assert (report.counts.received, report.counts.highest) == (20, 20)
    assert report.service.count == report.response.count == 20
    assert len(report.samples) == 1
    assert report.connection.state == "bound"
    assert 0 <= report.idle_ns < 10**10
    bench.reports.send(now_ns + 1)
    again = bench.end.wait_for(ListenerReport)
    assert again.counts == report.counts
    assert again.service.count == again.response.count == len(again.samples) == 0


def test_a_report_that_is_not_due_is_not_sent(bench: Bench) -> None:
    bench.reports.send_if_due(1)
    bench.reports.send_if_due(REPORT_NS)
    bench.reports.send_if_due(1 + REPORT_NS)
    assert [bench.end.wait_for(ListenerReport).at_ns for _ in range(2)] == [1, 1 + REPORT_NS]


def test_busy_is_the_processor_time_of_the_thread_from_the_start_on(bench: Bench) -> None:
    busy_until_ns = time.thread_time_ns() + 20 * NS_PER_MS
    while time.thread_time_ns() < busy_until_ns:
        pass
    bench.reports.send(1)
    assert bench.end.wait_for(ListenerReport).busy_ns >= 20 * NS_PER_MS
    bench.reports.count_busy_from_now()
    bench.reports.send(2)
    assert bench.end.wait_for(ListenerReport).busy_ns < 20 * NS_PER_MS
