"""A listener's unit in a thread of the test: it opens, handles its control messages, reports, and closes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zmq

from bench_app.engine.control.messages import (
    ChangeListener,
    Close,
    Drain,
    Failed,
    Finished,
    ListenerReport,
    Move,
    Moved,
    Notice,
    Opened,
    OpenListener,
    Pause,
    ReceivedNumbers,
    Start,
)
from bench_app.engine.worker.listener_unit import open_listener
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.counters import ListenerSlot, MappedCounters
from bench_app.measure.sequence import SequenceSet
from bench_app.model import HandlerBench, ListenerSpec
from bench_app.transport import stamp
from tests.engine.worker.control_end import UNIT, ControlEnd

IDENTITY = stamp.Identity(7, 1)
CONTROL_POLL_MS = 10


def body(sequence: int, intended_ns: int = 0) -> bytes:
    event = stamp.wrap(IDENTITY, b'{"request_id":1}')
    event[stamp.TIMES_AT : stamp.TIMES_AT + stamp.TIMES_LENGTH] = stamp.times(sequence, intended_ns, intended_ns)
    return bytes(event)


class Bench:
    """A unit with a bound listener, and a socket that feeds it."""

    def __init__(self, end: ControlEnd, folder: Path, kind: str, spec: ListenerSpec, **order: Any) -> None:
        self.end = end
        self.spec = spec
        self.counters_file = folder / "u.counters"
        MappedCounters(self.counters_file, ListenerSlot, create=True).close()
        self.order = OpenListener(
            unit=UNIT,
            listener_type=kind,
            spec=spec,
            bench=HandlerBench(),
            run=IDENTITY.run,
            handler=IDENTITY.handler,
            join_token=b"token",
            warmup_ns=order.pop("warmup_ns", 0),
            counters_file=str(self.counters_file),
            seed=1,
            **{"endpoint": "tcp://127.0.0.1:*", "bind": True, **order},
        )
        self.sender = end.socket({"REP": zmq.REQ, "PULL": zmq.PUSH, "SUB": zmq.XPUB}[kind])
        end.start(partial(open_listener, self.order, context=end.context, control_poll_ms=CONTROL_POLL_MS))

    def open(self) -> str:
        """Wait until the unit listens, and connect to it."""
        endpoint = self.end.wait_for(Opened).endpoint
        self.sender.connect(endpoint)
        return endpoint

    def start(self, in_s: float = 0.0) -> int:
        start_ns = time.perf_counter_ns() + int(in_s * NS_PER_S)
        self.end.send(Start(at_ns=start_ns))
        return start_ns

    def send(self, *sequences: int) -> None:
        for sequence in sequences:
            self.sender.send(body(sequence, time.perf_counter_ns()))

    def wait_received(self, received: int) -> ListenerReport:
        return self.end.wait_for(ListenerReport, lambda report: report.counts.received >= received)

    def change(self, **values: Any) -> None:
        self.spec = msgspec.structs.replace(self.spec, **values)
        self.end.send(ChangeListener(spec=self.spec))

    def close(self) -> ListenerReport:
        """End the unit as a session does; returns its last report."""
        self.end.send(Drain())
        self.end.send(Close())
        self.end.wait_for(Finished)
        self.end.join()
        return self.end.last(ListenerReport)


@pytest.fixture
def end() -> Iterator[ControlEnd]:
    with ControlEnd() as end:
        yield end


def pull(end: ControlEnd, folder: Path, **spec: Any) -> Bench:
    return Bench(end, folder, "PULL", ListenerSpec(**spec))


def test_it_receives_reports_and_leaves_its_counts_in_the_file(end: ControlEnd, tmp_path: Path) -> None:
    bench = pull(end, tmp_path)
    endpoint = bench.open()
    bench.start()
    end.wait_for(ListenerReport, lambda report: report.peers == 1)
    bench.send(1, 2, 3)
    bench.wait_received(3)
    last = bench.close()
    assert endpoint.startswith("tcp://127.0.0.1:")
    assert (last.counts.received, last.counts.first, last.counts.highest) == (3, 1, 3)
    reports = [message for message in end.said if isinstance(message, ListenerReport)]
    assert sum(report.service.count for report in reports) == 3
    assert sum(report.response.count for report in reports) == 3
    samples = [sample for report in reports for sample in report.samples]
    assert samples[0].frames[0].startswith(stamp.KEY)
    with MappedCounters(bench.counters_file, ListenerSlot) as counters:
        assert counters.values()["received"] == 3


def test_before_the_start_and_in_the_warm_up_nothing_is_measured(end: ControlEnd, tmp_path: Path) -> None:
    bench = Bench(end, tmp_path, "PULL", ListenerSpec(), warmup_ns=600 * NS_PER_S)
    bench.open()
    bench.send(1)
    bench.wait_received(1)
    bench.start()
    bench.send(2)
    bench.wait_received(2)
    bench.close()
    assert sum(one.service.count for one in end.said if isinstance(one, ListenerReport)) == 0


def test_what_arrived_after_the_end_of_offering_is_counted_apart_too(end: ControlEnd, tmp_path: Path) -> None:
    bench = pull(end, tmp_path)
    bench.open()
    bench.start()
    bench.send(1, 2)
    bench.wait_received(2)
    ended_ns = time.perf_counter_ns()
    bench.send(3, 3, 4)
    bench.wait_received(4)
    end.send(Drain(offering_ended_ns=ended_ns))
    bench.send(5)
    bench.wait_received(5)
    # A second Drain changes nothing.
    last = bench.close()
    assert (last.counts.received, last.counts.received_in_drain) == (5, 3)
    with MappedCounters(bench.counters_file, ListenerSlot) as counters:
        assert counters.values()["received_in_drain"] == 3


@pytest.mark.parametrize(("shares", "incarnation", "sends"), [(True, 0, True), (False, 0, False), (True, 1, False)])
def test_a_listener_that_shares_messages_sends_their_numbers_at_the_end(
    shares: bool, incarnation: int, sends: bool, end: ControlEnd, tmp_path: Path
) -> None:
    bench = Bench(end, tmp_path, "PULL", ListenerSpec(), shares_messages=shares, incarnation=incarnation)
    bench.open()
    bench.start()
    bench.send(1, 2, 5)
    bench.wait_received(3)
    bench.close()
    numbers = [message.numbers for message in end.said if isinstance(message, ReceivedNumbers)]
    assert len(numbers) == sends
    for one in numbers:
        union = SequenceSet()
        union.merge(one)
        assert [number for number in range(8) if number in union] == [1, 2, 5]


@pytest.mark.parametrize(("warmup_s", "measured"), [(0, 1), (1, 1), (600, 0)])
def test_a_replacement_measures_before_it_reads_the_start(
    end: ControlEnd, tmp_path: Path, warmup_s: int, measured: int
) -> None:
    started_ns = time.perf_counter_ns() - 10 * NS_PER_S
    bench = Bench(end, tmp_path, "PULL", ListenerSpec(), warmup_ns=warmup_s * NS_PER_S, not_before_ns=started_ns)
    bench.open()
    bench.send(1)
    bench.wait_received(1)
    bench.close()
    assert sum(one.service.count for one in end.said if isinstance(one, ListenerReport)) == measured


def test_without_a_warm_up_everything_is_measured(end: ControlEnd, tmp_path: Path) -> None:
    bench = pull(end, tmp_path)
    bench.open()
    bench.send(1)
    bench.wait_received(1)
    bench.start(in_s=60)
    bench.send(2)
    bench.wait_received(2)
    bench.close()
    assert sum(one.service.count for one in end.said if isinstance(one, ListenerReport)) == 2


def test_an_address_that_cannot_be_bound_fails_with_a_reason(end: ControlEnd, tmp_path: Path) -> None:
    Bench(end, tmp_path, "PULL", ListenerSpec(), endpoint="tcp://203.0.113.1:5555")
    assert "203.0.113.1" in end.wait_for(Failed).reason
    end.join()


def test_a_paused_listener_reads_nothing_until_it_continues(end: ControlEnd, tmp_path: Path) -> None:
    bench = pull(end, tmp_path)
    bench.open()
    bench.start()
    bench.send(1)
    bench.wait_received(1)
    end.send(Pause(paused=True))
    quiet = end.wait_for(ListenerReport, lambda report: report.idle_ns > 150 * NS_PER_MS)
    bench.send(2, 3)
    later = end.wait_for(ListenerReport, lambda report: report.at_ns > quiet.at_ns + 250 * NS_PER_MS)
    assert later.counts.received == 1
    end.send(Pause(paused=False))
    bench.wait_received(3)
    bench.close()


def test_a_pause_answers_the_request_at_hand(end: ControlEnd, tmp_path: Path) -> None:
    bench = Bench(end, tmp_path, "REP", ListenerSpec(delay_ms=60_000))
    bench.open()
    bench.start()
    bench.send(1)
    bench.wait_received(1)
    end.send(Pause(paused=True))
    assert bench.sender.poll(5000)
    bench.close()


def test_a_listener_that_stalls_from_the_start_reads_nothing_before_it(end: ControlEnd, tmp_path: Path) -> None:
    bench = pull(end, tmp_path, stall=(0.0, 0.4))
    bench.open()
    bench.send(1)
    assert end.wait_for(ListenerReport, lambda report: report.peers == 1).counts.received == 0
    start_ns = bench.start()
    report = bench.wait_received(1)
    bench.close()
    assert report.samples[0].at_ns >= start_ns + 400 * NS_PER_MS


def test_a_subscriber_that_stalls_from_the_start_subscribes_before_it(end: ControlEnd, tmp_path: Path) -> None:
    bench = Bench(end, tmp_path, "SUB", ListenerSpec(topics=["t"], stall=(0.0, 600.0)))
    bench.open()
    bench.sender.rcvtimeo = 20_000
    assert {bench.sender.recv(), bench.sender.recv()} == {b"\x01t", b"\x01token"}
    bench.close()


def test_a_stall_begins_in_time_and_ends_in_time(end: ControlEnd, tmp_path: Path) -> None:
    bench = pull(end, tmp_path, stall=(0.3, 0.7))
    bench.open()
    start_ns = bench.start()
    sequence = 0
    sent_ns = []
    while time.perf_counter_ns() < start_ns + NS_PER_S:
        sequence += 1
        bench.send(sequence)
        sent_ns.append(time.perf_counter_ns() - start_ns)
        time.sleep(0.005)
    bench.wait_received(sequence)
    bench.close()
    arrivals = [
        sample.at_ns - start_ns for one in end.said if isinstance(one, ListenerReport) for sample in one.samples
    ]
    assert arrivals
    assert not [at_ns for at_ns in arrivals if 300 * NS_PER_MS <= at_ns < 700 * NS_PER_MS]
    longest_ns = max(one.service.max_ns for one in end.said if isinstance(one, ListenerReport))
    # The first message of the stall waited to its end. A message has its stamp before its time here. So the first one
    # with a time in the stall may have come before it, and the second one was certainly sent in it.
    _, second_ns, *_ = [*(at_ns for at_ns in sent_ns if at_ns >= 300 * NS_PER_MS), NS_PER_S, NS_PER_S]
    assert longest_ns >= 700 * NS_PER_MS - second_ns


def test_draining_ends_delay_and_stall(end: ControlEnd, tmp_path: Path) -> None:
    bench = pull(end, tmp_path, delay_ms=60_000, stall=(0.0, 600.0))
    bench.open()
    bench.start()
    bench.send(1, 2, 3)
    end.wait_for(ListenerReport, lambda report: report.peers == 1)
    end.send(Drain())
    bench.wait_received(3)
    bench.close()


def test_a_changed_delay_acts_at_once(end: ControlEnd, tmp_path: Path) -> None:
    bench = pull(end, tmp_path, delay_ms=60_000)
    bench.open()
    bench.start()
    bench.send(1, 2, 3)
    bench.wait_received(1)
    bench.change(delay_ms=0)
    bench.wait_received(3)
    bench.close()


def test_another_high_water_mark_recreates_the_socket_also_while_a_message_is_held(
    end: ControlEnd, tmp_path: Path
) -> None:
    bench = pull(end, tmp_path, delay_ms=120)
    endpoint = bench.open()
    bench.start()
    bench.send(1, 2)
    bench.wait_received(1)
    bench.change(high_water_mark=7)
    notice = end.wait_for(Notice, lambda message: "recreated" in message.message)
    assert notice.message == f"the socket was recreated at {endpoint}"
    assert notice.marker
    # Messages in the old socket go with it, also those sent before the sender knows of its end. Later ones come.
    for number in range(3, 1000):
        bench.send(number)
        if end.wait_for(ListenerReport).counts.highest >= 3:
            break
    assert end.last(ListenerReport).counts.highest >= 3
    bench.close()


def test_it_moves_to_another_endpoint_and_back_if_that_fails(end: ControlEnd, tmp_path: Path) -> None:
    bench = pull(end, tmp_path)
    endpoint = bench.open()
    end.send(Move(endpoints=("tcp://203.0.113.1:5555",), bind=True))
    failed = end.wait_for(Moved)
    assert failed.endpoint == endpoint
    assert "203.0.113.1" in failed.failure
    ipc = f"ipc://{tmp_path}/moved"
    end.send(Move(endpoints=(ipc,), bind=True))
    moved = end.wait_for(Moved)
    assert (moved.endpoint, moved.failure) == (ipc, "")
    sender = end.socket(zmq.PUSH)
    sender.connect(ipc)
    sender.send(body(1))
    bench.wait_received(1)
    bench.close()
    assert not (tmp_path / "moved").exists()


def test_a_replacement_counts_the_former_numbers_as_received(end: ControlEnd, tmp_path: Path) -> None:
    bench = pull(end, tmp_path)
    bench.open()
    bench.start()
    bench.send(1, 2, 3)
    bench.wait_received(3)
    bench.close()
    order = msgspec.structs.replace(bench.order, incarnation=1)
    with ControlEnd() as second:
        second.start(partial(open_listener, order, context=second.context, control_poll_ms=CONTROL_POLL_MS))
        with second.context.socket(zmq.PUSH) as push:
            push.connect(second.wait_for(Opened).endpoint)
            push.send(body(2))
            push.send(body(4))
            report = second.wait_for(ListenerReport, lambda one: one.counts.received == 4)
        assert report.counts.duplicates == 1
        second.send(Close())
        second.wait_for(Finished)
        second.join()
