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


def test_received_is_the_sum_over_listeners_that_share() -> None:
    assert total_received(Delivery.SHARED, 0, [7, 5]) == total_arrived(Delivery.SHARED, 0, [7, 5]) == 12
