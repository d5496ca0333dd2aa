"""The handler core, stepped without sockets: with a port that takes a set number of messages and a manual clock."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import zmq
from hypothesis import settings

from bench_app.handlers.core import PUMP_BATCH, PollFor
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from tests.handlers.core_bench import UNLIMITED, Bench, Port
from tests.handlers.core_bench import make as make_python
from tests.handlers.core_machine import CoreMachine

Make = Callable[..., Bench]


@pytest.fixture(params=["python", "compiled"])
def make(request: pytest.FixtureRequest) -> Make:
    """Makes a bench of one of the planes. Tests of what only Python code can observe use ``make_python``."""
    return partial(make_python, plane=request.param)


def test_events_go_out_in_order_with_numbers_and_times() -> None:
    bench = make_python(Port(overhead=5))
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


def test_a_new_core_waits_for_nothing(make: Make) -> None:
    core = make().core
    assert (core.poll_for, core.deadline_ns, core.queued, core.in_flight) == (PollFor.NOTHING, None, 0, 0)
    assert not core.is_blocked
    assert not core.is_full


def test_pumping_an_empty_queue_changes_nothing(make: Make) -> None:
    bench = make()
    bench.core.pump()
    assert bench.port.tries == 0
    assert bench.counts() == {}


def test_the_queue_overflows_at_its_size_and_drops_the_newest(make: Make) -> None:
    bench = make(queue_size=2)
    assert [bench.core.offer(bytearray(name), 0) for name in (b"a", b"b", b"c")] == [True, True, False]
    assert bench.core.is_full
    bench.core.pump()
    assert [body for body, *_ in bench.port.taken] == [b"a", b"b"]
    assert bench[HandlerSlot.QUEUE_OVERFLOW] == 1
    assert bench.offer() == [True]
    bench.assert_balanced()


def test_a_smaller_queue_keeps_its_events_and_takes_no_new_events(make: Make) -> None:
    bench = make(queue_size=4)
    bench.offer(4)
    bench.change(queue_size=2)
    assert bench.core.is_full
    assert bench.offer() == [False]
    assert bench.core.queued == 4
    bench.change(queue_size=6)
    assert bench.offer(3) == [True, True, False]
    bench.assert_balanced()


def test_a_pump_stops_after_a_batch_and_the_next_continues(make: Make) -> None:
    bench = make(queue_size=3 * PUMP_BATCH)
    bench.offer(PUMP_BATCH + 3)
    bench.core.pump()
    assert bench[HandlerSlot.ACCEPTED] == PUMP_BATCH
    assert not bench.core.is_blocked
    bench.core.pump()
    assert bench.core.queued == 0
    bench.assert_balanced()


def test_the_head_waits_for_a_full_socket(make: Make) -> None:
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


def test_the_deadline_runs_from_the_first_try_and_not_from_the_offer(make: Make) -> None:
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


def test_room_at_the_last_moment_still_counts(make: Make) -> None:
    bench = make(Port(room=0), send_timeout=100)
    bench.offer()
    bench.core.pump()
    bench.clock.advance_ms(1000)
    bench.port.room = 1
    bench.core.pump()
    assert bench.counts() == {"offered": 1, "accepted": 1, "attempted": 1, "bytes": 2}


def test_each_head_has_its_own_deadline(make: Make) -> None:
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


def test_an_event_that_timed_out_leaves_no_gap_in_the_numbers(make: Make) -> None:
    bench = make(Port(room=1), send_timeout=0)
    bench.offer(3)
    bench.core.pump()
    bench.port.room = UNLIMITED
    bench.offer(2)
    bench.core.pump()
    assert bench.port.sequences == [1, 2, 3]
    bench.assert_balanced()


def test_a_send_timeout_of_0_drops_at_once_but_tries_each_event(make: Make) -> None:
    bench = make(Port(room=0), send_timeout=0)
    bench.offer(5)
    bench.core.pump()
    assert bench.port.tries == 5
    assert bench.counts() == {"offered": 5, "send_timeout": 5}
    assert (bench.core.poll_for, bench.core.deadline_ns) == (PollFor.NOTHING, None)


def test_a_send_timeout_of_minus_1_waits_for_ever(make: Make) -> None:
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


def test_a_send_timeout_of_minus_1_set_while_waiting_removes_the_deadline(make: Make) -> None:
    bench = make(Port(room=0), send_timeout=100)
    bench.offer()
    bench.core.pump()
    bench.change(send_timeout=-1)
    bench.clock.advance_ms(200)
    bench.core.pump()
    assert bench.core.queued == 1
    assert bench.core.deadline_ns is None


@pytest.mark.parametrize(("old_ms", "new_ms"), [(10_000, 10), (10, 10_000)])
def test_a_new_send_timeout_applies_to_the_head_that_waits(make: Make, old_ms: int, new_ms: int) -> None:
    bench = make(Port(room=0), send_timeout=old_ms)
    bench.offer()
    bench.core.pump()
    first_tried_ns = bench.clock()
    bench.change(send_timeout=new_ms)
    bench.clock.advance_ms(5)
    bench.core.pump()
    assert bench.core.deadline_ns == first_tried_ns + new_ms * NS_PER_MS


def test_a_send_timeout_set_while_waiting_for_ever_begins_then(make: Make) -> None:
    bench = make(Port(room=0), send_timeout=-1)
    bench.offer()
    bench.core.pump()
    bench.clock.advance_ms(1000)
    bench.change(send_timeout=10)
    bench.core.pump()
    bench.clock.advance_ms(10)
    bench.core.pump()
    assert bench[HandlerSlot.SEND_TIMEOUT] == 1


def test_abort_also_aborts_all_later_events(make: Make) -> None:
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


def test_after_an_abort_nothing_counts_as_overflow(make: Make) -> None:
    bench = make(queue_size=1)
    bench.core.abort()
    bench.offer(3)
    assert bench.counts() == {"offered": 3, "aborted": 3}


def test_a_new_socket_gives_the_head_a_new_deadline(make: Make) -> None:
    bench = make(Port(room=0), send_timeout=100)
    bench.offer()
    bench.core.pump()
    bench.clock.advance_ms(99)
    bench.core.reset_socket()
    assert (bench.core.poll_for, bench.core.deadline_ns) == (PollFor.NOTHING, None)
    bench.core.pump()
    assert bench.core.deadline_ns == bench.clock() + 100 * NS_PER_MS
    bench.assert_balanced()


def test_attempted_names_the_message_while_it_is_being_sent(make: Make) -> None:
    bench = make()
    seen: list[tuple[int, int]] = []
    bench.port.on_send = lambda: seen.append((bench[HandlerSlot.ATTEMPTED], bench[HandlerSlot.ACCEPTED]))
    bench.offer(3)
    bench.core.pump()
    assert seen == [(1, 0), (2, 1), (3, 2)]
    assert bench[HandlerSlot.ATTEMPTED] == 3


def test_attempted_is_reset_if_the_socket_refused(make: Make) -> None:
    bench = make(Port(room=2), send_timeout=-1)
    bench.offer(3)
    bench.core.pump()
    assert (bench[HandlerSlot.ATTEMPTED], bench[HandlerSlot.ACCEPTED]) == (2, 2)


def test_a_crash_inside_a_send_leaves_the_message_attempted() -> None:
    bench = make_python()

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
    bench = make_python()
    bench.core.measure_from_ns = 500
    bench.clock.now_ns = 1000
    for intended_ns in (0, 499, 500, 900, 1000, 1200):
        bench.core.offer(bytearray(b"{}"), intended_ns)
    bench.core.pump()
    assert bench[HandlerSlot.ACCEPTED] == 6
    assert bench.lateness_ns() == [500, 100, 0, -200]


def test_an_event_that_was_not_sent_has_no_lateness() -> None:
    bench = make_python(Port(room=1), send_timeout=0)
    bench.offer(4)
    bench.core.pump()
    assert len(bench.lateness_ns()) == 1


def test_a_changed_overhead_counts_from_the_next_message_on() -> None:
    bench = make_python(Port(overhead=1))
    bench.offer()
    bench.core.pump()
    bench.port.overhead = 100
    bench.offer()
    bench.core.pump()
    assert bench[HandlerSlot.BYTES] == 2 + 1 + 2 + 100


def test_a_core_is_idle_when_no_event_waits(make: Make) -> None:
    bench = make(Port(room=1), send_timeout=-1)
    assert bench.core.is_idle
    bench.offer(2)
    bench.core.pump()
    assert not bench.core.is_idle
    bench.port.room = 1
    bench.core.pump()
    assert bench.core.is_idle


TestCoreMachine = CoreMachine.TestCase
TestCoreMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
