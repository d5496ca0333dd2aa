"""Any actions on a handler core in any order, and what holds after each of them."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bench_app.handlers.core import PollFor
from bench_app.handlers.offering import Offering
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.sample_buffer import SampleBuffer
from tests.handlers.core_bench import Port, Samples, make


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
