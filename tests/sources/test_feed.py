"""The events and due times that ``poll`` returns, stepped without a clock."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.errors import SourceError
from bench_app.measure.clock import NS_PER_S
from bench_app.model import (
    BurstLoad,
    ConstantLoad,
    Load,
    MaxLoad,
    PoissonLoad,
    RampLoad,
    RecordedLoad,
    SineLoad,
    Source,
    StepsLoad,
    SyntheticSource,
)
from bench_app.sources.feed import UNDERRUN_RETRY_NS, Feed
from bench_app.sources.feed import Feed as FeedOf
from bench_app.sources.open_feed import open_feed
from bench_app.transport import stamp

FAR_NS = 10**15

Taken = list[tuple[bytearray, int]]


def open_synthetic(load: Load, duration_s: float = 10, skip: int = 0, pool: int = 8) -> Feed[bytearray]:
    spec: Source = SyntheticSource(load=load, pool=pool)
    return open_feed(
        spec,
        base_dir=Path(),
        render=partial(stamp.wrap, stamp.Identity(1, 2)),
        reserve=stamp.FIELD_COST,
        duration_ns=int(duration_s * NS_PER_S),
        skip=skip,
    )


def take_all(feed: Feed[bytearray], now_ns: int = FAR_NS) -> Taken:
    taken = []
    while (event := feed.poll(now_ns)) is not None:
        taken.append(event)
    return taken


def take_on_time(feed: Feed[bytearray]) -> Taken:
    """Poll exactly at the times that the feed names."""
    taken = []
    while not feed.exhausted:
        event = feed.poll(feed.next_due_ns)
        if event is not None:
            taken.append(event)
    return taken


LOADS: list[Load] = [
    ConstantLoad(rate=1000),
    PoissonLoad(rate=1000),
    BurstLoad(rate=10_000, events=50, every_s=0.3),
    RampLoad(start=0, end=1000, over_s=3),
    StepsLoad(rates=(100, 0, 1000), each_s=0.7),
    SineLoad(mean=1000, amplitude=800, period_s=1.5),
]


@pytest.mark.parametrize("load", LOADS, ids=repr)
def test_a_late_caller_gets_the_same_events(load: Load) -> None:
    late = take_all(open_synthetic(load, 3))
    assert late == take_on_time(open_synthetic(load, 3))
    assert late
    assert all(due_ns < 3 * NS_PER_S for _, due_ns in late)


@pytest.mark.parametrize("load", LOADS, ids=repr)
@given(skip=st.integers(0, 700))
def test_skip_continues_where_another_feed_stopped(load: Load, skip: int) -> None:
    assert take_all(open_synthetic(load, 1, skip=skip)) == take_all(open_synthetic(load, 1))[skip:]


def test_no_event_comes_before_it_is_due() -> None:
    feed = open_synthetic(ConstantLoad(rate=10))
    assert [due_ns for _, due_ns in take_all(feed, 250_000_000)] == [0, 100_000_000, 200_000_000]
    assert feed.next_due_ns == 300_000_000
    assert feed.poll(299_999_999) is None
    assert feed.poll(300_000_000) is not None


def test_an_event_due_at_the_end_does_not_come() -> None:
    feed = open_synthetic(ConstantLoad(rate=1000), 2)
    assert len(take_all(feed)) == 2000
    assert feed.exhausted
    assert feed.next_due_ns > FAR_NS


def test_events_of_the_pool_come_in_their_order() -> None:
    events = [bytes(event) for event, _ in take_all(open_synthetic(ConstantLoad(rate=100), 1, pool=8))]
    assert len(set(events)) == 8
    assert events[:8] * 12 + events[:4] == events


def test_max_is_due_now_until_the_end() -> None:
    feed = open_synthetic(MaxLoad(), 1)
    assert [feed.poll(now_ns) is not None for now_ns in (0, 0, 5, 999_999_999)] == [True] * 4
    assert feed.next_due_ns <= 999_999_999
    assert not feed.exhausted
    assert feed.poll(NS_PER_S) is None
    assert feed.exhausted


def test_at_max_the_due_time_is_the_time_of_the_poll() -> None:
    event = open_synthetic(MaxLoad()).poll(123)
    assert event is not None
    assert event[1] == 123


def test_a_new_load_begins_at_the_change() -> None:
    feed = open_synthetic(ConstantLoad(rate=10), 2)
    before = take_all(feed, 500_000_000)
    feed.change_load(ConstantLoad(rate=4), 600_000_000)
    assert len(before) == 6
    assert [due_ns for _, due_ns in take_all(feed)][:3] == [600_000_000, 850_000_000, 1_100_000_000]


def test_a_new_load_continues_with_the_next_event() -> None:
    feed = open_synthetic(ConstantLoad(rate=10), 2)
    before = take_all(feed, 500_000_000)
    feed.change_load(MaxLoad(), 500_000_000)
    after = feed.poll(500_000_001)
    assert after is not None
    assert after[0] not in [event for event, _ in before]


def test_a_new_load_wakes_a_source_without_events() -> None:
    feed = open_synthetic(StepsLoad(rates=(10, 0), each_s=1), 5)
    assert len(take_all(feed, 2 * NS_PER_S)) == 10
    assert feed.exhausted
    assert not feed.ended_early
    feed.change_load(ConstantLoad(rate=10), 2 * NS_PER_S)
    assert not feed.exhausted
    assert len(take_all(feed)) == 30


def test_a_changed_load_can_be_resumed() -> None:
    whole, resumed = open_synthetic(ConstantLoad(rate=10), 2), open_synthetic(ConstantLoad(rate=10), 2)
    whole.change_load(ConstantLoad(rate=100), NS_PER_S)
    resumed.change_load(ConstantLoad(rate=100), NS_PER_S, skip=40)
    assert [due_ns for _, due_ns in take_all(resumed)] == [due_ns for _, due_ns in take_all(whole)][40:]


@pytest.mark.parametrize("load", [ConstantLoad(rate=10), PoissonLoad(rate=10)], ids=["constant", "poisson"])
@pytest.mark.parametrize("changes_s", [(3,), (1.5, 3), (1, 2.5, 3), (9, 3)], ids=str)
def test_a_feed_with_another_duration_gives_the_events_of_a_feed_that_began_with_it(
    load: Load, changes_s: tuple[float, ...]
) -> None:
    feed = open_synthetic(load, 2)
    taken = take_all(feed, NS_PER_S // 2)
    for duration_s in changes_s:
        feed.change_duration(int(duration_s * NS_PER_S))
        taken += take_all(feed, NS_PER_S // 2)
    taken += take_all(feed)
    assert feed.exhausted
    assert [due_ns for _, due_ns in taken] == [due_ns for _, due_ns in take_all(open_synthetic(load, 3))]


def test_a_feed_that_reached_its_end_goes_on_after_it() -> None:
    feed = open_synthetic(ConstantLoad(rate=10), 1)
    assert len(take_all(feed)) == 10
    assert feed.exhausted
    feed.change_duration(2 * NS_PER_S)
    assert [due_ns for _, due_ns in take_all(feed)] == [number * NS_PER_S // 10 for number in range(10, 20)]


def test_maximum_load_goes_on_after_its_end() -> None:
    feed = open_synthetic(MaxLoad(), 1)
    assert feed.poll(NS_PER_S) is None and feed.exhausted
    feed.change_duration(2 * NS_PER_S)
    assert feed.poll(NS_PER_S) is not None
    assert feed.poll(2 * NS_PER_S) is None


def test_maximum_load_has_no_event_due_after_an_end_that_is_past() -> None:
    feed = open_synthetic(ConstantLoad(rate=10), 1)
    feed.change_load(MaxLoad(), NS_PER_S // 2)
    feed.change_duration(NS_PER_S // 4)
    assert not feed.exhausted
    assert feed.poll(NS_PER_S // 2) is None


def test_made_up_events_cannot_change_to_recorded_times() -> None:
    feed = open_synthetic(ConstantLoad(rate=10), 1)
    with pytest.raises(SourceError, match="no recorded times"):
        feed.change_load(RecordedLoad(), 0)
    assert len(take_all(feed)) == 10


class SlowSupply:
    """A supply that has only the events that the test adds."""

    timed = True
    skipped: Mapping[str, int] = {}
    clamped = 0
    left = 0
    is_read_through = True
    is_counting = False
    failure = ""

    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []
        self.ended = False

    def take(self) -> tuple[str, int] | None:
        return self.events.pop(0) if self.events else None

    def count_rest(self) -> None:
        pass

    def notes(self) -> list[str]:
        return []

    def close(self) -> None:
        pass


def slow_feed(load: Load) -> tuple[SlowSupply, FeedOf[str]]:
    supply = SlowSupply()
    return supply, FeedOf(supply, load, 1, 10 * NS_PER_S, 0)


def test_a_slow_reader_makes_an_event_late_not_lost() -> None:
    supply, feed = slow_feed(ConstantLoad(rate=10))
    assert feed.poll(5) is None
    assert feed.next_due_ns == 5 + UNDERRUN_RETRY_NS
    assert feed.poll(6) is None
    supply.events = [("a", 0), ("b", 0)]
    assert feed.poll(150_000_000) == ("a", 0)
    assert feed.poll(150_000_000) == ("b", 100_000_000)
    assert feed.underruns == 1


def test_waiting_for_the_schedule_is_not_an_underrun() -> None:
    _, feed = slow_feed(StepsLoad(rates=(0, 10), each_s=1))
    assert feed.poll(500_000_000) is None
    assert feed.underruns == 0


def test_the_end_of_the_supply_ends_the_feed_early() -> None:
    supply, feed = slow_feed(ConstantLoad(rate=10))
    supply.ended = True
    assert feed.poll(0) is None
    assert feed.exhausted
    assert feed.ended_early
    assert feed.underruns == 0


def test_a_file_that_ends_before_the_run_gets_a_note() -> None:
    supply, feed = slow_feed(ConstantLoad(rate=10))
    supply.ended = True
    assert feed.poll(NS_PER_S // 2) is None
    assert feed.early_end_note == 'its file ended after 0.5 s of 10: with "loop": true it would start again'


def test_an_end_with_the_run_or_by_a_failure_gets_no_note() -> None:
    supply, feed = slow_feed(ConstantLoad(rate=10))
    supply.ended = True
    assert feed.poll(FAR_NS) is None
    supply, failing = slow_feed(ConstantLoad(rate=10))
    supply.ended, supply.failure = True, "it cannot be read"
    assert failing.poll(0) is None
    assert feed.early_end_note == failing.early_end_note == ""


def test_a_slow_reader_makes_recorded_events_late() -> None:
    supply, feed = slow_feed(RecordedLoad(speed=2))
    supply.events = [("a", 0)]
    assert feed.poll(0) == ("a", 0)
    assert feed.poll(0) is None
    supply.events = [("b", NS_PER_S), ("c", 4 * NS_PER_S)]
    assert feed.poll(600_000_000) == ("b", 500_000_000)
    assert feed.poll(600_000_000) is None
    assert feed.next_due_ns == 2 * NS_PER_S
    assert feed.poll(2 * NS_PER_S) == ("c", 2 * NS_PER_S)


def test_a_change_to_recorded_times_begins_with_the_next_event() -> None:
    supply, feed = slow_feed(MaxLoad())
    supply.events = [("a", 0), ("b", 7 * NS_PER_S), ("c", 8 * NS_PER_S)]
    assert feed.poll(3) == ("a", 3)
    feed.change_load(RecordedLoad(), 1000)
    assert feed.poll(1000) == ("b", 1000)
    assert feed.poll(NS_PER_S) is None
    assert feed.poll(NS_PER_S + 1000) == ("c", NS_PER_S + 1000)


@given(st.sampled_from(LOADS), st.lists(st.integers(0, 3 * NS_PER_S), max_size=40))
def test_the_times_of_polls_do_not_change_the_events(load: Load, polled_ns: list[int]) -> None:
    feed = open_synthetic(load, 2)
    taken: Taken = []
    for now_ns in sorted(polled_ns):
        some = take_all(feed, now_ns)
        assert all(due_ns <= now_ns for _, due_ns in some)
        taken += some
    assert taken + take_all(feed) == take_all(open_synthetic(load, 2))


@given(st.integers(0, 100))
def test_skip_at_max_skips_events_of_the_pool(skip: int) -> None:
    whole, resumed = open_synthetic(MaxLoad()), open_synthetic(MaxLoad(), skip=skip)
    events = [whole.poll(1) for _ in range(skip + 8)]
    assert [resumed.poll(1) for _ in range(8)] == events[skip:]


def test_a_new_load_after_the_end_has_no_events() -> None:
    feed = open_synthetic(ConstantLoad(rate=10), 1)
    take_all(feed)
    for load in (*LOADS, MaxLoad()):
        feed.change_load(load, NS_PER_S)
        assert feed.poll(FAR_NS) is None
        assert feed.exhausted
        assert not feed.ended_early


def test_at_max_each_gap_is_one_underrun_and_the_duration_ends_the_feed() -> None:
    supply, feed = slow_feed(MaxLoad())
    assert [feed.poll(now_ns) for now_ns in (1, 2, 3)] == [None] * 3
    supply.events = [("a", 0)]
    assert feed.poll(4) == ("a", 4)
    assert feed.poll(5) is None
    assert feed.underruns == 2
    assert feed.poll(10 * NS_PER_S) is None
    assert feed.exhausted
    assert not feed.ended_early


def test_an_event_that_waits_for_its_time_is_kept_in_a_change_of_load() -> None:
    supply, feed = slow_feed(RecordedLoad())
    supply.events = [("a", 0), ("b", 5 * NS_PER_S), ("c", 6 * NS_PER_S)]
    assert feed.poll(0) == ("a", 0)
    assert feed.poll(1) is None
    feed.change_load(ConstantLoad(rate=10), 1000)
    assert take_recorded(feed, 2) == [("b", 1000), ("c", 100_001_000)]


def take_recorded(feed: FeedOf[str], count: int) -> list[tuple[str, int] | None]:
    return [feed.poll(NS_PER_S) for _ in range(count)]
