"""What both feeds know of their supply."""

from __future__ import annotations

from bench_app.measure.clock import NS_PER_S
from bench_app.model import ConstantLoad, RecordedLoad
from bench_app.sources.clock_counts import ClockCounts
from bench_app.sources.feed import Feed
from tests.sources.file_supply import FileSupply


def feed_of(*recorded_ns: int) -> Feed[bytearray]:
    supply = FileSupply([(bytearray(b"{}"), at_ns) for at_ns in recorded_ns])
    return Feed(supply, ConstantLoad(rate=10), 1, NS_PER_S, 0)


def test_a_supply_that_ends_before_the_run_is_noted_once_an_event_is_missed() -> None:
    feed = feed_of(0, 5)
    assert [feed.poll(NS_PER_S // 2) is not None for _ in range(2)] == [True, True]
    assert not feed.ended_early and not feed.early_end_note
    assert feed.poll(NS_PER_S // 2) is None
    assert feed.ended_early
    assert feed.early_end_note.startswith("its file ended after 0.5 s of 1:")
    assert feed.counts.ended_early and feed.counts.is_exhausted


def test_records_that_were_read_and_not_offered_are_counted() -> None:
    feed = feed_of(0, 5, 7)
    feed.poll(0)
    assert feed.counts.not_reached == 2
    assert feed.bad_lines == 0 and feed.notes() == []


def test_clamped_times_count_only_once_recorded_times_are_used() -> None:
    supply = FileSupply([(bytearray(b"{}"), 0), (bytearray(b"{}"), 5)])
    supply.clock = ClockCounts(clamped=3, jumps=2, gaps_cut=1)
    feed = Feed(supply, ConstantLoad(rate=10), 1, NS_PER_S, 0)
    assert feed.counts.clamped == 0
    feed.change_load(RecordedLoad(), 0)
    counts = feed.counts
    assert (counts.clamped, counts.clock_jumps, counts.gaps_cut) == (3, 2, 1)
