"""Requests with one reply each: the ledger agrees with simulations that know the fate of every request."""

from __future__ import annotations

from hypothesis import given

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
from tests.measure.ledger.reports import handler_counts, ledger_input, ledger_of, listener_counts
from tests.measure.ledger.worlds import ReqWorld, acts


@given(acts(ReqWorld.ACTS))
def test_req_counts_every_request_once(steps: list[tuple[str, int]]) -> None:
    world = ReqWorld()

    def ledger(final: bool) -> HandlerLedger:
        listeners = {"rep": ListenerInput(counts=listener_counts(world.received))}
        return ledger_of(Delivery.REQUEST, handler_counts(world), listeners, final=final)

    for act, choice in steps:
        world.do(act, choice)
        live = ledger(final=False)
        assert (live.lost, live.in_flight, live.problems) == (0, world.requests_in_flight, [])
    world.settle()
    final = ledger(final=True)
    assert (final.lost, final.in_flight, final.problems) == (0, 0, [])
    assert final.listeners["rep"].lost == 0


def test_without_stamps_a_repeated_request_is_not_a_problem() -> None:
    counts = HandlerCounts(offered=2, accepted=2, replied=2, retries=3)
    rep = ListenerInput(counts=ListenerCounts(received=5))
    assert ledger_of(Delivery.REQUEST, counts, {"rep": rep}, final=True).balanced


def test_a_request_arrived_once_if_it_was_replied_to() -> None:
    assert total_received(Delivery.REQUEST, 3, [5]) == total_arrived(Delivery.REQUEST, 3, [5]) == 3


def test_a_request_is_in_flight_until_its_reply() -> None:
    listeners = {"rep": ListenerInput(counts=ListenerCounts(received=4, first=1, highest=4))}
    given_input = ledger_input(
        Delivery.REQUEST, HandlerCounts(offered=4, accepted=4, replied=3, in_flight=1), listeners, final=False
    )
    past = PastTotals(accepted=4.0, received={"rep": 4.0})
    assert live_in_flight(given_input, make_ledger(given_input), past) == 1
