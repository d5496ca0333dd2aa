"""The compiled loop and the Python loop do the same: both receive the same messages, and all counts are compared."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st

from bench_app.data_plane.choice import PlaneName
from bench_app.listeners.rep import RequestReplier
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.message_samples import SAMPLE_INTERVAL_NS
from bench_app.model import ListenerSpec, StampMode, WaitMode
from bench_app.transport import stamp
from tests.compiled import compiled
from tests.listeners.core_bench import (
    FOREIGN,
    IDENTITY,
    MALFORMED,
    PLANES,
    SEED,
    SHORT,
    Bench,
    Clock,
    Sockets,
    body,
)

compiled("receiving")
DRAWS = 256
MOST_RANGES = 4096
MOST_UNUSUAL = 1024


@pytest.fixture(scope="module")
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    with zmq.Context() as context:
        yield context


@pytest.fixture
def sockets(context: zmq.Context[zmq.Socket[bytes]]) -> Iterator[Sockets]:
    sockets = Sockets(context, "compiled")
    yield sockets
    sockets.close()


@dataclass(frozen=True)
class Step:
    """Messages that are there at once, and what the listener does then.

    Attributes:
        messages: each with its frames.
        step_ns: how much the clock moves at each reading.
        limit: how many messages are received in a call.
        measure_from_ns: applies after these messages; None leaves it.
        drains: whether offering ends after these messages.
    """

    messages: list[list[bytes]]
    step_ns: int
    limit: int
    measure_from_ns: int | None
    drains: bool


SEQUENCES = st.one_of(st.integers(0, 60), st.integers(1, 200_000), st.integers(65_530, 65_545), st.just(2**63 - 1))
TIMES = st.one_of(st.integers(0, 2_000_000_000), st.integers(0, 2**63 - 1))


@st.composite
def stamped(draw: st.DrawFn) -> list[bytes]:
    text = body(draw(SEQUENCES), draw(TIMES), draw(TIMES))
    frames = [[text], [b"topic", text], [b"topic " + text], [b"a b  c " + text], [text + b"x" * 70_000]]
    return draw(st.sampled_from(frames))


@st.composite
def in_frame(draw: st.DrawFn) -> list[bytes]:
    return [b"{}", IDENTITY.text + stamp.times(draw(SEQUENCES), draw(TIMES), draw(TIMES))]


def rows(first: int, count: int) -> list[list[bytes]]:
    return [[body(number, number, number)] for number in range(first, first + count)]


UNUSABLE = st.sampled_from(
    [
        [FOREIGN],
        [MALFORMED],
        [SHORT],
        [b""],
        [b"", b""],
        [body(1), b"more"],
        [b" " + SHORT],
        [body(1, identity=stamp.Identity(8, 1))],
        [body(7).upper()],
        [IDENTITY.text],
        [IDENTITY.text + stamp.times(1, 2, 3) + b"0"],
        [IDENTITY.text + b"-" * stamp.TIMES_LENGTH],
        [b"{}", IDENTITY.text + b"8" + stamp.times(1, 2, 3)[1:]],
        [b" " * 100],
    ]
)
MESSAGES = st.one_of(
    st.lists(st.one_of(stamped(), in_frame(), UNUSABLE), max_size=25),
    st.builds(rows, st.integers(1, 300), st.integers(1, 200)),
)
STEPS = st.lists(
    st.builds(
        Step,
        MESSAGES,
        st.sampled_from([1, 1000, 100_000, SAMPLE_INTERVAL_NS // 3]),
        st.sampled_from([1, 3, 10_000]),
        st.one_of(st.none(), st.integers(0, 1_500_000_000)),
        st.booleans(),
    ),
    max_size=8,
)


def run(bench: Bench, steps: list[Step]) -> object:
    """All that the listener counted, measured and kept."""
    clock = bench.clock
    assert isinstance(clock, Clock)
    found: list[object] = []
    for step in steps:
        clock.step_ns = step.step_ns
        bench.send(*step.messages)
        received = 0
        while received < len(step.messages):
            received += bench.core.receive_until(NEVER_NS, step.limit)
        bench.core.settle()
        found.append((received, bench.counts(), bench.core.last_message_ns))
        if step.measure_from_ns is not None:
            bench.core.measure_from(step.measure_from_ns)
        if step.drains:
            bench.core.drain(clock.now_ns - step.step_ns)
    found += [bench.core.take_latencies(), bench.core.take_samples()]
    numbers = bench.sequences
    candidates = {*range(70), *range(65_520, 65_560), *range(200, 700)}
    held = {number for number in candidates if number in numbers}
    return [*found, numbers.first, numbers.highest, numbers.count, held]


@settings(max_examples=6 * settings.default.max_examples, deadline=None)
@given(
    mode=st.sampled_from(["field", "frame", "off"]),
    wait=st.sampled_from(["block", "poll", "spin"]),
    had=st.sampled_from([0, 0, 5]),
    steps=STEPS,
)
def test_both_loops_count_the_same(
    context: zmq.Context[zmq.Socket[bytes]], mode: StampMode, wait: WaitMode, had: int, steps: list[Step]
) -> None:
    def found(plane: PlaneName) -> object:
        sockets = Sockets(context, plane)
        try:
            return run(sockets.bench(ListenerSpec(wait=wait), stamp=mode, had=had, clock=Clock(1)), steps)
        finally:
            sockets.close()

    assert found("compiled") == found("python")


ENVELOPES = st.sampled_from([[b""], [b"hop", b""], [b"hop", b"hop", b""], [b"", b""], [b"no empty frame"], []])
REQUESTS = st.lists(
    st.builds(list.__add__, ENVELOPES, st.one_of(stamped(), in_frame(), UNUSABLE, st.just([]))).filter(bool),
    max_size=30,
)
SPECS = st.sampled_from(
    [
        ListenerSpec(),
        ListenerSpec(drop_replies=0.4),
        ListenerSpec(error_replies=0.4, wait="poll"),
        ListenerSpec(wait="spin"),
        ListenerSpec(reply={"seen": 1}, error_replies=0.2, drop_replies=0.1),
    ]
)


def answers(sockets: Sockets, spec: ListenerSpec, requests: list[list[bytes]], limit: int) -> object:
    """The counts, and all replies in their order."""
    dealer, router = sockets.pair(answers=True)
    bench = Bench(dealer, router, spec, clock=Clock(1), plane=sockets.plane, replier=RequestReplier(spec, SEED))
    for request in requests:
        dealer.send_multipart(request)
    received = 0
    while received < len(requests):
        received += bench.core.receive_until(NEVER_NS, limit)
    bench.core.settle()
    replies = []
    while dealer.poll(5):
        replies.append(dealer.recv_multipart())
    return bench.counts(), bench.core.take_latencies(), bench.core.take_samples(), replies


@given(spec=SPECS, requests=REQUESTS, limit=st.sampled_from([1, 1000]))
def test_both_loops_answer_the_same(
    context: zmq.Context[zmq.Socket[bytes]], spec: ListenerSpec, requests: list[list[bytes]], limit: int
) -> None:
    def found(plane: PlaneName) -> object:
        sockets = Sockets(context, plane)
        try:
            return answers(sockets, spec, requests, limit)
        finally:
            sockets.close()

    assert found("compiled") == found("python")


class CountedReplier(RequestReplier):
    """Counts how often a reply is made in Python."""

    made = 0

    def reply_to(self, body: bytes | None) -> bytes | None:
        self.made += 1
        return super().reply_to(body)


def asked(identifier: int, sequence: int, mode: StampMode) -> list[bytes]:
    """A request with an id, and a stamp that is never the same."""
    text = b'{"request_id":%d,"pad":"%s"}' % (identifier, b"x" * (identifier % 40))
    match mode:
        case "field":
            event = stamp.wrap(IDENTITY, text)
            event[stamp.TIMES_AT : stamp.TIMES_AT + stamp.TIMES_LENGTH] = stamp.times(sequence, sequence, sequence)
            return [b"", bytes(event)]
        case "frame":
            return [b"", text, IDENTITY.text + stamp.times(sequence, sequence, sequence)]
        case _:
            return [b"", text]


@pytest.mark.parametrize("mode", ["field", "frame", "off"])
def test_a_reply_is_made_once_for_each_body_whatever_its_times(sockets: Sockets, mode: StampMode) -> None:
    dealer, router = sockets.pair(answers=True)
    spec = ListenerSpec()
    replier = CountedReplier(spec, SEED)
    bench = Bench(dealer, router, spec, mode, plane="compiled", replier=replier)

    def replies_to(first: int) -> list[bytes]:
        for number in range(first, first + 300):
            dealer.send_multipart(asked(number % 100, number, mode))
        received = 0
        while received < 300:
            received += bench.core.receive_until(NEVER_NS)
        return [dealer.recv_multipart()[1] for _ in range(300)]

    assert replies_to(100) == [b'{"request_id":%d,"ok":true,"result":null}' % (n % 100) for n in range(300)]
    assert replier.made == 100
    bench.core.change_spec(ListenerSpec(reply={"mine": 1}))
    assert set(replies_to(400)) == {b'{"mine":1}'}
    bench.core.change_spec(ListenerSpec(error_replies=1.0))
    assert all(b"error reply" in reply for reply in replies_to(700))
    assert replier.made == 100 + 100 + 300


def test_replies_to_many_different_bodies_take_the_place_of_others(sockets: Sockets) -> None:
    dealer, router = sockets.pair(answers=True)
    spec = ListenerSpec()
    bench = Bench(dealer, router, spec, plane="compiled", replier=RequestReplier(spec, SEED))
    for sequence, identifier in enumerate([*range(3000), *range(3000)], start=1):
        dealer.send_multipart(asked(identifier, sequence, "field"))
        assert bench.core.receive_until(NEVER_NS, limit=1) == 1
        assert dealer.recv_multipart()[1].startswith(b'{"request_id":%d,' % identifier)


def test_a_requester_that_reads_no_replies_does_not_block_the_listener(sockets: Sockets) -> None:
    dealer, router = sockets.pair(answers=True)
    dealer.rcvhwm, router.sndhwm = 1, 1
    router.bind(endpoint := f"inproc://full-{time.perf_counter_ns()}")
    dealer.connect(endpoint)
    spec = ListenerSpec()
    bench = Bench(dealer, router, spec, plane="compiled", replier=RequestReplier(spec, SEED))
    amount = 50
    bench.send(*rows(1, amount))
    received = 0
    while received < amount:
        received += bench.core.receive_until(NEVER_NS)
    assert bench.counts()["received"] == amount


@pytest.mark.parametrize("wait", ["poll", "spin"])
def test_errors_are_raised_in_each_way_to_wait(sockets: Sockets, wait: WaitMode) -> None:
    bench = sockets.bench(ListenerSpec(wait=wait))
    bench.send([body(1)])
    assert bench.receive() == 1
    bench.pull.close()
    with pytest.raises(zmq.ZMQError) as caught:
        bench.receive()
    assert caught.value.errno == zmq.ENOTSOCK


def test_what_a_slice_received_is_counted_before_it_is_settled(sockets: Sockets) -> None:
    bench = sockets.bench()
    bench.send(*rows(1, 10))
    bench.core.receive_until(NEVER_NS)
    assert bench.counts()["received"] == 10
    assert bench.sequences.complete_to == 10


def test_more_gaps_than_a_table_holds(sockets: Sockets) -> None:
    bench = sockets.bench()
    amount = 2 * MOST_RANGES + 3
    bench.send(*([body(2 * number)] for number in range(1, amount + 1)))
    assert bench.receive() == amount
    assert bench.counts()["received"] == bench.sequences.count == amount


def test_more_duplicates_than_a_table_holds(sockets: Sockets) -> None:
    bench = sockets.bench()
    bench.send([body(1)], *([body(1)] for _ in range(2 * MOST_UNUSUAL + 3)))
    assert bench.receive() == 2 * MOST_UNUSUAL + 4
    assert (bench.counts()["received"], bench.counts()["duplicates"]) == (1, 2 * MOST_UNUSUAL + 3)


def test_an_error_is_raised_as_by_pyzmq_after_all_was_settled(sockets: Sockets) -> None:
    bench = sockets.bench()
    bench.pull.close()
    with pytest.raises(zmq.ZMQError) as caught:
        bench.receive()
    assert caught.value.errno == zmq.ENOTSOCK


def test_a_terminated_context_is_its_own_error() -> None:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    sockets = Sockets(context, "compiled")
    bench = sockets.bench()
    bench.core.wait_at_most(10_000)
    closing = threading.Thread(target=context.term)
    closing.start()
    with pytest.raises(zmq.ContextTerminated):
        bench.receive()
    sockets.close()
    closing.join()


@pytest.mark.parametrize("plane", PLANES)
def test_a_message_without_a_reply_is_held_for_the_delay_and_its_own_jitter(
    context: zmq.Context[zmq.Socket[bytes]], plane: PlaneName
) -> None:
    sockets, amount, drawn = Sockets(context, plane), 2 * DRAWS + 10, random.Random(SEED)
    bench = sockets.bench(ListenerSpec(delay_ms=0.02, delay_jitter_ms=0.1))
    bench.send(*rows(1, amount))
    began_ns = time.perf_counter_ns()
    assert bench.receive() == amount
    assert time.perf_counter_ns() - began_ns >= sum(int((0.02 + 0.1 * drawn.random()) * 1e6) for _ in range(amount))
    sockets.close()


def test_a_hold_without_a_reply_continues_in_the_next_call(sockets: Sockets) -> None:
    bench = sockets.bench(ListenerSpec(delay_ms=60))
    bench.send([body(1)], [body(2)])
    began_ns = time.perf_counter_ns()
    assert bench.core.receive_until(began_ns + 20 * NS_PER_MS) == 1
    assert bench.core.is_holding
    assert bench.core.receive_until(0) == 0
    assert bench.core.receive_until(NEVER_NS, limit=0) == 0
    assert not bench.core.is_holding
    assert time.perf_counter_ns() - began_ns >= 60 * NS_PER_MS
    bench.core.change_spec(ListenerSpec())
    assert bench.receive() == 1


def test_a_hold_without_a_reply_ends_with_the_offering(sockets: Sockets) -> None:
    bench = sockets.bench(ListenerSpec(delay_ms=60_000))
    bench.send(*rows(1, 5))
    assert bench.core.receive_until(time.perf_counter_ns() + 20 * NS_PER_MS) == 1
    bench.core.drain(0)
    assert bench.receive() == 4
