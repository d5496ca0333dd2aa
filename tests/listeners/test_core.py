"""The listener core on real sockets, without a worker: counting, measuring, holding and answering."""

from __future__ import annotations

import random
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st

from bench_app.listeners.arrivals import BATCH
from bench_app.listeners.core import CALM_NS, NO_LIMIT, ListenerCore
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import ListenerSlot
from bench_app.measure.histogram import Histogram
from bench_app.measure.message_samples import SAMPLE_INTERVAL_NS
from bench_app.measure.sequence import SequenceSet
from bench_app.model import ListenerSpec, StampMode
from bench_app.transport import stamp
from bench_app.transport.wire import Reader

IDENTITY = stamp.Identity(7, 1)
LATE_MS = 500
"""How much too late a call may return on a busy machine."""
SEED = 1
WAIT_MS = 1

slot = ListenerSlot


def body(sequence: int, intended_ns: int = 0, sent_ns: int = 0, identity: stamp.Identity = IDENTITY) -> bytes:
    """An event with the stamp in its first field, as a handler sends it."""
    event = stamp.wrap(identity, b'{"a":1}')
    event[stamp.TIMES_AT : stamp.TIMES_AT + stamp.TIMES_LENGTH] = stamp.times(sequence, intended_ns, sent_ns)
    return bytes(event)


FOREIGN = b'{"someone":"else"}'
MALFORMED = body(1).replace(b"0000000000000001-", b"000000000000zzzz-")
SHORT = body(1)[: stamp.TIMES_AT + 10]


class Clock:
    """A clock that moves by ``step_ns`` at each reading."""

    def __init__(self, step_ns: int) -> None:
        self.now_ns = 1_000_000_000
        self.step_ns = step_ns

    def __call__(self) -> int:
        self.now_ns += self.step_ns
        return self.now_ns


class Replier:
    """Records the answered requests with their times. A request is the last frame of a message."""

    def __init__(self, spec: ListenerSpec) -> None:
        self.spec = spec
        self.answered: list[bytes] = []
        self.answered_ns: list[int] = []

    def body_of(self, frames: list[bytes]) -> list[bytes]:
        return [frame for frame in frames if frame != b"envelope"]

    def answer(self, socket: zmq.Socket[bytes], frames: list[bytes]) -> None:
        self.answered.append(frames[-1])
        self.answered_ns.append(time.perf_counter_ns())


@dataclass
class Bench:
    """A core that reads from a PULL, and the PUSH that feeds it."""

    push: zmq.Socket[bytes]
    pull: zmq.Socket[bytes]
    spec: ListenerSpec = field(default_factory=ListenerSpec)
    stamp: StampMode = "field"
    had: int = 0
    clock: Callable[[], int] = time.perf_counter_ns
    answers: bool = False

    def __post_init__(self) -> None:
        self.slots = memoryview(array("Q", bytes(8 * len(ListenerSlot))))
        self.replier = Replier(self.spec) if self.answers else None
        sequences = SequenceSet(complete_to=self.had)
        reader = Reader(IDENTITY, self.stamp)
        self.core = ListenerCore(self.spec, reader, self.slots, sequences, self.replier, SEED, self.clock)
        self.core.wait_at_most(WAIT_MS)
        self.core.attach(self.pull)

    def send(self, *messages: bytes | list[bytes]) -> None:
        for message in messages:
            self.push.send_multipart(message if isinstance(message, list) else [message])

    def receive(self, limit: int = NO_LIMIT) -> int:
        """Receive until no message is left, and settle."""
        received = self.core.receive_until(NEVER_NS, limit)
        self.core.settle()
        return received

    def counts(self) -> dict[str, int]:
        """The counters that are not 0."""
        return {one.name.lower(): self.slots[one] for one in ListenerSlot if self.slots[one]}

    def latencies(self) -> tuple[Histogram, Histogram]:
        service, response = Histogram(), Histogram()
        for histogram, delta in zip((service, response), self.core.take_latencies(), strict=True):
            histogram.merge(delta)
        return service, response


@pytest.fixture(scope="module")
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    with zmq.Context() as context:
        yield context


@dataclass
class Sockets:
    """Pairs of sockets that are closed at the end of a test."""

    context: zmq.Context[zmq.Socket[bytes]]
    opened: list[zmq.Socket[bytes]] = field(default_factory=list)

    def pair(self) -> tuple[zmq.Socket[bytes], zmq.Socket[bytes]]:
        pull, push = self.context.socket(zmq.PULL), self.context.socket(zmq.PUSH)
        self.opened += [pull, push]
        for socket in (pull, push):
            socket.set_hwm(0)
            socket.linger = 0
        # A new name for each pair, because libzmq frees a name in the background.
        endpoint = f"inproc://listener-core-{id(self)}-{len(self.opened)}-{time.perf_counter_ns()}"
        pull.bind(endpoint)
        push.connect(endpoint)
        return push, pull

    def close(self) -> None:
        for socket in self.opened:
            socket.close()
        self.opened.clear()


@pytest.fixture
def sockets(context: zmq.Context[zmq.Socket[bytes]]) -> Iterator[Sockets]:
    sockets = Sockets(context)
    yield sockets
    sockets.close()


def test_a_message_is_counted_and_measured(sockets: Sockets) -> None:
    bench = Bench(*sockets.pair(), clock=Clock(1000))
    bench.core.measure_from(0)
    bench.send(body(1, intended_ns=1_000_000_000 - 5000, sent_ns=1_000_000_000))
    assert bench.receive() == 1
    assert bench.counts() == {"received": 1, "bytes": len(body(1)), "first": 1, "highest": 1}
    service, response = bench.latencies()
    # The clock is read first when the core is made, then when the message arrives.
    assert (service.count, service.min_ns) == (1, 2000)
    assert (response.count, response.min_ns) == (1, 7000)


def test_each_latency_is_taken_once(sockets: Sockets) -> None:
    bench = Bench(*sockets.pair())
    bench.core.measure_from(0)
    bench.send(body(1))
    bench.receive()
    assert [one.count for one in bench.latencies()] == [1, 1]
    assert [one.count for one in bench.latencies()] == [0, 0]


@pytest.mark.parametrize("step_ns", [1, 2 * CALM_NS], ids=["thick", "calm"])
def test_messages_of_the_warm_up_are_counted_and_not_measured(sockets: Sockets, step_ns: int) -> None:
    bench = Bench(*sockets.pair(), clock=Clock(step_ns))
    bench.send(body(1, intended_ns=500))
    bench.receive()
    bench.core.measure_from(1000)
    bench.send(*(body(number, intended_ns=intended) for number, intended in ((2, 999), (3, 1000), (4, 2000))))
    bench.receive()
    assert bench.counts()["received"] == 4
    assert [one.count for one in bench.latencies()] == [2, 2]


def test_receiving_stops_at_its_limit(sockets: Sockets) -> None:
    bench = Bench(*sockets.pair())
    bench.send(*map(body, range(1, 6)))
    assert bench.receive(limit=2) == 2
    assert bench.receive(limit=0) == 0
    assert bench.receive() == 3
    assert bench.counts()["received"] == 5


def test_receiving_stops_with_the_message_that_comes_after_its_time(sockets: Sockets) -> None:
    clock = Clock(0)
    bench = Bench(*sockets.pair(), clock=clock)
    bench.send(*map(body, range(1, 11)))
    clock.step_ns = 10
    assert bench.core.receive_until(clock.now_ns + 30) == 3
    assert bench.receive() == 7


def test_receiving_stops_when_no_message_comes(sockets: Sockets) -> None:
    bench = Bench(*sockets.pair())
    began_ns = time.perf_counter_ns()
    assert bench.receive() == 0
    assert time.perf_counter_ns() - began_ns < LATE_MS * NS_PER_MS
    assert bench.counts() == {}


def test_a_changed_wait_also_applies_to_another_socket(sockets: Sockets) -> None:
    bench = Bench(*sockets.pair())
    bench.core.wait_at_most(40)
    _, other = sockets.pair()
    bench.core.attach(other)
    began_ns = time.perf_counter_ns()
    assert bench.receive() == 0
    assert 35 * NS_PER_MS < time.perf_counter_ns() - began_ns < LATE_MS * NS_PER_MS


def test_waiting_for_a_message_receives_none(sockets: Sockets) -> None:
    bench = Bench(*sockets.pair())
    assert not bench.core.wait_for_message(5)
    bench.send(body(1))
    assert bench.core.wait_for_message(1000)
    assert bench.counts() == {}
    assert bench.receive() == 1


def test_settle_settles_every_waiting_message(sockets: Sockets) -> None:
    bench = Bench(*sockets.pair(), clock=Clock(1))
    bench.send(*map(body, range(1, 11)))
    bench.core.receive_until(NEVER_NS)
    assert bench.slots[slot.RECEIVED] == 0
    bench.core.settle()
    assert bench.slots[slot.RECEIVED] == 10


def test_a_full_batch_is_settled_by_itself(sockets: Sockets) -> None:
    bench = Bench(*sockets.pair(), clock=Clock(1))
    bench.send(*map(body, range(1, BATCH + 4)))
    bench.core.receive_until(NEVER_NS)
    assert bench.slots[slot.RECEIVED] == BATCH
    bench.core.settle()
    assert bench.slots[slot.RECEIVED] == BATCH + 3


def test_at_a_low_rate_each_message_is_settled_at_once(sockets: Sockets) -> None:
    bench = Bench(*sockets.pair(), clock=Clock(2 * CALM_NS))
    for number in range(1, 4):
        bench.send(body(number))
        bench.core.receive_until(NEVER_NS)
        assert bench.slots[slot.RECEIVED] == number


def test_the_time_of_the_last_message_is_known(sockets: Sockets) -> None:
    clock = Clock(10)
    bench = Bench(*sockets.pair(), clock=clock)
    assert bench.core.last_message_ns == clock.now_ns
    bench.send(body(1), FOREIGN)
    bench.core.receive_until(NEVER_NS)
    assert bench.core.last_message_ns == clock.now_ns


def test_after_a_crash_all_numbers_up_to_the_highest_count_as_received(sockets: Sockets) -> None:
    bench = Bench(*sockets.pair(), had=10)
    bench.send(body(9), body(11))
    bench.receive()
    assert bench.counts() == {"received": 1, "duplicates": 1, "bytes": 2 * len(body(1)), "first": 9, "highest": 11}


def test_without_a_stamp_every_message_is_received(sockets: Sockets) -> None:
    bench = Bench(*sockets.pair(), stamp="off")
    bench.send(FOREIGN, [b"topic", b"1"])
    bench.receive()
    assert bench.counts() == {"received": 2, "bytes": len(FOREIGN) + 6}


def test_a_stamp_in_its_own_frame(sockets: Sockets) -> None:
    bench = Bench(*sockets.pair(), stamp="frame")
    text = IDENTITY.text + stamp.times(1, 2, 3)
    bench.send([b"[1]", text], [b"[2]", b"no stamp"])
    bench.receive()
    assert bench.counts() == {"received": 1, "foreign": 1, "bytes": 6 + len(text) + 8, "first": 1, "highest": 1}


def test_a_sample_is_kept_at_intervals(sockets: Sockets) -> None:
    bench = Bench(*sockets.pair(), clock=Clock(SAMPLE_INTERVAL_NS // 2))
    bench.send([b"topic", body(1)], body(2), body(3))
    bench.receive()
    first, second = bench.core.take_samples()
    assert first.frames == (b"topic", body(1))
    assert first.size == 5 + len(body(1))
    assert second.frames == (body(3),)
    assert bench.core.take_samples() == ()


# The hold of a message.


def held(sockets: Sockets, **spec: float) -> Bench:
    """A bench whose listener holds messages and then answers them."""
    return Bench(*sockets.pair(), ListenerSpec(**spec), answers=True)  # type: ignore[arg-type]


def after_ms(ms: float) -> int:
    return time.perf_counter_ns() + int(ms * NS_PER_MS)


def answered(bench: Bench) -> list[bytes]:
    assert bench.replier is not None
    return bench.replier.answered


def test_every_message_is_held_and_then_answered(sockets: Sockets) -> None:
    bench = held(sockets, delay_ms=4)
    bench.send(body(1), body(2), body(3))
    began_ns = time.perf_counter_ns()
    assert bench.core.receive_until(NEVER_NS) == 3
    assert time.perf_counter_ns() - began_ns >= 12 * NS_PER_MS
    assert bench.replier is not None
    answered_ns = [began_ns, *bench.replier.answered_ns]
    assert all(later - earlier >= 4 * NS_PER_MS for earlier, later in pairwise(answered_ns))


def test_each_message_has_its_own_jitter_drawn_from_the_seed(sockets: Sockets) -> None:
    bench = held(sockets, delay_ms=1, delay_jitter_ms=3)
    bench.send(*map(body, range(1, 9)))
    began_ns = time.perf_counter_ns()
    bench.core.receive_until(NEVER_NS)
    assert bench.replier is not None
    answered_ns, drawn = [began_ns, *bench.replier.answered_ns], random.Random(SEED)
    for earlier, later in pairwise(answered_ns):
        assert later - earlier >= (1 + 3 * drawn.random()) * NS_PER_MS


def test_a_hold_continues_in_the_next_call(sockets: Sockets) -> None:
    bench = held(sockets, delay_ms=100)
    bench.send(body(1), body(2))
    began_ns = time.perf_counter_ns()
    assert bench.core.receive_until(after_ms(20)) == 1
    assert bench.core.is_holding
    assert answered(bench) == []
    # A time in the past: the call must return at once.
    assert bench.core.receive_until(0) == 0
    assert bench.core.receive_until(NEVER_NS, limit=0) == 0
    assert not bench.core.is_holding
    assert answered(bench) == [body(1)]
    assert time.perf_counter_ns() - began_ns >= 100 * NS_PER_MS
    # The second message is still there, because a limit of 0 receives no message.
    bench.core.drain()
    assert bench.receive() == 1


def test_a_message_can_be_finished_early(sockets: Sockets) -> None:
    bench = held(sockets, delay_ms=60_000)
    bench.send(body(1))
    bench.core.receive_until(after_ms(20))
    bench.core.finish_message()
    assert not bench.core.is_holding
    assert answered(bench) == [body(1)]
    bench.core.finish_message()
    assert answered(bench) == [body(1)]


def test_no_message_is_held_while_draining(sockets: Sockets) -> None:
    bench = held(sockets, delay_ms=60_000)
    bench.send(*map(body, range(1, 6)))
    bench.core.receive_until(after_ms(20))
    bench.core.drain()
    assert bench.receive() == 4
    assert answered(bench) == list(map(body, range(1, 6)))
    assert bench.slots[slot.RECEIVED] == 5


def test_a_new_spec_without_a_delay_ends_the_hold(sockets: Sockets) -> None:
    bench = held(sockets, delay_ms=60_000)
    bench.send(body(1), body(2))
    bench.core.receive_until(after_ms(20))
    changed = ListenerSpec(drop_replies=0.5)
    bench.core.change_spec(changed)
    assert bench.receive() == 1
    assert answered(bench) == [body(1), body(2)]
    assert bench.replier is not None
    assert bench.replier.spec is changed


def test_a_new_delay_counts_from_the_next_message_on(sockets: Sockets) -> None:
    bench = held(sockets, delay_ms=40)
    bench.send(body(1), body(2))
    bench.core.receive_until(after_ms(5))
    bench.core.change_spec(ListenerSpec(delay_ms=60_000))
    bench.core.receive_until(after_ms(LATE_MS))
    assert answered(bench) == [body(1)]
    assert bench.core.is_holding


def test_a_held_message_survives_a_change_of_sockets(sockets: Sockets) -> None:
    bench = held(sockets, delay_ms=20)
    bench.send(body(1))
    bench.core.receive_until(after_ms(1))
    bench.core.detach()
    push, pull = sockets.pair()
    bench.core.attach(pull)
    push.send(body(2))
    assert bench.receive() == 1
    assert bench.slots[slot.RECEIVED] == 2
    assert answered(bench) == [body(1), body(2)]


def test_without_a_socket_no_request_is_answered(sockets: Sockets) -> None:
    bench = held(sockets, delay_ms=60_000)
    bench.send(body(1))
    bench.core.receive_until(after_ms(20))
    bench.core.detach()
    bench.core.finish_message()
    assert not bench.core.is_holding
    assert answered(bench) == []


def test_a_message_with_an_envelope_alone_is_foreign_and_answered(sockets: Sockets) -> None:
    bench = held(sockets)
    bench.send([b"envelope"], [b"envelope", body(1)])
    bench.receive()
    assert bench.counts() == {"received": 1, "foreign": 1, "bytes": len(body(1)), "first": 1, "highest": 1}
    assert answered(bench) == [b"envelope", body(1)]


# Every message is in exactly one of the counts.


@dataclass
class Expected:
    """The counts of a row of messages, computed one message at a time."""

    received: int = 0
    duplicates: int = 0
    reordered: int = 0
    foreign: int = 0
    malformed: int = 0
    first: int = 0
    highest: int = 0
    measured: int = 0
    had: set[int] = field(default_factory=set)

    def take(self, sequence: int, intended_ns: int, measure_from_ns: int) -> None:
        self.measured += intended_ns >= measure_from_ns
        self.first = self.first or sequence
        if sequence in self.had:
            self.duplicates += 1
            return
        self.received += 1
        self.reordered += sequence < self.highest
        self.had.add(sequence)
        self.highest = max(self.highest, sequence)


Message = tuple[str, int, int]
MESSAGES = st.lists(
    st.tuples(
        st.sampled_from(["stamped", "stamped", "stamped", "foreign", "malformed", "short", "other run"]),
        st.integers(1, 40) | st.integers(1, 200_000),
        st.integers(0, 100),
    ),
    max_size=60,
)


def as_frame(kind: str, sequence: int, intended_ns: int) -> bytes:
    match kind:
        case "stamped":
            return body(sequence, intended_ns, intended_ns)
        case "malformed":
            return MALFORMED
        case "short":
            return SHORT
        case "other run":
            return body(sequence, identity=stamp.Identity(8, 1))
    return FOREIGN


def expected_of(messages: list[Message], measure_from_ns: int) -> Expected:
    expected = Expected()
    for kind, sequence, intended_ns in messages:
        if kind == "stamped":
            expected.take(sequence, intended_ns, measure_from_ns)
        elif kind in ("malformed", "short"):
            expected.malformed += 1
        else:
            expected.foreign += 1
    return expected


@settings(max_examples=60, deadline=None)
@given(messages=MESSAGES, calm=st.lists(st.booleans(), min_size=1, max_size=8), limits=st.lists(st.integers(1, 20)))
def test_every_message_is_in_one_count(
    context: zmq.Context[zmq.Socket[bytes]], messages: list[Message], calm: list[bool], limits: list[int]
) -> None:
    sockets, clock, measure_from_ns = Sockets(context), Clock(1), 30
    bench = Bench(*sockets.pair(), clock=clock)
    bench.core.measure_from(measure_from_ns)
    frames = [as_frame(*message) for message in messages]
    bench.send(*frames)
    received, turn = 0, 0
    while received < len(messages):
        # At a low rate messages are settled one by one, otherwise in batches. The counts must be the same.
        clock.step_ns = 2 * CALM_NS if calm[turn % len(calm)] else 1
        received += bench.core.receive_until(NEVER_NS, limits[turn % len(limits)] if limits else NO_LIMIT)
        turn += 1
    bench.core.settle()
    sockets.close()

    expected, slots = expected_of(messages, measure_from_ns), bench.slots
    assert slots[slot.RECEIVED] == expected.received
    assert slots[slot.DUPLICATES] == expected.duplicates
    assert slots[slot.REORDERED] == expected.reordered
    assert slots[slot.FOREIGN] == expected.foreign
    assert slots[slot.MALFORMED] == expected.malformed
    assert (slots[slot.FIRST], slots[slot.HIGHEST]) == (expected.first, expected.highest)
    assert slots[slot.BYTES] == sum(map(len, frames))
    assert [one.count for one in bench.latencies()] == [expected.measured] * 2
    one_each = (slot.RECEIVED, slot.DUPLICATES, slot.FOREIGN, slot.MALFORMED)
    assert sum(slots[one] for one in one_each) == len(messages)
