"""The delivery alone selects the rules of the ledger."""

from __future__ import annotations

import pytest

from bench_app.measure.ledger import (
    HandlerCounts,
    LedgerInput,
    ListenerCounts,
    ListenerInput,
    PastTotals,
    TopicSpan,
    live_in_flight,
    make_ledger,
    total_arrived,
    total_received,
)
from bench_app.model import Delivery

COUNTS = HandlerCounts(offered=10, accepted=10, replied=7, request_timeout=3)
LISTENERS = {
    "a": ListenerInput(counts=ListenerCounts(received=6, first=1, highest=9), join=0),
    "b": ListenerInput(counts=ListenerCounts(received=2, first=2, highest=10), join=0),
}


def an_input(delivery: Delivery) -> LedgerInput:
    return LedgerInput(delivery=delivery, counts=COUNTS, listeners=LISTENERS, final=True, spans=[TopicSpan("t", 1)])


@pytest.mark.parametrize(
    ("delivery", "lost"), [(Delivery.EACH, 4 + 8), (Delivery.SHARED, 10 - 6 - 2), (Delivery.REQUEST, 0)]
)
def test_losses_depend_on_the_delivery(delivery: Delivery, lost: int) -> None:
    ledger = make_ledger(an_input(delivery))
    assert (ledger.delivery, ledger.lost, ledger.balanced) == (delivery, lost, True)


@pytest.mark.parametrize(
    ("delivery", "received", "arrived"),
    [(Delivery.EACH, 8, 6), (Delivery.SHARED, 8, 8), (Delivery.REQUEST, 7, 7)],
)
def test_received_and_arrived_depend_on_the_delivery(delivery: Delivery, received: int, arrived: int) -> None:
    by_listener = [one.counts.received for one in LISTENERS.values()]
    assert total_received(delivery, COUNTS.replied, by_listener) == received
    assert total_arrived(delivery, COUNTS.replied, by_listener) == arrived


@pytest.mark.parametrize("delivery", Delivery)
def test_no_message_is_in_flight_when_the_run_is_over(delivery: Delivery) -> None:
    given = an_input(delivery)
    past = PastTotals(accepted=8.0, received={"a": 6.0, "b": 2.0})
    assert live_in_flight(given, make_ledger(given), past) == 0
