"""A lower bound of what a PUB has lost: never more than was lost, and never less than before."""

from __future__ import annotations

import random
from collections import deque

import pytest

from bench_app.measure.overfull import Marks, Overfull, OverfullWatch, most_held


def test_a_connection_holds_both_pipes_the_kernel_buffers_and_a_little_more() -> None:
    assert most_held(Marks(1000, 100), kernel_bytes=0, message_bytes=1e9) == 1106
    assert most_held(Marks(10, 10), kernel_bytes=80_000, message_bytes=1000.0) == 20 + 106 + 6


def test_a_size_that_is_not_known_makes_the_bound_generous() -> None:
    assert most_held(Marks(1, 1), kernel_bytes=8000, message_bytes=0.0) > 8000


def test_more_on_the_way_than_fits_is_a_loss() -> None:
    watch = OverfullWatch()
    assert watch.overfull is None
    watch.probe(100, sent=15_000, fits=4_260)
    watch.compare(99, received=0)
    assert watch.overfull is None, "the listener's count is older than the reading of the buffers"
    watch.compare(100, received=0)
    assert watch.overfull == Overfull(lost=10_740, fits=4_260)


def test_no_more_on_the_way_than_fits_is_no_loss() -> None:
    watch = OverfullWatch()
    watch.probe(100, sent=15_000, fits=4_260)
    watch.compare(100, received=10_740)
    assert watch.overfull is None


def test_a_known_loss_stays_known_when_the_listener_reads_on() -> None:
    watch = OverfullWatch()
    watch.probe(100, sent=15_000, fits=4_260)
    watch.compare(100, received=0)
    watch.probe(200, sent=15_000, fits=4_260)
    watch.compare(200, received=4_000)
    assert watch.overfull == Overfull(lost=10_740, fits=4_260)


def test_a_probe_is_worth_it_only_when_it_may_find_a_greater_loss() -> None:
    watch = OverfullWatch()
    assert not watch.is_suspicious(sent=100, received=0, fits=100)
    assert watch.is_suspicious(sent=101, received=0, fits=100)
    watch.probe(100, sent=101, fits=100)
    assert not watch.is_suspicious(sent=200, received=0, fits=100), "one probe waits for its comparison"
    watch.compare(100, received=0)
    assert not watch.is_suspicious(sent=101, received=0, fits=100)


def test_after_a_reconnect_what_the_old_connection_holds_does_not_count() -> None:
    watch = OverfullWatch()
    watch.probe(100, sent=500, fits=100)
    watch.compare(100, received=0)
    watch.begin(sent=600, received=0)
    watch.probe(200, sent=650, fits=100)
    watch.compare(200, received=0)
    assert watch.overfull == Overfull(lost=400, fits=100)
    watch.probe(300, sent=760, fits=100)
    watch.compare(300, received=20)
    assert watch.overfull == Overfull(lost=440, fits=100)


@pytest.mark.parametrize("seed", range(50))
def test_the_bound_is_never_above_the_true_loss(seed: int) -> None:
    """A model of a connection that drops when it is full, and is read and reported at random moments."""
    chance = random.Random(seed)
    capacity = chance.randrange(1, 50)
    held: deque[int] = deque()
    watch = OverfullWatch()
    sent = received = lost = reported_sent = 0
    for now in range(3_000):
        if chance.random() < 0.7:
            sent += 1
            if len(held) < capacity:
                held.append(sent)
            else:
                lost += 1
        if held and chance.random() < 0.3:
            held.popleft()
            received += 1
        if chance.random() < 0.1:
            reported_sent = sent
        if chance.random() < 0.1:
            watch.compare(now, received)
            if watch.is_suspicious(reported_sent, received, 0):
                watch.probe(now, reported_sent, len(held))
        if chance.random() < 0.01:
            # The connection ends, and a listener still reads what its own pipe holds.
            watch.begin(sent, received)
        known = watch.overfull
        assert known is None or 0 < known.lost <= lost
    assert watch.overfull is not None
