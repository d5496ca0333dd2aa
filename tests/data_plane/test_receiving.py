"""The receiver by itself, slice by slice. tests/listeners compares it with the Python loop."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import zmq

from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import ListenerSlot
from bench_app.measure.message_samples import SAMPLE_BYTES
from bench_app.transport import stamp
from tests.compiled import compiled
from tests.listeners.core_bench import IDENTITY, Sockets, body, functions_of

receiving = compiled("receiving")
latency_counts = compiled("latency_counts")
MOST_RANGES = 4096
MOST_UNUSUAL = 1024


class Bench:
    """A receiver on a PULL, with its own counters and a ring of four arrivals."""

    def __init__(self, sockets: Sockets) -> None:
        self.push, self.pull = sockets.pair()
        self.pull.rcvtimeo = 0
        self.slots = memoryview(array("Q", bytes(8 * len(ListenerSlot))))
        self.ring = array("q", bytes(8 * 4))
        latencies = [latency_counts.LatencyCounts() for _ in range(3)]
        prefix = stamp.KEY + IDENTITY.text
        self.receiver: Any = receiving.Receiver(
            functions_of("compiled"), self.slots, self.ring, "field", prefix, *latencies
        )
        self.receiver.measure_from_ns = self.receiver.offering_ended_ns = self.receiver.sample_due_ns = NEVER_NS

    def send(self, *messages: bytes) -> None:
        for message in messages:
            self.push.send(message)

    def receive(self, until_ns: int = NEVER_NS, limit: int = 100_000) -> int:
        received: int = self.receiver.receive(self.pull.underlying or 0, until_ns, limit)
        return received

    def ranges(self) -> list[list[int]]:
        found: list[list[int]] = np.frombuffer(self.receiver.take_ranges(), np.int64).reshape(-1, 2).tolist()
        return found

    def unusual(self) -> list[int]:
        found: list[int] = np.frombuffer(self.receiver.take_unusual(), np.int64).reshape(-1, 5)[:, 0].tolist()
        return found


@pytest.fixture
def bench() -> Iterator[Bench]:
    with zmq.Context() as context:
        sockets = Sockets(context, "compiled")
        yield Bench(sockets)
        sockets.close()


def test_contiguous_numbers_are_one_range(bench: Bench) -> None:
    bench.send(*map(body, [1, 2, 3, 7, 8, 20]))
    assert bench.receive() == 6
    assert bench.receiver.error == errno.EAGAIN
    assert bench.ranges() == [[1, 3], [7, 8], [20, 20]]
    assert bench.ranges() == []
    assert (bench.receiver.first, bench.receiver.highest) == (1, 20)


def test_numbers_that_are_not_above_the_highest_are_left_to_python(bench: Bench) -> None:
    bench.send(*map(body, [5, 5, 3, 6]))
    bench.receive()
    assert bench.ranges() == [[5, 6]]
    assert bench.unusual() == [5, 3]
    assert bench.slots[ListenerSlot.RECEIVED] == 2


@pytest.mark.parametrize(
    ("numbers", "most"),
    [(range(2, 2 * MOST_RANGES + 10, 2), MOST_RANGES), ([5] * (MOST_UNUSUAL + 5), MOST_UNUSUAL + 1)],
    ids=["ranges", "unusual"],
)
def test_a_full_table_ends_a_slice(bench: Bench, numbers: list[int], most: int) -> None:
    bench.send(*map(body, numbers))
    assert bench.receive() == most
    assert bench.receiver.must_settle
    bench.ranges()
    bench.unusual()
    assert bench.receive() == len(numbers) - most
    assert not bench.receiver.must_settle


def test_a_sample_ends_a_slice_and_keeps_the_beginning_of_each_frame(bench: Bench) -> None:
    bench.receiver.sample_due_ns = 0
    large = b"x" * (2 * SAMPLE_BYTES)
    bench.push.send_multipart([b"", large, b"end"])
    bench.send(body(1))
    assert bench.receive() == 1
    assert bench.receiver.must_settle
    assert bench.receiver.take_sample() == ((b"", large[:SAMPLE_BYTES], b"end"), len(large) + 3)
    assert bench.receiver.take_sample() is None


def test_the_last_arrivals_are_in_the_ring(bench: Bench) -> None:
    began_ns = time.perf_counter_ns()
    bench.send(*map(body, range(1, 7)))
    bench.receive()
    assert bench.receiver.next_recent == 2
    assert all(at_ns >= began_ns for at_ns in bench.ring)
    assert bench.ring[1] == bench.receiver.last_message_ns == max(bench.ring)


def test_a_slice_ends_at_its_limit_and_at_its_time(bench: Bench) -> None:
    bench.send(*map(body, range(1, 7)))
    assert bench.receive(limit=2) == 2
    assert bench.receive(until_ns=0) == 1
    assert bench.receive(limit=0) == 0
    assert bench.receive() == 3


def test_a_closed_socket_is_an_error(bench: Bench) -> None:
    bench.send(body(1))
    bench.pull.close()
    assert bench.receive() == 0
    assert bench.receiver.error == zmq.ENOTSOCK


def test_a_signal_interrupts_a_wait(bench: Bench) -> None:
    handled: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: handled.append(number))
    bench.pull.rcvtimeo = 5000
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1))
    timer.start()
    began_ns = time.perf_counter_ns()
    bench.receive()
    signal.signal(signal.SIGUSR1, before)
    timer.join()
    assert bench.receiver.error == errno.EINTR
    assert handled == [signal.SIGUSR1]
    assert time.perf_counter_ns() - began_ns < 5000 * NS_PER_MS


def test_a_terminated_context_is_an_error() -> None:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    sockets = Sockets(context, "compiled")
    bench = Bench(sockets)
    bench.pull.rcvtimeo = 10_000
    closing = threading.Thread(target=context.term)
    closing.start()
    bench.receive()
    assert bench.receiver.error == zmq.ETERM
    sockets.close()
    closing.join()


@pytest.mark.parametrize("wait", ["block", "poll", "spin"])
def test_it_waits_up_to_the_limit_and_receives_what_comes_meanwhile(bench: Bench, wait: str) -> None:
    bench.pull.rcvtimeo = 30
    bench.receiver.set_wait(wait, 30)
    began_ns = time.perf_counter_ns()
    assert bench.receive() == 0
    assert time.perf_counter_ns() - began_ns >= 30 * NS_PER_MS
    assert bench.receiver.error == errno.EAGAIN
    bench.pull.rcvtimeo = 10_000
    bench.receiver.set_wait(wait, 10_000)
    sender = threading.Timer(0.02, bench.send, [body(1)])
    sender.start()
    assert bench.receive(limit=1) == 1
    sender.join()
    assert not bench.receiver.is_behind
    bench.send(body(2), body(3))
    assert bench.receive(limit=2) == 2
    assert bench.receiver.is_behind


@pytest.mark.parametrize("wait", ["poll", "spin"])
def test_without_time_to_wait_it_receives_what_is_there(bench: Bench, wait: str) -> None:
    bench.receiver.set_wait(wait, 0)
    assert bench.receive() == 0
    bench.send(body(1), body(2))
    assert bench.receive() == 2
    assert bench.receiver.error == errno.EAGAIN


def test_it_counts_how_long_it_spins(bench: Bench) -> None:
    bench.receiver.set_wait("spin", 20)
    assert bench.receiver.spun_ns == 0
    bench.receive()
    assert bench.receiver.spun_ns >= 20 * NS_PER_MS
    for wait in ("poll", "block"):
        before_ns = bench.receiver.spun_ns
        bench.receiver.set_wait(wait, 5)
        bench.receive()
        assert bench.receiver.spun_ns == before_ns
