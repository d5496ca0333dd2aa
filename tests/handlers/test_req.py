"""REQ's core, stepped without sockets: with a port that answers only the last attempt, as libzmq with CORRELATE."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import pytest
import zmq
from hypothesis import settings

from bench_app.data_plane.choice import PlaneName
from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.core import PollFor
from bench_app.handlers.offering import Offering
from bench_app.handlers.req import RequestCore
from bench_app.handlers.request_end import RequestEnd, RequestOutcome
from bench_app.handlers.socket import CoreParts, HandlerPort, HandlerSocket
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.recorder import Recorder
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.model import HandlerConfig
from bench_app.transport.open_socket import Target
from bench_app.transport.stamp import Identity
from tests.handlers.core_bench import Clock, Samples
from tests.handlers.request_bench import make
from tests.handlers.request_machine import RequestMachine


@pytest.fixture(params=["python", "compiled"])
def plane(request: pytest.FixtureRequest) -> PlaneName:
    name: PlaneName = request.param
    return name


def test_a_request_is_sent_waits_and_is_replied(plane: PlaneName) -> None:
    bench = make(plane=plane)
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


def test_only_one_request_is_in_flight(plane: PlaneName) -> None:
    bench = make(plane=plane)
    bench.offer(3)
    for _ in range(4):
        bench.core.pump()
    assert bench.port.sequences == [1]
    assert (bench.core.in_flight, bench.core.queued) == (1, 2)


def test_a_reply_sends_the_next_request_in_the_same_pump(plane: PlaneName) -> None:
    bench = make(plane=plane)
    bench.offer(3)
    bench.core.pump()
    for number in (2, 3):
        bench.answer()
        bench.core.pump()
        assert bench.port.sequences[-1] == number
    bench.assert_balanced()


def test_a_silent_server_gets_one_request_and_its_retries(plane: PlaneName) -> None:
    bench = make(plane=plane, retries=2)
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


def test_no_retries_means_one_attempt(plane: PlaneName) -> None:
    bench = make(plane=plane, retries=0)
    bench.offer(2)
    bench.core.pump()
    bench.pump_after_ms(100)
    assert bench.port.attempts == {1: 1, 2: 1}
    assert (bench[HandlerSlot.REQUEST_TIMEOUT], bench[HandlerSlot.RETRIES], bench.core.in_flight) == (1, 0, 1)


def test_fewer_retries_apply_to_the_request_in_flight(plane: PlaneName) -> None:
    bench = make(plane=plane, retries=5)
    bench.offer()
    bench.core.pump()
    bench.pump_after_ms(100)
    bench.change(retries=1)
    bench.pump_after_ms(100)
    assert bench.counts()["request_timeout"] == 1
    assert bench.port.attempts == {1: 2}


def test_the_round_trip_begins_with_the_first_attempt(plane: PlaneName) -> None:
    bench = make(plane=plane)
    bench.offer()
    bench.core.pump()
    bench.pump_after_ms(100)
    bench.pump_after_ms(100)
    bench.answer()
    bench.pump_after_ms(30)
    assert bench.round_trips_ms() == [230]
    assert len(bench.lateness_ns()) == 1
    assert bench.counts()["retries"] == 2


def test_a_retry_is_the_same_message(plane: PlaneName) -> None:
    bench = make(plane=plane)
    bench.core.offer(bytearray(b'{"n":1}'), 5)
    bench.core.pump()
    bench.pump_after_ms(100)
    first, second = bench.port.taken
    assert first[:3] == second[:3] == (b'{"n":1}', 1, 5)
    assert second[3] - first[3] == 100 * NS_PER_MS


def test_bytes_are_those_of_accepted_requests(plane: PlaneName) -> None:
    bench = make(plane=plane)
    bench.port.overhead = 10
    bench.offer()
    bench.core.pump()
    bench.pump_after_ms(100)
    assert bench.bytes_of_messages() == 12


def test_a_late_reply_does_not_count(plane: PlaneName) -> None:
    bench = make(plane=plane)
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


def test_a_reply_that_has_come_at_the_deadline_counts(plane: PlaneName) -> None:
    bench = make(plane=plane, retries=0)
    bench.offer()
    bench.core.pump()
    bench.answer()
    bench.pump_after_ms(10_000)
    assert bench.counts() == {"offered": 1, "accepted": 1, "attempted": 1, "replied": 1}


def test_a_first_attempt_waits_for_a_full_socket_for_send_timeout(plane: PlaneName) -> None:
    bench = make(plane=plane, send_timeout=50)
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


def test_a_send_timeout_of_0_empties_the_queue_at_once(plane: PlaneName) -> None:
    bench = make(plane=plane, send_timeout=0)
    bench.port.room = 0
    bench.offer(600)
    bench.core.pump()
    assert bench.counts() == {"offered": 600, "send_timeout": 600}
    assert bench.core.poll_for is PollFor.NOTHING


def test_a_retry_that_a_full_socket_refuses_is_sent_when_there_is_room(plane: PlaneName) -> None:
    bench = make(plane=plane, retries=1)
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


def test_a_retry_that_was_never_sent_is_still_an_attempt(plane: PlaneName) -> None:
    bench = make(plane=plane, retries=2)
    bench.port.room = 1
    bench.offer()
    bench.core.pump()
    for _ in range(3):
        bench.pump_after_ms(100)
    assert bench.counts() == {"offered": 1, "accepted": 1, "attempted": 1, "request_timeout": 1}
    assert bench.port.attempts == {1: 1}


def test_abort_also_gives_up_the_request_in_flight(plane: PlaneName) -> None:
    bench = make(plane=plane)
    bench.offer(3)
    bench.core.pump()
    assert bench.core.abort() == 2
    bench.answer()
    bench.offer()
    bench.core.pump()
    assert bench.counts() == {"offered": 4, "accepted": 1, "attempted": 1, "aborted": 3, "request_timeout": 1}
    assert (bench.core.in_flight, bench.core.poll_for, bench.core.deadline_ns) == (0, PollFor.NOTHING, None)
    assert bench.replies == []


def test_giving_up_the_request_keeps_the_queue(plane: PlaneName) -> None:
    bench = make(plane=plane)
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
def test_a_new_socket_makes_the_next_attempt_due(strict: bool, plane: PlaneName) -> None:
    bench = make(plane=plane, retries=1, strict=strict)
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


def test_a_new_socket_after_the_last_attempt_gives_the_request_up(plane: PlaneName) -> None:
    bench = make(plane=plane, retries=0)
    bench.offer(2)
    bench.core.pump()
    bench.reset_socket()
    bench.core.pump()
    assert bench.port.attempts == {1: 1, 2: 1}
    assert bench[HandlerSlot.REQUEST_TIMEOUT] == 1


@pytest.mark.parametrize("strict", [False, True])
def test_a_new_socket_that_refuses_at_first(strict: bool, plane: PlaneName) -> None:
    bench = make(plane=plane, retries=1, strict=strict)
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


def test_a_new_socket_without_a_request_changes_nothing(plane: PlaneName) -> None:
    bench = make(plane=plane)
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


def test_a_request_due_before_the_measured_time_is_in_no_latency(plane: PlaneName) -> None:
    bench = make(plane=plane)
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


TestRequestMachine = RequestMachine.TestCase
TestRequestMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_the_end_of_a_request_has_its_number_attempts_and_time() -> None:
    bench = make(retries=1)
    bench.offer(3)
    bench.core.pump()
    bench.pump_after_ms(100)
    bench.pump_after_ms(100)
    bench.answer(b"late")
    bench.pump_after_ms(7)
    bench.core.abort()
    assert bench.ends == [
        RequestEnd(0, RequestOutcome.NO_REPLY, 2, 200 * NS_PER_MS),
        RequestEnd(1, RequestOutcome.REPLIED, 1, 7 * NS_PER_MS, (b"late",)),
        RequestEnd(2, RequestOutcome.ABORTED, 1),
    ]


def test_a_withdrawn_request_makes_room_for_the_next() -> None:
    bench = make()
    bench.offer(3)
    bench.core.pump()
    assert (bench.core.withdraw(0), bench.core.withdraw(1)) == (1, 0)
    bench.answer()
    bench.core.pump()
    assert bench.port.sequences == [1, 2]
    assert [(end.number, end.outcome, end.attempts) for end in bench.ends] == [
        (0, RequestOutcome.WITHDRAWN, 1),
        (1, RequestOutcome.WITHDRAWN, 0),
    ]
    assert bench.counts() == {"offered": 3, "aborted": 1, "accepted": 2, "attempted": 2, "request_timeout": 1}
    assert bench.core.withdraw(0) == 0
    bench.answer(b"third")
    bench.core.pump()
    assert bench.replies == [b"third"]
    bench.assert_balanced()


def test_a_request_that_the_socket_does_not_take_ends_not_sent() -> None:
    bench = make(send_timeout=50)
    bench.port.room = 0
    bench.offer()
    bench.core.pump()
    bench.pump_after_ms(50)
    assert bench.ends == [RequestEnd(0, RequestOutcome.NOT_SENT)]
