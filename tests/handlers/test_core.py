"""The handler core stepped without sockets: a port that takes what it is told to, a clock that stands still."""

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

from bench_app.handlers.core import PUMP_BATCH, HandlerCore, PollFor
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.recorder import Recorder
from bench_app.measure.samples import SampleBuffer
from bench_app.model import HandlerConfig

UNLIMITED = 10**9


class Clock:
    """Monotonic ns that move only when told to."""

    def __init__(self, now_ns: int = 1_000_000_000) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns

    def advance_ms(self, ms: float) -> None:
        self.now_ns += int(ms * NS_PER_MS)


class Port:
    """Takes ``room`` messages, then raises ``zmq.Again``; ``on_send`` looks on, and may raise something else."""

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
    """Keeps the samples themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[int] = []

    def add(self, values_ns: np.ndarray) -> None:  # type: ignore[type-arg]
        self.values += values_ns.tolist()


@dataclass
class Bench:
    """A core with all that a test wants to look at."""

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


def test_a_fresh_core_wants_nothing() -> None:
    core = make().core
    assert (core.wants, core.deadline_ns, core.queued, core.in_flight) == (PollFor.NOTHING, None, 0, 0)
    assert not core.blocked
    assert not core.full


def test_pumping_an_empty_queue_touches_nothing() -> None:
    bench = make()
    bench.core.pump()
    assert bench.port.tries == 0
    assert bench.counts() == {}


def test_the_queue_overflows_at_its_size_and_drops_the_newest() -> None:
    bench = make(queue_size=2)
    assert [bench.core.offer(bytearray(name), 0) for name in (b"a", b"b", b"c")] == [True, True, False]
    assert bench.core.full
    bench.core.pump()
    assert [body for body, *_ in bench.port.taken] == [b"a", b"b"]
    assert bench[HandlerSlot.QUEUE_OVERFLOW] == 1
    assert bench.offer() == [True]
    bench.assert_balanced()


def test_a_smaller_queue_keeps_what_it_has_and_takes_nothing_new() -> None:
    bench = make(queue_size=4)
    bench.offer(4)
    bench.change(queue_size=2)
    assert bench.core.full
    assert bench.offer() == [False]
    assert bench.core.queued == 4
    bench.change(queue_size=6)
    assert bench.offer(3) == [True, True, False]
    bench.assert_balanced()


def test_a_pump_stops_after_a_batch_and_the_next_goes_on() -> None:
    bench = make(queue_size=3 * PUMP_BATCH)
    bench.offer(PUMP_BATCH + 3)
    bench.core.pump()
    assert bench[HandlerSlot.ACCEPTED] == PUMP_BATCH
    assert not bench.core.blocked
    bench.core.pump()
    assert bench.core.queued == 0
    bench.assert_balanced()


def test_a_full_socket_is_waited_for() -> None:
    bench = make(Port(room=1), send_timeout=100)
    bench.offer(3)
    bench.core.pump()
    assert (bench[HandlerSlot.ACCEPTED], bench.core.queued) == (1, 2)
    assert bench.core.wants is PollFor.WRITABLE
    assert bench.core.blocked
    assert bench.core.deadline_ns == bench.clock() + 100 * NS_PER_MS
    bench.port.room = UNLIMITED
    bench.core.pump()
    assert (bench.core.wants, bench.core.deadline_ns) == (PollFor.NOTHING, None)
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
    assert (bench.core.wants, bench.core.deadline_ns) == (PollFor.NOTHING, None)
    bench.assert_balanced()


def test_room_at_the_last_moment_still_counts() -> None:
    bench = make(Port(room=0), send_timeout=100)
    bench.offer()
    bench.core.pump()
    bench.clock.advance_ms(1000)
    bench.port.room = 1
    bench.core.pump()
    assert bench.counts() == {"offered": 1, "accepted": 1, "attempted": 1, "bytes": 2}


def test_each_head_has_a_deadline_of_its_own() -> None:
    bench = make(Port(room=0), send_timeout=10)
    bench.offer(2)
    bench.core.pump()
    bench.clock.advance_ms(10)
    bench.core.pump()
    assert (bench[HandlerSlot.SEND_TIMEOUT], bench.core.queued) == (1, 1)
    assert bench.core.wants is PollFor.WRITABLE
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
    assert (bench.core.wants, bench.core.deadline_ns) == (PollFor.NOTHING, None)


def test_a_send_timeout_of_minus_1_waits_for_ever() -> None:
    bench = make(Port(room=0), send_timeout=-1)
    bench.offer(2)
    for _ in range(3):
        bench.core.pump()
        assert (bench.core.wants, bench.core.deadline_ns) == (PollFor.WRITABLE, None)
        bench.clock.advance_ms(10**9)
    bench.port.room = 2
    bench.core.pump()
    bench.assert_balanced()
    assert bench[HandlerSlot.ACCEPTED] == 2


def test_a_send_timeout_taken_away_while_waiting_leaves_no_deadline() -> None:
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


def test_abort_gives_up_the_queue_and_all_that_comes_after() -> None:
    bench = make(Port(room=1), queue_size=10)
    bench.offer(4)
    bench.core.pump()
    assert bench.core.abort() == 3
    assert (bench.core.queued, bench.core.wants, bench.core.deadline_ns) == (0, PollFor.NOTHING, None)
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
    assert (bench.core.wants, bench.core.deadline_ns) == (PollFor.NOTHING, None)
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


def test_attempted_is_taken_back_where_the_socket_took_nothing() -> None:
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


def test_lateness_is_that_of_events_due_in_the_measured_time() -> None:
    bench = make()
    bench.core.measure_from_ns = 500
    bench.clock.now_ns = 1000
    for intended_ns in (0, 499, 500, 900, 1000, 1200):
        bench.core.offer(bytearray(b"{}"), intended_ns)
    bench.core.pump()
    assert bench[HandlerSlot.ACCEPTED] == 6
    assert bench.lateness_ns() == [500, 100, 0, -200]


def test_no_lateness_of_what_was_not_sent() -> None:
    bench = make(Port(room=1), send_timeout=0)
    bench.offer(4)
    bench.core.pump()
    assert len(bench.lateness_ns()) == 1


def test_an_overhead_that_changes_is_counted_from_then_on() -> None:
    bench = make(Port(overhead=1))
    bench.offer()
    bench.core.pump()
    bench.port.overhead = 100
    bench.offer()
    bench.core.pump()
    assert bench[HandlerSlot.BYTES] == 2 + 1 + 2 + 100


class CoreMachine(RuleBasedStateMachine):
    """Whatever happens in whatever order: the books balance, and the numbers have no gap."""

    @initialize(send_timeout=st.sampled_from([-1, 0, 1, 50]), queue_size=st.integers(1, 6), room=st.integers(0, 8))
    def start(self, send_timeout: int, queue_size: int, room: int) -> None:
        self.bench = make(Port(room, overhead=3), send_timeout=send_timeout, queue_size=queue_size)
        self.aborted = False
        self.offered: list[bytes] = []

    @rule(count=st.integers(1, 8), late_ms=st.integers(0, 5))
    def offer(self, count: int, late_ms: int) -> None:
        for _ in range(count):
            body = b"%d" % len(self.offered)
            full = self.bench.core.full
            taken = self.bench.core.offer(bytearray(body), self.bench.clock() - late_ms * NS_PER_MS)
            assert taken == (not full and not self.aborted)
            self.offered.append(body)

    @rule()
    def pump(self) -> None:
        self.bench.core.pump()
        core = self.bench.core
        assert core.blocked == (core.queued > 0)
        assert (core.wants is PollFor.WRITABLE) == core.blocked

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
