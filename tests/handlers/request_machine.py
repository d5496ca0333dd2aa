"""Any actions on REQ's core in any order, and what holds after each of them."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bench_app.handlers.request_end import RequestOutcome
from bench_app.measure.counters import HandlerSlot
from tests.handlers.request_bench import make


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

    @rule(number=st.integers(0, 12))
    def withdraw(self, number: int) -> None:
        self.bench.core.withdraw(number)

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
    def each_request_that_was_taken_ends_once_and_in_order(self) -> None:
        bench, ends = self.bench, self.bench.ends
        assert [end.number for end in ends] == list(range(len(ends)))
        attempted = sum(end.attempts > 0 for end in ends)
        assert attempted == bench[HandlerSlot.REPLIED] + bench[HandlerSlot.REQUEST_TIMEOUT]
        not_sent = sum(end.outcome is RequestOutcome.NOT_SENT for end in ends)
        assert not_sent == bench[HandlerSlot.SEND_TIMEOUT]

    @invariant()
    def sent_at_most_as_often_as_allowed(self) -> None:
        assert all(times <= 1 + self.retries for times in self.bench.port.attempts.values())

    @invariant()
    def replies_are_those_of_distinct_requests_in_order(self) -> None:
        answered = [int(reply) for reply in self.bench.replies]
        assert answered == sorted(set(answered))
        assert len(answered) == self.bench[HandlerSlot.REPLIED] == len(self.bench.round_trips_ms())
        assert set(answered) <= set(self.bench.port.sequences)
