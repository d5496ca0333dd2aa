"""REQ's core, stepped without sockets: with a port that answers only the last attempt, as libzmq with CORRELATE."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import pytest
import zmq
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.core import PollFor
from bench_app.handlers.offering import Offering
from bench_app.handlers.req import RequestCore
from bench_app.handlers.socket import CoreParts, HandlerPort, HandlerSocket
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.recorder import Recorder
from bench_app.measure.samples import SampleBuffer
from bench_app.model import HandlerConfig
from bench_app.transport.open_socket import Target
from bench_app.transport.stamp import Identity
from tests.handlers.test_core import Clock, Port, Samples


class RequestPort(Port):
    """Returns a reply only to the last attempt. An attempt that the socket refuses ends the former attempt.

    With ``strict``, receiving without an attempt under way raises EFSM instead of ``zmq.Again``, as a real REQ does.
    """

    def __init__(self, strict: bool = True) -> None:
        super().__init__()
        self.strict = strict
        self.asked = False
        self._reply: bytes | None = None

    @property
    def attempts(self) -> Counter[int]:
        """How often each sequence number was sent."""
        return Counter(self.sequences)

    def send(self, body: bytearray, sequence: int, intended_ns: int, sent_ns: int) -> None:
        self.renew()
        super().send(body, sequence, intended_ns, sent_ns)
        self.asked = True

    def renew(self) -> None:
        """Forget all former attempts, as libzmq does at every attempt and a new socket does at its start."""
        self.asked = False
        self._reply = None

    def answer(self, attempt: int, text: bytes) -> None:
        """A reply to the ``attempt``-th message (from 1) arrives; a late one is dropped."""
        if self.asked and attempt == len(self.taken):
            self._reply = text

    def receive(self) -> bytes:
        if self.strict and not self.asked:
            raise zmq.ZMQError(errno=zmq.EFSM)
        if self._reply is None:
            raise zmq.Again
        reply = self._reply
        self.renew()
        return reply


@dataclass
class Bench:
    """A request core with its port, clock and counters."""

    config: HandlerConfig
    port: RequestPort = field(default_factory=RequestPort)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.slots = memoryview(array("Q", bytes(8 * len(HandlerSlot))))
        self._lateness, self._round_trip = Samples(), Samples()
        self._buffers = [SampleBuffer(self._lateness), SampleBuffer(self._round_trip)]
        self.replies: list[bytes] = []
        self.core = RequestCore(self.config, self.port, self.slots, *self._buffers, self.replies.append, self.clock)

    def __getitem__(self, slot: HandlerSlot) -> int:
        return self.slots[slot]

    def offer(self, count: int = 1) -> None:
        for _ in range(count):
            self.core.offer(bytearray(b"{}"), self.clock())

    def answer(self, text: bytes = b"ok") -> None:
        """Answer the last attempt."""
        self.port.answer(len(self.port.taken), text)

    def pump_after_ms(self, ms: float) -> None:
        self.clock.advance_ms(ms)
        self.core.pump()

    def reset_socket(self) -> None:
        self.port.renew()
        self.core.reset_socket()

    def change(self, **values: int) -> None:
        self.core.config = msgspec.structs.replace(self.core.config, **values)

    def lateness_ns(self) -> list[int]:
        self._buffers[0].flush()
        return self._lateness.values

    def round_trips_ms(self) -> list[float]:
        self._buffers[1].flush()
        return [value / NS_PER_MS for value in self._round_trip.values]

    def counts(self) -> dict[str, int]:
        """All counters that are not 0, except the bytes."""
        return {slot.name.lower(): self[slot] for slot in HandlerSlot if self[slot] and slot is not HandlerSlot.BYTES}

    def assert_balanced(self) -> None:
        lost = sum(self[slot] for slot in (HandlerSlot.QUEUE_OVERFLOW, HandlerSlot.SEND_TIMEOUT, HandlerSlot.ABORTED))
        accepted = self[HandlerSlot.ACCEPTED]
        assert self[HandlerSlot.OFFERED] == lost + accepted + self.core.queued
        assert accepted == self[HandlerSlot.REPLIED] + self[HandlerSlot.REQUEST_TIMEOUT] + self.core.in_flight
        assert self[HandlerSlot.ATTEMPTED] == accepted
        assert list(dict.fromkeys(self.port.sequences)) == list(range(1, accepted + 1))
        assert self.port.sequences == sorted(self.port.sequences)
        assert self[HandlerSlot.RETRIES] == len(self.port.taken) - accepted


def make(retries: int = 2, request_timeout: int = 100, strict: bool = True, **config: int) -> Bench:
    made = HandlerConfig(socket_type="REQ", retries=retries, request_timeout=request_timeout, **config)  # type: ignore[arg-type]
    return Bench(made, RequestPort(strict))


def test_a_request_is_sent_waits_and_is_replied() -> None:
    bench = make()
    bench.offer()
    bench.core.pump()
    assert (bench.core.in_flight, bench.core.queued) == (1, 0)
    assert bench.core.poll_for is PollFor.READABLE
    assert bench.core.deadline_ns == bench.clock() + 100 * NS_PER_MS
    bench.answer(b"hello")
    bench.pump_after_ms(7)
    assert bench.replies == [b"hello"]
    assert bench.counts() == {"offered": 1, "accepted": 1, "attempted": 1, "replied": 1}
    assert (bench.core.in_flight, bench.core.poll_for, bench.core.deadline_ns) == (0, PollFor.NOTHING, None)
    assert bench.round_trips_ms() == [7]


def test_only_one_request_is_in_flight() -> None:
    bench = make()
    bench.offer(3)
    for _ in range(4):
        bench.core.pump()
    assert bench.port.sequences == [1]
    assert (bench.core.in_flight, bench.core.queued) == (1, 2)


def test_a_reply_sends_the_next_request_in_the_same_pump() -> None:
    bench = make()
    bench.offer(3)
    bench.core.pump()
    for number in (2, 3):
        bench.answer()
        bench.core.pump()
        assert bench.port.sequences[-1] == number
    bench.assert_balanced()


def test_a_silent_server_gets_one_request_and_its_retries() -> None:
    bench = make(retries=2)
    bench.offer()
    bench.core.pump()
    for retries in (1, 2):
        bench.pump_after_ms(99.9)
        assert len(bench.port.taken) == retries
        bench.pump_after_ms(0.1)
        assert bench.port.attempts == {1: 1 + retries}
        assert bench.core.deadline_ns == bench.clock() + 100 * NS_PER_MS
        assert bench.core.poll_for is PollFor.READABLE
    bench.pump_after_ms(100)
    assert bench.counts() == {"offered": 1, "accepted": 1, "attempted": 1, "request_timeout": 1, "retries": 2}
    assert (bench.core.in_flight, bench.core.poll_for, bench.core.deadline_ns) == (0, PollFor.NOTHING, None)
    assert bench.port.attempts == {1: 3}
    assert bench.round_trips_ms() == []


def test_no_retries_means_one_attempt() -> None:
    bench = make(retries=0)
    bench.offer(2)
    bench.core.pump()
    bench.pump_after_ms(100)
    assert bench.port.attempts == {1: 1, 2: 1}
    assert (bench[HandlerSlot.REQUEST_TIMEOUT], bench[HandlerSlot.RETRIES], bench.core.in_flight) == (1, 0, 1)


def test_fewer_retries_apply_to_the_request_in_flight() -> None:
    bench = make(retries=5)
    bench.offer()
    bench.core.pump()
    bench.pump_after_ms(100)
    bench.change(retries=1)
    bench.pump_after_ms(100)
    assert bench.counts()["request_timeout"] == 1
    assert bench.port.attempts == {1: 2}


def test_the_round_trip_begins_with_the_first_attempt() -> None:
    bench = make()
    bench.offer()
    bench.core.pump()
    bench.pump_after_ms(100)
    bench.pump_after_ms(100)
    bench.answer()
    bench.pump_after_ms(30)
    assert bench.round_trips_ms() == [230]
    assert len(bench.lateness_ns()) == 1
    assert bench.counts()["retries"] == 2


def test_a_retry_is_the_same_message() -> None:
    bench = make()
    bench.core.offer(bytearray(b'{"n":1}'), 5)
    bench.core.pump()
    bench.pump_after_ms(100)
    first, second = bench.port.taken
    assert first[:3] == second[:3] == (b'{"n":1}', 1, 5)
    assert second[3] - first[3] == 100 * NS_PER_MS


def test_bytes_are_those_of_accepted_requests() -> None:
    bench = make()
    bench.port.overhead = 10
    bench.offer()
    bench.core.pump()
    bench.pump_after_ms(100)
    assert bench[HandlerSlot.BYTES] == 12


def test_a_late_reply_does_not_count() -> None:
    bench = make()
    bench.offer(2)
    bench.core.pump()
    bench.pump_after_ms(100)
    bench.port.answer(1, b"late")
    bench.core.pump()
    assert bench.replies == []
    bench.port.answer(2, b"in time")
    bench.core.pump()
    bench.port.answer(2, b"in time for another")
    bench.core.pump()
    assert bench.replies == [b"in time"]
    assert bench.core.in_flight == 1


def test_a_reply_that_has_come_at_the_deadline_counts() -> None:
    bench = make(retries=0)
    bench.offer()
    bench.core.pump()
    bench.answer()
    bench.pump_after_ms(10_000)
    assert bench.counts() == {"offered": 1, "accepted": 1, "attempted": 1, "replied": 1}


def test_a_first_attempt_waits_for_a_full_socket_for_send_timeout() -> None:
    bench = make(send_timeout=50)
    bench.port.room = 0
    bench.offer(2)
    bench.core.pump()
    assert bench.core.poll_for is PollFor.WRITABLE
    assert bench.core.deadline_ns == bench.clock() + 50 * NS_PER_MS
    bench.pump_after_ms(50)
    assert bench.counts() == {"offered": 2, "send_timeout": 1}
    assert bench.core.is_blocked
    bench.port.room = 1
    bench.core.pump()
    assert bench.port.sequences == [1]
    bench.assert_balanced()


def test_a_send_timeout_of_0_empties_the_queue_at_once() -> None:
    bench = make(send_timeout=0)
    bench.port.room = 0
    bench.offer(600)
    bench.core.pump()
    assert bench.counts() == {"offered": 600, "send_timeout": 600}
    assert bench.core.poll_for is PollFor.NOTHING


def test_a_retry_that_a_full_socket_refuses_is_sent_when_there_is_room() -> None:
    bench = make(retries=1)
    bench.port.room = 1
    bench.offer()
    bench.core.pump()
    bench.pump_after_ms(100)
    assert bench.core.poll_for is PollFor.WRITABLE
    assert bench.core.deadline_ns == bench.clock() + 100 * NS_PER_MS
    assert bench.counts() == {"offered": 1, "accepted": 1, "attempted": 1}
    bench.port.room = 1
    bench.pump_after_ms(40)
    assert bench.core.poll_for is PollFor.READABLE
    assert bench.counts()["retries"] == 1
    bench.answer()
    bench.core.pump()
    assert bench.round_trips_ms() == [140]


def test_a_retry_that_was_never_sent_is_still_an_attempt() -> None:
    bench = make(retries=2)
    bench.port.room = 1
    bench.offer()
    bench.core.pump()
    for _ in range(3):
        bench.pump_after_ms(100)
    assert bench.counts() == {"offered": 1, "accepted": 1, "attempted": 1, "request_timeout": 1}
    assert bench.port.attempts == {1: 1}


def test_abort_also_gives_up_the_request_in_flight() -> None:
    bench = make()
    bench.offer(3)
    bench.core.pump()
    assert bench.core.abort() == 2
    bench.answer()
    bench.offer()
    bench.core.pump()
    assert bench.counts() == {"offered": 4, "accepted": 1, "attempted": 1, "aborted": 3, "request_timeout": 1}
    assert (bench.core.in_flight, bench.core.poll_for, bench.core.deadline_ns) == (0, PollFor.NOTHING, None)
    assert bench.replies == []


def test_giving_up_the_request_keeps_the_queue() -> None:
    bench = make()
    bench.offer(2)
    bench.core.give_up_request()
    assert bench.counts() == {"offered": 2}
    bench.core.pump()
    bench.core.give_up_request()
    bench.core.give_up_request()
    assert bench[HandlerSlot.REQUEST_TIMEOUT] == 1
    bench.core.pump()
    assert bench.port.sequences == [1, 2]
    bench.assert_balanced()


@pytest.mark.parametrize("strict", [False, True])
def test_a_new_socket_makes_the_next_attempt_due(strict: bool) -> None:
    bench = make(retries=1, strict=strict)
    bench.offer()
    bench.core.pump()
    bench.pump_after_ms(10)
    bench.reset_socket()
    bench.core.pump()
    assert bench.port.attempts == {1: 2}
    bench.answer()
    bench.pump_after_ms(5)
    assert bench.round_trips_ms() == [15]
    assert bench.counts()["retries"] == 1


def test_a_new_socket_after_the_last_attempt_gives_the_request_up() -> None:
    bench = make(retries=0)
    bench.offer(2)
    bench.core.pump()
    bench.reset_socket()
    bench.core.pump()
    assert bench.port.attempts == {1: 1, 2: 1}
    assert bench[HandlerSlot.REQUEST_TIMEOUT] == 1


@pytest.mark.parametrize("strict", [False, True])
def test_a_new_socket_that_refuses_at_first(strict: bool) -> None:
    bench = make(retries=1, strict=strict)
    bench.offer()
    bench.core.pump()
    bench.reset_socket()
    bench.port.room = 0
    bench.core.pump()
    bench.pump_after_ms(50)
    assert bench.core.poll_for is PollFor.WRITABLE
    bench.port.room = 1
    bench.core.pump()
    assert bench.port.attempts == {1: 2}


def test_a_new_socket_without_a_request_changes_nothing() -> None:
    bench = make()
    bench.reset_socket()
    bench.core.pump()
    assert bench.counts() == {}


def test_a_crash_inside_the_first_attempt_leaves_the_request_attempted() -> None:
    bench = make()

    def crash() -> None:
        raise zmq.ContextTerminated

    bench.port.on_send = crash
    bench.offer(2)
    with pytest.raises(zmq.ContextTerminated):
        bench.core.pump()
    assert bench.counts() == {"offered": 2, "attempted": 1}
    assert (bench.core.in_flight, bench.core.queued) == (0, 2)


def test_a_request_due_before_the_measured_time_is_in_no_latency() -> None:
    bench = make()
    bench.core.measure_from_ns = bench.clock() + 1
    bench.offer()
    bench.core.pump()
    bench.clock.advance_ms(1)
    bench.offer()
    bench.answer()
    bench.core.pump()
    bench.answer()
    bench.pump_after_ms(3)
    assert bench[HandlerSlot.REPLIED] == 2
    assert bench.round_trips_ms() == [3]
    assert bench.lateness_ns() == [0]


class Feed:
    """Some events, all due at once."""

    at_max = False
    next_due_ns = NEVER_NS

    def __init__(self, count: int) -> None:
        self.left = count

    def poll(self, now_ns: int, /) -> tuple[bytearray, int] | None:
        if not self.left:
            return None
        self.left -= 1
        return bytearray(b"{}"), 0


def test_one_of_the_due_events_is_sent_and_the_others_queue() -> None:
    bench = make(queue_size=10)
    offering = Offering(Feed(5), bench.clock(), SampleBuffer(Samples()))
    assert bench.core.send_due(offering, bench.clock()) >= NEVER_NS
    assert (bench.core.in_flight, bench.core.queued) == (1, 4)
    assert not bench.core.is_idle
    for _ in range(5):
        bench.answer()
        bench.core.send_due(offering, bench.clock())
    assert bench.counts() == {"offered": 5, "accepted": 5, "attempted": 5, "replied": 5}
    assert bench.core.is_idle


def test_while_a_request_waits_for_its_reply_due_events_may_overflow_the_queue() -> None:
    bench = make(queue_size=3)
    bench.core.send_due(Offering(Feed(10), bench.clock(), SampleBuffer(Samples())), bench.clock())
    assert bench.counts() == {"offered": 10, "accepted": 1, "attempted": 1, "queue_overflow": 6}
    bench.assert_balanced()


WITHDRAWN = "a retry that the socket does not take withdraws the attempt before: recv is EFSM then, and not caught"


def test_after_a_refused_retry_the_core_does_not_receive() -> None:
    bench = make(retries=1, strict=True)
    bench.port.room = 1
    bench.offer()
    bench.core.pump()
    bench.pump_after_ms(100)
    bench.pump_after_ms(1)
    bench.port.room = 1
    bench.core.pump()
    assert bench.port.attempts == {1: 2}


@pytest.fixture
def core_without_a_peer() -> Iterator[RequestCore]:
    """A core on a real REQ socket with room for one request and without a peer, with its own clock."""
    config = HandlerConfig(socket_type="REQ", high_water_mark=1, request_timeout=10, retries=5, linger=0)
    port = HandlerPort(Identity(1, 1), "off")
    with zmq.Context() as context:
        socket = HandlerSocket(HANDLER_KINDS["REQ"], port, context, Target(("tcp://127.0.0.1:1",), bind=False))
        socket.open(config)
        slots = memoryview(array("Q", bytes(8 * len(HandlerSlot))))
        parts = CoreParts(config, port, slots, SampleBuffer(Recorder()), SampleBuffer(Recorder()))
        core = HANDLER_KINDS["REQ"].make_core(parts)
        assert isinstance(core, RequestCore)
        yield core
        socket.close(0)


def test_a_real_socket_without_room_for_a_retry(
    core_without_a_peer: RequestCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(core_without_a_peer, "_clock", clock)
    core_without_a_peer.offer(bytearray(b"{}"), 0)
    for _ in range(20):
        core_without_a_peer.pump()
        clock.advance_ms(5)
    assert core_without_a_peer.in_flight == 0


class RequestMachine(RuleBasedStateMachine):
    """Any actions in any order: every accepted request ends once, and no reply counts for another request."""

    @initialize(
        retries=st.integers(0, 3),
        send_timeout=st.sampled_from([-1, 0, 1, 50]),
        queue_size=st.integers(1, 5),
        room=st.integers(0, 5),
    )
    def start(self, retries: int, send_timeout: int, queue_size: int, room: int) -> None:
        self.bench = make(retries, 20, send_timeout=send_timeout, queue_size=queue_size)
        self.bench.port.room = room
        self.retries = retries
        self.steps = 0

    @rule(count=st.integers(1, 4))
    def offer(self, count: int) -> None:
        self.steps += 1
        self.bench.offer(count)

    @rule()
    def pump(self) -> None:
        core = self.bench.core
        core.pump()
        assert core.is_blocked == bool(core.queued or core.in_flight)
        if core.in_flight:
            assert core.deadline_ns is not None
            assert core.deadline_ns > self.bench.clock()

    @rule(room=st.integers(0, 4))
    def change_room(self, room: int) -> None:
        self.bench.port.room = room

    @precondition(lambda self: self.bench.port.taken)
    @rule(back=st.integers(0, 2))
    def answer(self, back: int) -> None:
        """Answer the last attempt, or an earlier attempt, which is too late."""
        attempt = max(1, len(self.bench.port.taken) - back)
        sequence = self.bench.port.sequences[attempt - 1]
        self.bench.port.answer(attempt, b"%d" % sequence)

    @rule(ms=st.sampled_from([0, 1, 19, 20, 50]))
    def advance(self, ms: int) -> None:
        self.bench.clock.advance_ms(ms)

    @precondition(lambda self: self.bench.core.deadline_ns is not None)
    @rule()
    def pump_at_the_deadline(self) -> None:
        deadline_ns = self.bench.core.deadline_ns
        assert deadline_ns is not None
        self.bench.clock.now_ns = max(self.bench.clock.now_ns, deadline_ns)
        self.pump()

    @rule()
    def reset_socket(self) -> None:
        self.bench.reset_socket()

    @rule()
    def give_up_request(self) -> None:
        self.bench.core.give_up_request()

    @precondition(lambda self: self.steps > 8)
    @rule()
    def abort(self) -> None:
        queued = self.bench.core.queued
        assert self.bench.core.abort() == queued

    @invariant()
    def balanced(self) -> None:
        self.bench.assert_balanced()
        assert self.bench.core.in_flight in (0, 1)

    @invariant()
    def sent_at_most_as_often_as_allowed(self) -> None:
        assert all(times <= 1 + self.retries for times in self.bench.port.attempts.values())

    @invariant()
    def replies_are_those_of_distinct_requests_in_order(self) -> None:
        answered = [int(reply) for reply in self.bench.replies]
        assert answered == sorted(set(answered))
        assert len(answered) == self.bench[HandlerSlot.REPLIED] == len(self.bench.round_trips_ms())
        assert set(answered) <= set(self.bench.port.sequences)


TestRequestMachine = RequestMachine.TestCase
TestRequestMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
