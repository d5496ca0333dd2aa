"""Events that a core is offered: those that are due, a batch at a time, and at maximum load those it has room for."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bench_app.handlers.core import OFFER_BATCH, SUPPLY_WAIT_NS
from bench_app.handlers.offering import Offering
from bench_app.measure.clock import NEVER_NS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.model import HandlerConfig
from tests.handlers.core_bench import UNLIMITED, Bench, Port, Samples


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
