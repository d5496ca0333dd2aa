"""The ring of waiting events is a queue, for every capacity and every position of its head."""

from __future__ import annotations

import sys
from collections import deque

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bench_app.handlers.ring import FIRST_CAPACITY, EventRing


def fill(ring: EventRing, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        ring.push(bytearray(b"%d" % number), number)


def drain(ring: EventRing) -> list[int]:
    found = []
    while len(ring):
        body, due_ns = ring.front()
        assert int(body) == due_ns
        found.append(due_ns)
        ring.pop()
    return found


def test_events_leave_in_the_order_in_which_they_were_added() -> None:
    ring = EventRing()
    fill(ring, 5)
    assert len(ring) == 5
    assert drain(ring) == [0, 1, 2, 3, 4]
    assert len(ring) == 0


def test_positions_are_used_again_without_growing() -> None:
    ring = EventRing()
    for first in range(0, 5 * FIRST_CAPACITY, 100):
        fill(ring, 100, first)
        assert drain(ring) == list(range(first, first + 100))
    assert len(ring.bodies) == FIRST_CAPACITY


@pytest.mark.parametrize("moved", [0, 1, FIRST_CAPACITY // 2, FIRST_CAPACITY - 1])
def test_the_ring_grows_with_its_head_at_any_position(moved: int) -> None:
    ring = EventRing()
    fill(ring, moved)
    drain(ring)
    fill(ring, 3 * FIRST_CAPACITY)
    assert len(ring) == 3 * FIRST_CAPACITY
    assert drain(ring) == list(range(3 * FIRST_CAPACITY))


def test_the_ring_keeps_no_reference_to_an_event_that_left() -> None:
    ring, body, other = EventRing(), bytearray(b"x"), bytearray(b"y")
    before = sys.getrefcount(body), sys.getrefcount(other)
    ring.push(body, 1)
    ring.push(other, 2)
    assert sys.getrefcount(body) == before[0] + 1
    ring.pop()
    ring.clear()
    assert (sys.getrefcount(body), sys.getrefcount(other)) == before


def test_the_same_event_may_wait_many_times() -> None:
    ring, body = EventRing(), bytearray(b"pool")
    for due_ns in range(3):
        ring.push(body, due_ns)
    for due_ns in range(3):
        assert ring.front()[0] is body
        assert ring.front()[1] == due_ns
        ring.pop()


def test_a_cleared_ring_can_be_used_again() -> None:
    ring = EventRing()
    fill(ring, 10)
    ring.clear()
    assert len(ring) == 0
    fill(ring, 3)
    assert drain(ring) == [0, 1, 2]


class RingMachine(RuleBasedStateMachine):
    """A ring has the same events as a deque after any actions."""

    def __init__(self) -> None:
        super().__init__()
        self.ring = EventRing()
        self.model: deque[tuple[bytearray, int]] = deque()
        self.number = 0

    @rule(count=st.integers(1, 3) | st.integers(1, 2 * FIRST_CAPACITY))
    def push(self, count: int) -> None:
        for _ in range(count):
            event = bytearray(b"%d" % self.number), -self.number
            self.ring.push(*event)
            self.model.append(event)
            self.number += 1

    @precondition(lambda self: self.model)
    @rule(count=st.integers(1, 3) | st.integers(1, 2 * FIRST_CAPACITY))
    def pop(self, count: int) -> None:
        for _ in range(min(count, len(self.model))):
            assert self.ring.front() == self.model.popleft()
            self.ring.pop()

    @rule()
    def clear(self) -> None:
        self.ring.clear()
        self.model.clear()

    @invariant()
    def same(self) -> None:
        assert len(self.ring) == len(self.model)
        if self.model:
            assert self.ring.front() == self.model[0]
        assert sum(body is not None for body in self.ring.bodies) == len(self.model)


TestRingMachine = RingMachine.TestCase
TestRingMachine.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
