"""Numbers that cannot be true are reported, and unknown arrivals are not reported as losses."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.ledger import HandlerCounts, ListenerCounts
from bench_app.model import Delivery
from tests.measure.ledger.reports import handler_counts, ledger_of, one_problem
from tests.measure.ledger.worlds import PushWorld, acts

HANDLER_FIELDS = ("offered", "queue_overflow", "send_timeout", "aborted", "accepted", "queued")


@given(
    acts(PushWorld.ACTS),
    st.sampled_from(HANDLER_FIELDS),
    st.integers(1, 1000),
    st.sampled_from([Delivery.EACH, Delivery.SHARED]),
)
def test_a_wrong_counter_of_a_handler_is_reported(
    steps: list[tuple[str, int]], field: str, error: int, delivery: Delivery
) -> None:
    world = PushWorld(1)
    for act, choice in steps:
        world.do(act, choice)
    counts = handler_counts(world)
    wrong = msgspec.structs.replace(counts, **{field: getattr(counts, field) + error})

    ledger = ledger_of(delivery, wrong, {}, final=False)

    assert not ledger.balanced
    assert len(ledger.problems) == 1
    assert f", {error} " in ledger.problems[0]


def test_a_problem_names_the_amount() -> None:
    assert one_problem(Delivery.SHARED, HandlerCounts(offered=10, accepted=7)) == (
        "offered is 10, 3 more than queue_overflow + send_timeout + aborted + queued + accepted = 7"
    )
    assert one_problem(Delivery.REQUEST, HandlerCounts(offered=5, accepted=5, replied=6)) == (
        "accepted is 5, 1 less than replied + request_timeout + in_flight = 6"
    )
    assert one_problem(Delivery.REQUEST, HandlerCounts(offered=5, accepted=5, replied=4, in_flight=1)) == (
        "1 requests are still in flight at the end"
    )
    assert one_problem(Delivery.EACH, HandlerCounts(offered=5, accepted=4, queued=1)) == (
        "1 events are still queued at the end"
    )
    five = HandlerCounts(offered=5, accepted=5)
    assert one_problem(Delivery.EACH, five, sub=ListenerCounts(received=3, first=1, highest=9)) == (
        "sub: received sequence number 9, but only 5 were accepted"
    )
    assert one_problem(Delivery.EACH, five, sub=ListenerCounts(received=6, first=1, highest=5)).startswith(
        "sub: received 6 "
    )
    assert one_problem(
        Delivery.SHARED,
        five,
        one=ListenerCounts(received=3, first=1, highest=5),
        two=ListenerCounts(received=4, first=2, highest=4),
    ) == ("the listeners together received 2 messages more than the 5 accepted")
    answered = HandlerCounts(offered=5, accepted=5, replied=5)
    assert one_problem(Delivery.REQUEST, answered, rep=ListenerCounts(received=6, first=1, highest=5)) == (
        "rep: received 6 distinct messages, but only 5 were accepted"
    )


@pytest.mark.parametrize("delivery", Delivery)
def test_without_listeners_nothing_is_known_to_be_lost(delivery: Delivery) -> None:
    counts = HandlerCounts(offered=9, accepted=9, replied=9)
    for final in (False, True):
        ledger = ledger_of(delivery, counts, {}, final=final)
        assert (ledger.lost, ledger.in_flight, ledger.balanced, ledger.listeners) == (0, 0, True, {})


@pytest.mark.parametrize(("delivery", "lost"), [(Delivery.EACH, 9), (Delivery.SHARED, 9), (Delivery.REQUEST, 0)])
def test_without_any_connection_all_messages_are_lost(delivery: Delivery, lost: int) -> None:
    counts = HandlerCounts(offered=9, accepted=9, request_timeout=9)
    assert ledger_of(delivery, counts, {}, final=True, never_connected=True).lost == lost
    assert ledger_of(delivery, counts, {}, final=False, never_connected=True).lost == 0
