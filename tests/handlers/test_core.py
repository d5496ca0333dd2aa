"""The handler core, stepped without sockets: with a port that takes a set number of messages and a manual clock."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import numpy as np
import pytest
import zmq
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bench_app.handlers.core import OFFER_BATCH, PUMP_BATCH, SUPPLY_WAIT_NS, HandlerCore, PollFor
from bench_app.handlers.offering import Offering
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.recorder import Recorder
from bench_app.measure.samples import SampleBuffer
from bench_app.model import HandlerConfig

UNLIMITED = 10**9


class Clock:
    """A clock of monotonic ns that moves only by ``advance_ms``."""

    def __init__(self, now_ns: int = 1_000_000_000) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns

    def advance_ms(self, ms: float) -> None:
        self.now_ns += int(ms * NS_PER_MS)


class Port:
    """Takes ``room`` messages, then raises ``zmq.Again``; ``on_send`` is called at each send and may raise."""

    def __init__(self, room: int = UNLIMITED, overhead: int = 0) -> None:
        self.room = room
        self.overhead = overhead
        self.taken: list[tuple[bytes, int, int, int]] = []
        self.tries = 0
        self.on_send: Callable[[], None] | None = None

    @property
    def sequences(self) -> list[int]:
        return [sequence for _, sequence, _, _ in self.taken]

    def send(self, body: bytearray, sequence: int, intended_ns: int, sent_ns: int) -> None:
        self.tries += 1
        if self.on_send is not None:
            self.on_send()
        if not self.room:
            raise zmq.Again
        self.room -= 1
        self.taken.append((bytes(body), sequence, intended_ns, sent_ns))


class Samples(Recorder):
    """A recorder that keeps the samples."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[int] = []

    def add(self, values_ns: np.ndarray) -> None:  # type: ignore[type-arg]
        self.values += values_ns.tolist()


@dataclass
class Bench:
    """A core with its port, clock and counters."""

    config: HandlerConfig = field(default_factory=HandlerConfig)
    port: Port = field(default_factory=Port)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.slots = memoryview(array("Q", bytes(8 * len(HandlerSlot))))
        self.samples = Samples()
        self._buffer = SampleBuffer(self.samples)
        self.core = HandlerCore(self.config, self.port, self.slots, self._buffer, self.clock)

    def __getitem__(self, slot: HandlerSlot) -> int:
        return self.slots[slot]

    def offer(self, count: int = 1, body: bytes = b"{}") -> list[bool]:
        return [self.core.offer(bytearray(body), self.clock()) for _ in range(count)]

    def lateness_ns(self) -> list[int]:
        self._buffer.flush()
        return self.samples.values

    def change(self, **values: int) -> None:
        """Change the config while the core runs, as the engine does."""
        self.core.config = msgspec.structs.replace(self.core.config, **values)

    def counts(self) -> dict[str, int]:
        """All counters that are not 0."""
        return {slot.name.lower(): self.slots[slot] for slot in HandlerSlot if self.slots[slot]}

    def assert_balanced(self) -> None:
        lost = sum(self[slot] for slot in (HandlerSlot.QUEUE_OVERFLOW, HandlerSlot.SEND_TIMEOUT, HandlerSlot.ABORTED))
        assert self[HandlerSlot.OFFERED] == lost + self[HandlerSlot.ACCEPTED] + self.core.queued
        assert self[HandlerSlot.ATTEMPTED] == self[HandlerSlot.ACCEPTED]
        assert self.port.sequences == list(range(1, self[HandlerSlot.ACCEPTED] + 1))


def make(port: Port | None = None, **config: int) -> Bench:
    return Bench(HandlerConfig(**config), port or Port())  # type: ignore[arg-type]


def test_events_go_out_in_order_with_numbers_and_times() -> None:
    bench = make(Port(overhead=5))
    bench.offer(1, b'{"a":1}')
    bench.clock.advance_ms(2)
    bench.offer(1, b'{"b":22}')
    bench.clock.advance_ms(3)
    bench.core.pump()
    start, now = 1_000_000_000, bench.clock()
    assert bench.port.taken == [
        (b'{"a":1}', 1, start, now),
        (b'{"b":22}', 2, start + 2 * NS_PER_MS, now),
    ]
    assert bench.counts() == {"offered": 2, "accepted": 2, "attempted": 2, "bytes": 7 + 8 + 2 * 5}
    assert bench.lateness_ns() == [5 * NS_PER_MS, 3 * NS_PER_MS]


def test_a_new_core_waits_for_nothing() -> None:
    core = make().core
    assert (core.poll_for, core.deadline_ns, core.queued, core.in_flight) == (PollFor.NOTHING, None, 0, 0)
    assert not core.is_blocked
    assert not core.is_full


def test_pumping_an_empty_queue_changes_nothing() -> None:
    bench = make()
    bench.core.pump()
    assert bench.port.tries == 0
    assert bench.counts() == {}


def test_the_queue_overflows_at_its_size_and_drops_the_newest() -> None:
    bench = make(queue_size=2)
    assert [bench.core.offer(bytearray(name), 0) for name in (b"a", b"b", b"c")] == [True, True, False]
    assert bench.core.is_full
    bench.core.pump()
    assert [body for body, *_ in bench.port.taken] == [b"a", b"b"]
    assert bench[HandlerSlot.QUEUE_OVERFLOW] == 1
    assert bench.offer() == [True]
    bench.assert_balanced()


def test_a_smaller_queue_keeps_its_events_and_takes_no_new_events() -> None:
    bench = make(queue_size=4)
    bench.offer(4)
    bench.change(queue_size=2)
    assert bench.core.is_full
    assert bench.offer() == [False]
    assert bench.core.queued == 4
    bench.change(queue_size=6)
    assert bench.offer(3) == [True, True, False]
    bench.assert_balanced()


def test_a_pump_stops_after_a_batch_and_the_next_continues() -> None:
    bench = make(queue_size=3 * PUMP_BATCH)
    bench.offer(PUMP_BATCH + 3)
    bench.core.pump()
    assert bench[HandlerSlot.ACCEPTED] == PUMP_BATCH
    assert not bench.core.is_blocked
    bench.core.pump()
    assert bench.core.queued == 0
    bench.assert_balanced()


def test_the_head_waits_for_a_full_socket() -> None:
    bench = make(Port(room=1), send_timeout=100)
    bench.offer(3)
    bench.core.pump()
    assert (bench[HandlerSlot.ACCEPTED], bench.core.queued) == (1, 2)
    assert bench.core.poll_for is PollFor.WRITABLE
    assert bench.core.is_blocked
    assert bench.core.deadline_ns == bench.clock() + 100 * NS_PER_MS
    bench.port.room = UNLIMITED
    bench.core.pump()
    assert (bench.core.poll_for, bench.core.deadline_ns) == (PollFor.NOTHING, None)
    bench.assert_balanced()


def test_the_deadline_runs_from_the_first_try_and_not_from_the_offer() -> None:
    bench = make(Port(room=0), send_timeout=100)
    bench.offer()
    bench.clock.advance_ms(500)
    bench.core.pump()
    first_deadline_ns = bench.clock() + 100 * NS_PER_MS
    assert bench.core.deadline_ns == first_deadline_ns
    bench.clock.advance_ms(60)
    bench.core.pump()
    assert bench.core.deadline_ns == first_deadline_ns
    bench.clock.now_ns = first_deadline_ns - 1
    bench.core.pump()
    assert bench.core.queued == 1
    bench.clock.now_ns = first_deadline_ns
    bench.core.pump()
    assert bench.core.queued == 0
    assert bench[HandlerSlot.SEND_TIMEOUT] == 1
    assert (bench.core.poll_for, bench.core.deadline_ns) == (PollFor.NOTHING, None)
    bench.assert_balanced()


def test_room_at_the_last_moment_still_counts() -> None:
    bench = make(Port(room=0), send_timeout=100)
    bench.offer()
    bench.core.pump()
    bench.clock.advance_ms(1000)
    bench.port.room = 1
    bench.core.pump()
    assert bench.counts() == {"offered": 1, "accepted": 1, "attempted": 1, "bytes": 2}


def test_each_head_has_its_own_deadline() -> None:
    bench = make(Port(room=0), send_timeout=10)
    bench.offer(2)
    bench.core.pump()
    bench.clock.advance_ms(10)
    bench.core.pump()
    assert (bench[HandlerSlot.SEND_TIMEOUT], bench.core.queued) == (1, 1)
    assert bench.core.poll_for is PollFor.WRITABLE
    assert bench.core.deadline_ns == bench.clock() + 10 * NS_PER_MS
    bench.clock.advance_ms(10)
    bench.core.pump()
    assert bench[HandlerSlot.SEND_TIMEOUT] == 2
    bench.assert_balanced()


def test_an_event_that_timed_out_leaves_no_gap_in_the_numbers() -> None:
    bench = make(Port(room=1), send_timeout=0)
    bench.offer(3)
    bench.core.pump()
    bench.port.room = UNLIMITED
    bench.offer(2)
    bench.core.pump()
    assert bench.port.sequences == [1, 2, 3]
    bench.assert_balanced()


def test_a_send_timeout_of_0_drops_at_once_but_tries_each_event() -> None:
    bench = make(Port(room=0), send_timeout=0)
    bench.offer(5)
    bench.core.pump()
    assert bench.port.tries == 5
    assert bench.counts() == {"offered": 5, "send_timeout": 5}
    assert (bench.core.poll_for, bench.core.deadline_ns) == (PollFor.NOTHING, None)


def test_a_send_timeout_of_minus_1_waits_for_ever() -> None:
    bench = make(Port(room=0), send_timeout=-1)
    bench.offer(2)
    for _ in range(3):
        bench.core.pump()
        assert (bench.core.poll_for, bench.core.deadline_ns) == (PollFor.WRITABLE, None)
        bench.clock.advance_ms(10**9)
    bench.port.room = 2
    bench.core.pump()
    bench.assert_balanced()
    assert bench[HandlerSlot.ACCEPTED] == 2


def test_a_send_timeout_of_minus_1_set_while_waiting_removes_the_deadline() -> None:
    bench = make(Port(room=0), send_timeout=100)
    bench.offer()
    bench.core.pump()
    bench.change(send_timeout=-1)
    bench.clock.advance_ms(200)
    bench.core.pump()
    assert bench.core.queued == 1
    assert bench.core.deadline_ns is None


@pytest.mark.parametrize(("old_ms", "new_ms"), [(10_000, 10), (10, 10_000)])
def test_a_new_send_timeout_applies_to_the_head_that_waits(old_ms: int, new_ms: int) -> None:
    bench = make(Port(room=0), send_timeout=old_ms)
    bench.offer()
    bench.core.pump()
    first_tried_ns = bench.clock()
    bench.change(send_timeout=new_ms)
    bench.clock.advance_ms(5)
    bench.core.pump()
    assert bench.core.deadline_ns == first_tried_ns + new_ms * NS_PER_MS


def test_a_send_timeout_set_while_waiting_for_ever_begins_then() -> None:
    bench = make(Port(room=0), send_timeout=-1)
    bench.offer()
    bench.core.pump()
    bench.clock.advance_ms(1000)
    bench.change(send_timeout=10)
    bench.core.pump()
    bench.clock.advance_ms(10)
    bench.core.pump()
    assert bench[HandlerSlot.SEND_TIMEOUT] == 1


def test_abort_also_aborts_all_later_events() -> None:
    bench = make(Port(room=1), queue_size=10)
    bench.offer(4)
    bench.core.pump()
    assert bench.core.abort() == 3
    assert (bench.core.queued, bench.core.poll_for, bench.core.deadline_ns) == (0, PollFor.NOTHING, None)
    assert bench.offer(2) == [False, False]
    assert bench.core.abort() == 0
    bench.port.room = UNLIMITED
    bench.core.pump()
    assert bench.port.sequences == [1]
    assert bench.counts() == {"offered": 6, "accepted": 1, "attempted": 1, "aborted": 5, "bytes": 2}


def test_after_an_abort_nothing_counts_as_overflow() -> None:
    bench = make(queue_size=1)
    bench.core.abort()
    bench.offer(3)
    assert bench.counts() == {"offered": 3, "aborted": 3}


def test_a_new_socket_gives_the_head_a_new_deadline() -> None:
    bench = make(Port(room=0), send_timeout=100)
    bench.offer()
    bench.core.pump()
    bench.clock.advance_ms(99)
    bench.core.reset_socket()
    assert (bench.core.poll_for, bench.core.deadline_ns) == (PollFor.NOTHING, None)
    bench.core.pump()
    assert bench.core.deadline_ns == bench.clock() + 100 * NS_PER_MS
    bench.assert_balanced()


def test_attempted_names_the_message_while_it_is_being_sent() -> None:
    bench = make()
    seen: list[tuple[int, int]] = []
    bench.port.on_send = lambda: seen.append((bench[HandlerSlot.ATTEMPTED], bench[HandlerSlot.ACCEPTED]))
    bench.offer(3)
    bench.core.pump()
    assert seen == [(1, 0), (2, 1), (3, 2)]
    assert bench[HandlerSlot.ATTEMPTED] == 3


def test_attempted_is_reset_if_the_socket_refused() -> None:
    bench = make(Port(room=2), send_timeout=-1)
    bench.offer(3)
    bench.core.pump()
    assert (bench[HandlerSlot.ATTEMPTED], bench[HandlerSlot.ACCEPTED]) == (2, 2)


def test_a_crash_inside_a_send_leaves_the_message_attempted() -> None:
    bench = make()

    def crash() -> None:
        if bench.port.tries == 3:
            raise zmq.ContextTerminated

    bench.port.on_send = crash
    bench.offer(5)
    with pytest.raises(zmq.ContextTerminated):
        bench.core.pump()
    assert (bench[HandlerSlot.ATTEMPTED], bench[HandlerSlot.ACCEPTED]) == (3, 2)
    assert bench.core.queued == 3
    assert bench[HandlerSlot.BYTES] == 4


def test_lateness_is_measured_for_events_due_in_the_measured_time() -> None:
    bench = make()
    bench.core.measure_from_ns = 500
    bench.clock.now_ns = 1000
    for intended_ns in (0, 499, 500, 900, 1000, 1200):
        bench.core.offer(bytearray(b"{}"), intended_ns)
    bench.core.pump()
    assert bench[HandlerSlot.ACCEPTED] == 6
    assert bench.lateness_ns() == [500, 100, 0, -200]


def test_an_event_that_was_not_sent_has_no_lateness() -> None:
    bench = make(Port(room=1), send_timeout=0)
    bench.offer(4)
    bench.core.pump()
    assert len(bench.lateness_ns()) == 1


def test_a_changed_overhead_counts_from_the_next_message_on() -> None:
    bench = make(Port(overhead=1))
    bench.offer()
    bench.core.pump()
    bench.port.overhead = 100
    bench.offer()
    bench.core.pump()
    assert bench[HandlerSlot.BYTES] == 2 + 1 + 2 + 100


class Feed:
    """Events due at given times. With ``at_max``, every poll returns an event until there are no more."""

    def __init__(self, *due_ns: int, at_max: bool = False) -> None:
        self.due = list(due_ns)
        self.at_max = at_max
        self.polls = 0

    @property
    def next_due_ns(self) -> int:
        return self.due[0] if self.due else NEVER_NS

    def poll(self, now_ns: int, /) -> tuple[bytearray, int] | None:
        self.polls += 1
        if not self.due or (self.due[0] > now_ns and not self.at_max):
            return None
        due_ns = self.due.pop(0)
        return bytearray(b"{}"), now_ns if self.at_max else due_ns


ORIGIN_NS = 10_000_000


@dataclass
class Offered(Bench):
    """A core with a feed, driven by ``send_due``."""

    feed: Feed = field(default_factory=Feed)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.offered_late = Samples()
        self._offer_buffer = SampleBuffer(self.offered_late)
        self.offering = Offering(self.feed, ORIGIN_NS, self._offer_buffer)

    def send_due(self, offset_ns: int) -> int:
        self.clock.now_ns = ORIGIN_NS + offset_ns
        return self.core.send_due(self.offering, self.clock.now_ns)

    def offer_lateness_ns(self) -> list[int]:
        self._offer_buffer.flush()
        return self.offered_late.values


def offering(feed: Feed, room: int = UNLIMITED, **config: int) -> Offered:
    return Offered(HandlerConfig(**config), Port(room), feed=feed)  # type: ignore[arg-type]


def test_due_events_are_sent_and_the_others_wait() -> None:
    bench = offering(Feed(0, 100, 200, 5000))
    assert bench.send_due(250) == ORIGIN_NS + 5000
    assert [intended - ORIGIN_NS for _, _, intended, _ in bench.port.taken] == [0, 100, 200]
    assert bench.offer_lateness_ns() == [250, 150, 50]
    assert bench.lateness_ns() == [250, 150, 50]
    assert bench.send_due(4999) == ORIGIN_NS + 5000
    assert bench.send_due(5000) >= NEVER_NS
    bench.assert_balanced()


def test_an_event_of_the_warm_up_is_sent_and_not_measured() -> None:
    bench = offering(Feed(0, 100, 200))
    bench.core.measure_from_ns = ORIGIN_NS + 100
    bench.send_due(250)
    assert bench[HandlerSlot.ACCEPTED] == 3
    assert bench.offer_lateness_ns() == bench.lateness_ns() == [150, 50]


def test_a_call_offers_one_batch_at_most() -> None:
    bench = offering(Feed(*range(OFFER_BATCH + 3)), queue_size=10 * OFFER_BATCH)
    assert bench.send_due(OFFER_BATCH + 3) == ORIGIN_NS + OFFER_BATCH
    assert bench[HandlerSlot.OFFERED] == OFFER_BATCH
    bench.send_due(OFFER_BATCH + 3)
    assert bench[HandlerSlot.ACCEPTED] == OFFER_BATCH + 3
    bench.assert_balanced()


def test_events_due_at_once_do_not_overflow_a_queue_whose_socket_has_room() -> None:
    bench = offering(Feed(*[0] * 100), queue_size=3)
    bench.send_due(0)
    assert bench.counts() == {"offered": 100, "accepted": 100, "attempted": 100, "bytes": 200}


def test_events_due_at_once_overflow_a_queue_whose_socket_is_full() -> None:
    bench = offering(Feed(*[0] * 100), room=10, queue_size=3, send_timeout=1000)
    bench.send_due(0)
    assert bench.core.is_blocked
    assert bench.counts() == {"offered": 100, "accepted": 10, "attempted": 10, "bytes": 20, "queue_overflow": 87}
    bench.assert_balanced()


def test_at_maximum_load_the_queue_is_filled_and_never_overflows() -> None:
    bench = offering(Feed(*[0] * 1000, at_max=True), room=10, queue_size=20, send_timeout=1000)
    assert bench.send_due(5) == NEVER_NS
    assert bench.core.queued == 10
    assert bench.send_due(6) == NEVER_NS
    assert bench.core.is_full
    bench.send_due(7)
    assert bench[HandlerSlot.QUEUE_OVERFLOW] == 0
    assert bench[HandlerSlot.OFFERED] == 30
    bench.assert_balanced()


def test_at_maximum_load_the_next_offer_is_at_once_while_there_is_room() -> None:
    bench = offering(Feed(*[0] * 1000, at_max=True), queue_size=2 * OFFER_BATCH)
    assert bench.send_due(5) == ORIGIN_NS + 5
    assert [intended - ORIGIN_NS for _, _, intended, _ in bench.port.taken] == [5] * OFFER_BATCH
    assert bench.offer_lateness_ns() == []


def test_at_maximum_load_the_core_waits_for_a_supply_without_a_ready_event() -> None:
    bench = offering(Feed(0, 0, at_max=True))
    assert bench.send_due(5) == ORIGIN_NS + 5 + SUPPLY_WAIT_NS
    assert bench[HandlerSlot.ACCEPTED] == 2


@pytest.mark.parametrize("at_max", [False, True])
def test_after_an_abort_due_events_are_aborted_and_at_maximum_load_none_is_offered(at_max: bool) -> None:
    bench = offering(Feed(0, 0, 0, at_max=at_max))
    bench.core.abort()
    bench.send_due(0)
    assert bench.counts() == ({} if at_max else {"offered": 3, "aborted": 3})
    assert bench.port.tries == 0


def test_a_pause_moves_the_origin() -> None:
    bench = offering(Feed(0, 100))
    bench.send_due(0)
    bench.offering.origin_ns += 1000
    assert bench.send_due(100) == ORIGIN_NS + 1100
    bench.send_due(1100)
    assert bench.port.taken[1][2] == ORIGIN_NS + 1100


def test_a_core_is_idle_when_no_event_waits() -> None:
    bench = make(Port(room=1), send_timeout=-1)
    assert bench.core.is_idle
    bench.offer(2)
    bench.core.pump()
    assert not bench.core.is_idle
    bench.port.room = 1
    bench.core.pump()
    assert bench.core.is_idle


class NumberedFeed:
    """``count`` events due at the same time, each with its number as its body."""

    next_due_ns = NEVER_NS

    def __init__(self, first: int, count: int, due_ns: int, at_max: bool) -> None:
        self.at_max = at_max
        self.taken: list[bytes] = []
        self._first = first
        self._count = count
        self._due_ns = due_ns

    def poll(self, now_ns: int, /) -> tuple[bytearray, int] | None:
        if len(self.taken) == self._count:
            return None
        self.taken.append(b"%d" % (self._first + len(self.taken)))
        return bytearray(self.taken[-1]), self._due_ns


class CoreMachine(RuleBasedStateMachine):
    """Any actions in any order: the counters balance, and the sequence numbers have no gap."""

    @initialize(send_timeout=st.sampled_from([-1, 0, 1, 50]), queue_size=st.integers(1, 6), room=st.integers(0, 8))
    def start(self, send_timeout: int, queue_size: int, room: int) -> None:
        self.bench = make(Port(room, overhead=3), send_timeout=send_timeout, queue_size=queue_size)
        self.aborted = False
        self.offered: list[bytes] = []

    @rule(count=st.integers(1, 8), late_ms=st.integers(0, 5))
    def offer(self, count: int, late_ms: int) -> None:
        for _ in range(count):
            body = b"%d" % len(self.offered)
            full = self.bench.core.is_full
            taken = self.bench.core.offer(bytearray(body), self.bench.clock() - late_ms * NS_PER_MS)
            assert taken == (not full and not self.aborted)
            self.offered.append(body)

    @rule(count=st.integers(0, 8), late_ms=st.integers(0, 5), at_max=st.booleans())
    def send_due(self, count: int, late_ms: int, at_max: bool) -> None:
        """A batch: every due event is offered, and no event overflows while the socket has room."""
        bench = self.bench
        has_room = bench.port.room >= bench.core.queued + count
        was_blocked, before = bench.core.is_blocked, bench[HandlerSlot.QUEUE_OVERFLOW]
        events = NumberedFeed(len(self.offered), count, bench.clock() - late_ms * NS_PER_MS, at_max)
        bench.core.send_due(Offering(events, 0, SampleBuffer(Samples())), bench.clock())
        self.offered += events.taken
        if at_max or (has_room and not was_blocked):
            assert bench[HandlerSlot.QUEUE_OVERFLOW] == before
        if not at_max:
            assert len(events.taken) == count
        self.check_waiting()

    @rule()
    def pump(self) -> None:
        self.bench.core.pump()
        self.check_waiting()

    def check_waiting(self) -> None:
        """Events that still wait after a pump wait for the socket."""
        core = self.bench.core
        assert core.is_blocked == (core.queued > 0)
        assert (core.poll_for is PollFor.WRITABLE) == core.is_blocked

    @rule(room=st.integers(0, 5))
    def change_room(self, room: int) -> None:
        self.bench.port.room = room

    @rule(ms=st.sampled_from([0, 1, 7, 49, 50, 1000]))
    def advance(self, ms: int) -> None:
        self.bench.clock.advance_ms(ms)

    @precondition(lambda self: self.bench.core.deadline_ns is not None)
    @rule()
    def advance_to_the_deadline(self) -> None:
        deadline_ns = self.bench.core.deadline_ns
        assert deadline_ns is not None
        self.bench.clock.now_ns = max(self.bench.clock.now_ns, deadline_ns)

    @rule(send_timeout=st.sampled_from([-1, 0, 1, 50]), queue_size=st.integers(1, 6))
    def change_config(self, send_timeout: int, queue_size: int) -> None:
        self.bench.change(send_timeout=send_timeout, queue_size=queue_size)

    @rule()
    def reset_socket(self) -> None:
        self.bench.core.reset_socket()

    @precondition(lambda self: len(self.offered) > 20)
    @rule()
    def abort(self) -> None:
        queued = self.bench.core.queued
        assert self.bench.core.abort() == queued
        self.aborted = True

    @invariant()
    def balanced(self) -> None:
        self.bench.assert_balanced()
        assert self.bench[HandlerSlot.OFFERED] == len(self.offered)
        assert self.bench.core.in_flight == 0

    @invariant()
    def order_is_kept(self) -> None:
        bodies = [int(body) for body, *_ in self.bench.port.taken]
        assert bodies == sorted(set(bodies))
        assert self.bench[HandlerSlot.BYTES] == sum(len(body) + 3 for body, *_ in self.bench.port.taken)

    @invariant()
    def one_sample_per_message(self) -> None:
        assert self.bench.lateness_ns() == [sent - intended for _, _, intended, sent in self.bench.port.taken]


TestCoreMachine = CoreMachine.TestCase
TestCoreMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
