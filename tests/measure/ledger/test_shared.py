"""Listeners that share the messages: the ledger agrees with simulations that know the fate of every message."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.ledger import (
    HandlerCounts,
    HandlerLedger,
    ListenerCounts,
    ListenerInput,
    PastTotals,
    live_in_flight,
    make_ledger,
    total_arrived,
    total_received,
)
from bench_app.model import Delivery
from tests.measure.ledger.reports import handler_counts, ledger_input, ledger_of, listener_counts, one_problem
from tests.measure.ledger.worlds import PushWorld, acts


@given(acts(PushWorld.ACTS), st.integers(1, 3))
def test_push_counts_every_message_once(steps: list[tuple[str, int]], pulls: int) -> None:
    world = PushWorld(pulls)

    def ledger(final: bool) -> HandlerLedger:
        listeners = {name: ListenerInput(counts=listener_counts(seqs)) for name, seqs in world.received.items()}
        return ledger_of(Delivery.SHARED, handler_counts(world), listeners, final=final)

    for act, choice in steps:
        world.do(act, choice)
        live = ledger(final=False)
        # Before the end, a message in flight and a lost message look the same.
        assert (live.lost, live.in_flight) == (0, len(world.on_the_way) + world.lost_on_the_way)
        assert live.balanced
    world.settle()
    final = ledger(final=True)
    assert (final.lost, final.in_flight, final.problems) == (world.lost_on_the_way, 0, [])
    assert {one.lost for one in final.listeners.values()} == {0}


def test_a_wrong_number_of_push_is_distinguished_from_a_newer_report() -> None:
    five = HandlerCounts(offered=5, accepted=5)
    one_problem(Delivery.SHARED, five, final=False, pull=ListenerCounts(received=7, first=1, highest=5))
    newer = {"pull": ListenerInput(counts=ListenerCounts(received=7, first=1, highest=7))}
    ledger = ledger_of(Delivery.SHARED, five, newer, final=False)
    assert (ledger.balanced, ledger.lost, ledger.in_flight) == (True, 0, 0)
    # At the end all reports have come, so the difference is a problem.
    assert ledger_of(Delivery.SHARED, five, newer, final=True).lost == -2


@given(acts(PushWorld.ACTS), st.integers(0, 150))
def test_live_in_flight_is_that_of_the_oldest_report(steps: list[tuple[str, int]], at: int) -> None:
    world = PushWorld(2)
    for act, choice in steps[:at]:
        world.do(act, choice)
    on_the_way = len(world.on_the_way) + world.lost_on_the_way
    past = PastTotals(
        accepted=len(world.messages), received={name: len(set(seqs)) for name, seqs in world.received.items()}
    )
    for act, choice in steps[at:]:
        world.do(act, choice)
    listeners = {name: ListenerInput(counts=listener_counts(seqs)) for name, seqs in world.received.items()}
    given_input = ledger_input(Delivery.SHARED, handler_counts(world), listeners, final=False)
    assert live_in_flight(given_input, make_ledger(given_input), past) == on_the_way


@given(st.lists(st.integers(0, 7), max_size=60), st.data())
def test_messages_that_several_listeners_received_are_counted_once(fates: list[int], data: st.DataObject) -> None:
    """The bits of a message's fate are the three listeners that received it."""
    got = {str(bit): [n for n, fate in enumerate(fates, 1) if fate >> bit & 1] for bit in range(3)}
    union: set[int] = set()
    listeners = {}
    for name, numbers in got.items():
        listeners[name] = ListenerInput(counts=listener_counts(numbers), repeated=len(union & set(numbers)))
        union |= set(numbers)
    handler = HandlerCounts(offered=len(fates), accepted=len(fates))
    ledger = ledger_of(Delivery.SHARED, handler, listeners, final=True)
    assert ledger.balanced, ledger.problems
    assert ledger.lost == fates.count(0)
    counts = [one.counts for one in ledger.listeners.values()]
    assert sum(one.received for one in counts) == len(fates) - fates.count(0)
    assert sum(one.duplicates for one in counts) == sum(map(len, got.values())) - len(union)

    unknown = data.draw(st.sets(st.sampled_from(sorted(got)), min_size=1))
    known_union: set[int] = set()
    for name, numbers in got.items():
        repeated = None if name in unknown else len(known_union & set(numbers))
        known_union |= set() if name in unknown else set(numbers)
        listeners[name] = ListenerInput(counts=listener_counts(numbers), repeated=repeated)
    fallback = ledger_of(Delivery.SHARED, handler, listeners, final=True)
    received = sum(one.counts.received for one in fallback.listeners.values())
    assert fallback.balanced, fallback.problems
    assert received + fallback.lost == len(fates)
    assert 0 <= fallback.lost <= fates.count(0)
    live = ledger_of(Delivery.SHARED, handler, listeners, final=False)
    assert live.balanced and live.in_flight >= len(fates) - max(union, default=0)


def test_without_stamps_a_surplus_stays_a_problem() -> None:
    listeners = {name: ListenerInput(counts=ListenerCounts(received=4), repeated=None) for name in "ab"}
    ledger = ledger_of(Delivery.SHARED, HandlerCounts(offered=5, accepted=5), listeners, final=True)
    assert (ledger.balanced, ledger.lost) == (False, -3)


def test_received_is_the_sum_over_listeners_that_share() -> None:
    assert total_received(Delivery.SHARED, 0, [7, 5]) == total_arrived(Delivery.SHARED, 0, [7, 5]) == 12
