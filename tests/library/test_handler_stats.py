"""The counters of a library handler: their sums."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench_app.library.handler_stats import HandlerStats, OutputCounters
from bench_app.measure.counters import HandlerSlot
from tests.library.ends import balanced


def counters(offered: int = 0, accepted: int = 0, overflow: int = 0) -> OutputCounters:
    made = OutputCounters()
    made.slots[HandlerSlot.OFFERED] = offered
    made.slots[HandlerSlot.ACCEPTED] = accepted
    made.slots[HandlerSlot.QUEUE_OVERFLOW] = overflow
    return made


def test_queued_events_are_neither_accepted_nor_lost() -> None:
    made = counters(offered=10, accepted=4, overflow=1)
    assert (made.accepted, made.queued) == (4, 5)


def test_an_event_offered_to_a_stopped_handler_is_aborted() -> None:
    made = counters(offered=10, accepted=10)
    made.abort_one()
    stats = made.stats(0, 0)
    assert (stats.offered, stats.aborted, stats.queued) == (11, 1, 0)


def test_an_event_that_was_counted_and_never_queued_is_aborted() -> None:
    made = counters(offered=5, accepted=2)
    made.balance(queued=2)
    stats = made.stats(0, 0)
    assert (stats.aborted, stats.queued) == (1, 2)
    made.balance(queued=2)
    assert made.stats(0, 0) == stats


@given(st.lists(st.integers(0, 1000), min_size=len(HandlerSlot), max_size=len(HandlerSlot)))
def test_the_stats_have_every_counter_but_attempts_and_balance(numbers: list[int]) -> None:
    made = OutputCounters()
    for slot, number in zip(HandlerSlot, numbers, strict=True):
        made.slots[slot] = number
    # The ledger is read only between two events, so no more events are lost or accepted than were offered.
    made.slots[HandlerSlot.OFFERED] += sum(numbers)
    stats = made.stats(in_flight=3, lost=7)
    assert balanced(stats)
    assert (stats.in_flight, stats.lost) == (3, 7)
    names = {slot.name.lower() for slot in HandlerSlot} - {"attempted", "by_hand"}
    assert names | {"queued", "in_flight", "lost"} == set(HandlerStats.__struct_fields__)
    assert {name: getattr(stats, name) for name in names} == {
        slot.name.lower(): made.slots[slot]
        for slot in HandlerSlot
        if slot not in (HandlerSlot.ATTEMPTED, HandlerSlot.BY_HAND)
    }


def test_the_counts_are_plain_data() -> None:
    plain = OutputCounters().stats(in_flight=1, lost=2).as_dict()
    assert (plain["offered"], plain["in_flight"], plain["lost"]) == (0, 1, 2)
    assert set(plain) == set(HandlerStats.__struct_fields__)
