"""The listener core on real sockets, without a worker: counting, measuring, holding and answering."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator

import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st

from bench_app.data_plane.choice import PlaneName
from bench_app.listeners.arrivals import BATCH
from bench_app.listeners.core import CALM_NS, NO_LIMIT
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.histogram import Histogram
from bench_app.measure.message_samples import SAMPLE_INTERVAL_NS
from bench_app.model import ListenerSpec, WaitMode
from bench_app.transport import stamp
from tests.listeners.core_bench import (
    FOREIGN,
    IDENTITY,
    LATE_MS,
    PLANES,
    SEED,
    Bench,
    Clock,
    Sockets,
    body,
    slot,
)
from tests.listeners.expected_counts import MESSAGES, Message, as_frame, expected_of


@pytest.fixture(scope="module")
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    with zmq.Context() as context:
        yield context


@pytest.fixture(params=PLANES)
def sockets(context: zmq.Context[zmq.Socket[bytes]], request: pytest.FixtureRequest) -> Iterator[Sockets]:
    sockets = Sockets(context, request.param)
    yield sockets
    sockets.close()


@pytest.fixture
def python_sockets(context: zmq.Context[zmq.Socket[bytes]]) -> Iterator[Sockets]:
    """For tests of what only the Python loop does: it keeps messages to settle them together."""
    sockets = Sockets(context)
    yield sockets
    sockets.close()


def test_a_message_is_counted_and_measured(sockets: Sockets) -> None:
    bench = sockets.bench(clock=Clock(1000))
    bench.core.measure_from(0)
    bench.send(body(1, intended_ns=1_000_000_000 - 5000, sent_ns=1_000_000_000))
    assert bench.receive() == 1
    assert bench.counts() == {"received": 1, "bytes": len(body(1)), "first": 1, "highest": 1}
    service, response = bench.latencies()
    # The clock is read first when the core is made, then when the message arrives.
    assert (service.count, service.min_ns) == (1, 2000)
    assert (response.count, response.min_ns) == (1, 7000)


def test_each_latency_is_taken_once(sockets: Sockets) -> None:
    bench = sockets.bench()
    bench.core.measure_from(0)
    bench.send(body(1))
    bench.receive()
    assert [one.count for one in bench.latencies()] == [1, 1]
    assert [one.count for one in bench.latencies()] == [0, 0]


@pytest.mark.parametrize("step_ns", [1, 2 * CALM_NS], ids=["thick", "calm"])
def test_messages_of_the_warm_up_are_counted_and_not_measured(sockets: Sockets, step_ns: int) -> None:
    bench = sockets.bench(clock=Clock(step_ns))
    bench.send(body(1, intended_ns=500))
    bench.receive()
    bench.core.measure_from(1000)
    bench.send(*(body(number, intended_ns=intended) for number, intended in ((2, 999), (3, 1000), (4, 2000))))
    bench.receive()
    assert bench.counts()["received"] == 4
    assert [one.count for one in bench.latencies()] == [2, 2]


def test_receiving_stops_at_its_limit(sockets: Sockets) -> None:
    bench = sockets.bench()
    bench.send(*map(body, range(1, 6)))
    assert bench.receive(limit=2) == 2
    assert bench.receive(limit=0) == 0
    assert bench.receive() == 3
    assert bench.counts()["received"] == 5


def test_receiving_stops_with_the_message_that_comes_after_its_time(sockets: Sockets) -> None:
    clock = Clock(0)
    bench = sockets.bench(clock=clock)
    bench.send(*map(body, range(1, 11)))
    clock.step_ns = 10
    assert bench.core.receive_until(clock.now_ns + 30) == 3
    assert bench.receive() == 7


def test_receiving_stops_when_no_message_comes(sockets: Sockets) -> None:
    bench = sockets.bench()
    began_ns = time.perf_counter_ns()
    assert bench.receive() == 0
    assert time.perf_counter_ns() - began_ns < LATE_MS * NS_PER_MS
    assert bench.counts() == {}


def test_a_changed_wait_also_applies_to_another_socket(sockets: Sockets) -> None:
    bench = sockets.bench()
    bench.core.wait_at_most(40)
    _, other = sockets.pair()
    bench.core.attach(other)
    began_ns = time.perf_counter_ns()
    assert bench.receive() == 0
    assert 35 * NS_PER_MS < time.perf_counter_ns() - began_ns < LATE_MS * NS_PER_MS


def test_waiting_for_a_message_receives_none(sockets: Sockets) -> None:
    bench = sockets.bench()
    assert not bench.core.wait_for_message(5)
    bench.send(body(1))
    assert bench.core.wait_for_message(1000)
    assert bench.counts() == {}
    assert bench.receive() == 1


@pytest.mark.parametrize("wait", ["block", "poll", "spin"])
def test_each_way_to_wait_receives_the_same(sockets: Sockets, wait: WaitMode) -> None:
    bench = sockets.bench(ListenerSpec(wait=wait))
    bench.core.measure_from(0)
    assert bench.receive() == 0
    assert not bench.core.wait_for_message(5)
    bench.send(body(1), [b"topic", body(2)], body(4), FOREIGN, body(3))
    assert bench.core.wait_for_message(1000)
    assert bench.receive(limit=2) == 2
    assert bench.receive() == 3
    assert bench.receive() == 0
    counts = bench.counts()
    assert (counts["received"], counts["foreign"], counts["reordered"], counts["highest"]) == (4, 1, 1, 4)
    assert [one.count for one in bench.latencies()] == [4, 4]


@pytest.mark.parametrize("wait", ["block", "poll", "spin"])
def test_only_a_message_that_was_there_already_had_to_wait_for_the_core(sockets: Sockets, wait: WaitMode) -> None:
    bench = sockets.bench(ListenerSpec(wait=wait))
    bench.core.measure_from(0)
    bench.core.wait_at_most(10_000)
    sender = threading.Timer(0.02, bench.send, [body(1)])
    sender.start()
    assert bench.receive(limit=1) == 1
    sender.join()
    time.sleep(0.02)
    bench.send(body(2))
    assert bench.core.wait_for_message(1000)
    assert bench.receive(limit=1) == 1
    _, _, delta = bench.core.take_latencies()
    backlog = Histogram()
    backlog.merge(delta)
    assert (backlog.count, backlog.min_ns) == (2, 0)
    assert backlog.max_ns >= 20 * NS_PER_MS


def test_a_core_that_spins_says_how_long_it_found_nothing(sockets: Sockets) -> None:
    bench = sockets.bench(ListenerSpec(wait="spin"))
    bench.core.wait_at_most(20)
    assert bench.core.spun_ns == 0
    bench.receive()
    assert bench.core.spun_ns >= 20 * NS_PER_MS
    spun_ns = bench.core.spun_ns
    bench.core.change_spec(ListenerSpec())
    bench.send(body(1))
    assert bench.receive() == 1
    bench.core.change_spec(ListenerSpec(wait="poll"))
    bench.send(body(2))
    assert bench.receive() == 1
    assert bench.core.spun_ns == spun_ns


def test_settle_settles_every_waiting_message(python_sockets: Sockets) -> None:
    bench = python_sockets.bench(clock=Clock(1))
    bench.send(*map(body, range(1, 11)))
    bench.core.receive_until(NEVER_NS)
    assert bench.slots[slot.RECEIVED] == 0
    bench.core.settle()
    assert bench.slots[slot.RECEIVED] == 10


def test_a_full_batch_is_settled_by_itself(python_sockets: Sockets) -> None:
    bench = python_sockets.bench(clock=Clock(1))
    bench.send(*map(body, range(1, BATCH + 4)))
    bench.core.receive_until(NEVER_NS)
    assert bench.slots[slot.RECEIVED] == BATCH
    bench.core.settle()
    assert bench.slots[slot.RECEIVED] == BATCH + 3


def test_at_a_low_rate_each_message_is_settled_at_once(sockets: Sockets) -> None:
    bench = sockets.bench(clock=Clock(2 * CALM_NS))
    for number in range(1, 4):
        bench.send(body(number))
        bench.core.receive_until(NEVER_NS)
        assert bench.slots[slot.RECEIVED] == number


def test_the_time_of_the_last_message_is_known(sockets: Sockets) -> None:
    clock = Clock(10)
    bench = sockets.bench(clock=clock)
    assert bench.core.last_message_ns == clock.now_ns
    bench.send(body(1), FOREIGN)
    bench.core.receive_until(NEVER_NS)
    assert bench.core.last_message_ns == clock.now_ns


def test_after_a_crash_all_numbers_up_to_the_highest_count_as_received(sockets: Sockets) -> None:
    bench = sockets.bench(had=10)
    bench.send(body(9), body(11))
    bench.receive()
    assert bench.counts() == {"received": 1, "duplicates": 1, "bytes": 2 * len(body(1)), "first": 9, "highest": 11}


def test_without_a_stamp_every_message_is_received(sockets: Sockets) -> None:
    bench = sockets.bench(stamp="off")
    bench.send(FOREIGN, [b"topic", b"1"])
    bench.receive()
    assert bench.counts() == {"received": 2, "bytes": len(FOREIGN) + 6}


def test_a_stamp_in_its_own_frame(sockets: Sockets) -> None:
    bench = sockets.bench(stamp="frame")
    text = IDENTITY.text + stamp.times(1, 2, 3)
    bench.send([b"[1]", text], [b"[2]", b"no stamp"])
    bench.receive()
    assert bench.counts() == {"received": 1, "foreign": 1, "bytes": 6 + len(text) + 8, "first": 1, "highest": 1}


def test_a_sample_is_kept_at_intervals(sockets: Sockets) -> None:
    bench = sockets.bench(clock=Clock(SAMPLE_INTERVAL_NS // 2))
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
    return sockets.bench(ListenerSpec(**spec), answers=True)  # type: ignore[arg-type]


def after_ms(ms: float) -> int:
    return time.perf_counter_ns() + int(ms * NS_PER_MS)


def answered(bench: Bench) -> list[bytes | None]:
    assert bench.replier is not None
    return bench.replier.answered


def test_every_message_is_held_and_then_answered(sockets: Sockets) -> None:
    bench = held(sockets, delay_ms=4)
    bench.send(body(1), body(2), body(3))
    began_ns = time.perf_counter_ns()
    assert bench.core.receive_until(NEVER_NS) == 3
    assert time.perf_counter_ns() - began_ns >= 12 * NS_PER_MS
    assert bench.replier is not None
    # Of a backlog each hold begins where the last one was to end, whatever a sleep took too long.
    answered_ns = enumerate(bench.replier.answered_ns, start=1)
    assert all(at_ns - began_ns >= number * 4 * NS_PER_MS for number, at_ns in answered_ns)


def test_each_message_has_its_own_jitter_drawn_from_the_seed(sockets: Sockets) -> None:
    bench = held(sockets, delay_ms=1, delay_jitter_ms=3)
    bench.send(*map(body, range(1, 9)))
    began_ns = time.perf_counter_ns()
    bench.core.receive_until(NEVER_NS)
    assert bench.replier is not None
    held_ns, drawn = 0, random.Random(SEED)
    for at_ns in bench.replier.answered_ns:
        held_ns += int((1 + 3 * drawn.random()) * NS_PER_MS)
        assert at_ns - began_ns >= held_ns


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
    bench.core.drain(0)
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
    bench.core.drain(0)
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
    push, pull = sockets.pair(answers=True)
    bench.core.attach(pull)
    push.send_multipart([b"", body(2)])
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
    bench.send([], body(1))
    bench.receive()
    assert bench.counts() == {"received": 1, "foreign": 1, "bytes": len(body(1)), "first": 1, "highest": 1}
    assert answered(bench) == [None, body(1)]


@pytest.mark.parametrize("plane", PLANES)
@settings(max_examples=60, deadline=None)
@given(messages=MESSAGES, calm=st.lists(st.booleans(), min_size=1, max_size=8), limits=st.lists(st.integers(1, 20)))
def test_every_message_is_in_one_count(
    context: zmq.Context[zmq.Socket[bytes]],
    plane: PlaneName,
    messages: list[Message],
    calm: list[bool],
    limits: list[int],
) -> None:
    sockets, clock, measure_from_ns = Sockets(context, plane), Clock(1), 30
    bench = sockets.bench(clock=clock)
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


def test_a_reply_goes_to_the_sender_of_its_request(sockets: Sockets) -> None:
    bench = held(sockets)
    requesters = [bench.push]
    for name in (b"second", b"third"):
        requesters.append(sockets.context.socket(zmq.DEALER))
        sockets.opened.append(requesters[-1])
        requesters[-1].identity = name
        requesters[-1].connect(bench.pull.last_endpoint)
    for number, requester in enumerate(requesters, start=1):
        requester.send_multipart([b"", body(number)])
    received = 0
    while received < 3:
        received += bench.receive()
    for number, requester in enumerate(requesters, start=1):
        assert requester.recv_multipart() == [b"", body(number)]
