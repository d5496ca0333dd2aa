"""PUB's core tries a full socket again by the clock, and its socket receives the subscriptions."""

from __future__ import annotations

from array import array

import pytest
import zmq

from bench_app.data_plane.choice import PlaneName
from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.compiled_core import CompiledCore
from bench_app.handlers.core import PollFor
from bench_app.handlers.pub import ROOM_POLL_NS, PublisherCore
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.recorder import Recorder
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.model import HandlerConfig
from tests.handlers.core_bench import Clock, Port, PortLibzmq

PUB = HANDLER_KINDS["PUB"]


@pytest.fixture(params=["python", "compiled"])
def plane(request: pytest.FixtureRequest) -> PlaneName:
    name: PlaneName = request.param
    return name


class Bench:
    """A publisher's core with a socket that refuses messages, as with ``XPUB_NODROP``."""

    def __init__(self, plane: PlaneName, send_timeout: int, room: int = 0) -> None:
        self.clock = Clock()
        self.port = Port(room)
        self.slots = memoryview(array("Q", bytes(8 * len(HandlerSlot))))
        config = HandlerConfig(socket_type="PUB", send_timeout=send_timeout)
        self.core: PublisherCore | CompiledCore
        if plane == "python":
            self.core = PublisherCore(config, self.port, self.slots, SampleBuffer(Recorder()), self.clock)
            return
        self._libzmq = PortLibzmq(self.port, self.clock)
        self.core = CompiledCore(config, self._libzmq.sender(self.slots, config), self.slots)

    def offer(self, count: int = 1) -> None:
        for _ in range(count):
            self.core.offer(bytearray(b"{}"), self.clock())


def test_a_full_socket_is_tried_again_by_the_clock(plane: PlaneName) -> None:
    bench = Bench(plane, send_timeout=1000)
    bench.offer()
    bench.core.pump()
    assert bench.core.is_blocked
    assert bench.core.deadline_ns == bench.clock() + ROOM_POLL_NS
    bench.clock.now_ns += ROOM_POLL_NS
    bench.core.pump()
    assert bench.core.deadline_ns == bench.clock() + ROOM_POLL_NS
    assert bench.port.tries == 2


def test_the_socket_is_never_polled_for_writing_because_an_xpub_is_always_writable(plane: PlaneName) -> None:
    bench = Bench(plane, send_timeout=1000)
    bench.offer()
    bench.core.pump()
    assert bench.core.poll_for is PollFor.READABLE


def test_the_deadline_is_that_of_the_head_if_it_is_earlier(plane: PlaneName) -> None:
    bench = Bench(plane, send_timeout=5)
    bench.offer()
    bench.core.pump()
    first_tried_ns = bench.clock()
    for _ in range(4):
        bench.clock.now_ns += ROOM_POLL_NS
        bench.core.pump()
    bench.clock.now_ns += ROOM_POLL_NS // 2
    bench.core.pump()
    assert bench.core.deadline_ns == first_tried_ns + 5 * NS_PER_MS
    bench.clock.now_ns = first_tried_ns + 5 * NS_PER_MS
    bench.core.pump()
    assert bench.slots[HandlerSlot.SEND_TIMEOUT] == 1
    assert (bench.core.poll_for, bench.core.deadline_ns) == (PollFor.NOTHING, None)


def test_after_a_successful_send_the_core_has_no_deadline(plane: PlaneName) -> None:
    bench = Bench(plane, send_timeout=-1)
    bench.offer(3)
    bench.core.pump()
    assert bench.core.deadline_ns == bench.clock() + ROOM_POLL_NS
    bench.port.room = 3
    bench.core.pump()
    assert bench.slots[HandlerSlot.ACCEPTED] == 3
    assert (bench.core.poll_for, bench.core.deadline_ns) == (PollFor.NOTHING, None)


def test_the_socket_receives_every_subscription_even_to_the_topic_of_another_subscriber() -> None:
    with zmq.Context() as context, context.socket(PUB.zmq_type) as pub:
        pub.linger = 0
        PUB.configure(pub)
        pub.bind("inproc://pub")
        subscribers = [context.socket(zmq.SUB) for _ in range(2)]
        for subscriber in subscribers:
            subscriber.subscribe(b"t")
            subscriber.connect("inproc://pub")
        for _ in subscribers:
            assert pub.poll(5000)
            assert pub.recv() == b"\x01t"
        for subscriber in subscribers:
            subscriber.close(0)
