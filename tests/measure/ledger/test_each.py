"""Every listener should get every message: the ledger agrees with simulations that know the fate of every message."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.ledger import (
    HandlerCounts,
    HandlerLedger,
    ListenerCounts,
    ListenerInput,
    ListenerLedger,
    PastTotals,
    TopicSpan,
    live_in_flight,
    make_ledger,
    total_arrived,
    total_received,
)
from bench_app.model import Delivery
from tests.measure.ledger.reports import handler_counts, ledger_input, ledger_of, listener_input, spans_of
from tests.measure.ledger.worlds import PubWorld, Subscriber, acts

TOPICS = ("a", "a.b", "ab", "b", "é")


def pub(world: PubWorld, final: bool = False) -> HandlerLedger:
    listeners = {name: listener_input(one) for name, one in world.listeners.items()}
    return ledger_of(Delivery.EACH, handler_counts(world), listeners, final=final, spans=spans_of(world))


def expected_ledger(world: PubWorld, one: Subscriber, final: bool) -> tuple[int, int, int, int]:
    """Expected, lost, before_join and in_flight of a listener, counted message by message."""
    subscribed = [
        seq
        for seq, topic in enumerate(world.messages, 1)
        if any(topic.encode()[: len(p.encode())] == p.encode() for p in one.prefixes)
    ]
    received = set(one.received)
    join = one.join if one.join is not None else len(world.messages)
    before = {s for s in subscribed if s <= join and (not received or s < one.received[0])}
    missing = [s for s in subscribed if s not in received and s not in before]
    lost = [s for s in missing if final or s < max(received, default=0)]
    return len(subscribed), len(lost), len(before), len(missing) - len(lost)


def check_pub(world: PubWorld, final: bool) -> None:
    ledger = pub(world, final)
    assert ledger.problems == []
    assert ledger.balanced
    for name, one in world.listeners.items():
        found = ledger.listeners[name]
        fate = expected_ledger(world, one, final)
        assert (found.expected, found.lost, found.before_join, found.in_flight) == fate
        assert found.expected == found.counts.received + found.lost + found.before_join + found.in_flight
        assert found.balanced
    assert ledger.lost == sum(found.lost for found in ledger.listeners.values())
    assert ledger.in_flight == sum(found.in_flight for found in ledger.listeners.values())


@given(acts(PubWorld.ACTS), st.lists(st.lists(st.sampled_from(TOPICS), max_size=2), max_size=3))
def test_pub_counts_every_message_once(steps: list[tuple[str, int]], prefixes: list[list[str]]) -> None:
    world = PubWorld(TOPICS, [tuple(each) for each in prefixes])
    for act, choice in steps:
        world.do(act, choice)
        check_pub(world, final=False)
    world.settle()
    check_pub(world, final=False)
    check_pub(world, final=True)


@given(acts(PubWorld.ACTS), st.integers(0, 150))
def test_pub_reports_no_problem_if_the_handlers_report_is_older(steps: list[tuple[str, int]], at: int) -> None:
    world = PubWorld(TOPICS, [("a",), ("",)])
    for act, choice in steps[:at]:
        world.do(act, choice)
    counts, spans = handler_counts(world), spans_of(world)
    joins = {name: one.join for name, one in world.listeners.items()}
    for act, choice in steps[at:]:
        # The topic does not change here, because the ledger cannot know a topic that is not reported yet.
        if act != "topic":
            world.do(act, choice)

    listeners = {
        name: msgspec.structs.replace(listener_input(one), join=joins[name]) for name, one in world.listeners.items()
    }
    ledger = ledger_of(Delivery.EACH, counts, listeners, final=False, spans=spans)

    assert ledger.balanced
    for found in ledger.listeners.values():
        assert min(found.lost, found.before_join, found.in_flight) >= 0
        assert found.expected == found.counts.received + found.lost + found.before_join + found.in_flight


@given(acts(PubWorld.ACTS), st.integers(1, 1000))
def test_a_subscriber_with_more_messages_than_were_sent_is_reported(steps: list[tuple[str, int]], error: int) -> None:
    world = PubWorld(TOPICS, [("",)])
    at_least_one = [("subscribe", 0), ("offer", 0), ("accept", 0), ("deliver", 0)]
    for act, choice in at_least_one + steps:
        world.do(act, choice)
    world.settle()
    one = listener_input(world.listeners["sub-1"])
    # The subscriber joined before the first message, so every message that it did not receive is missed.
    missed = len(world.messages) - one.counts.received
    counts = msgspec.structs.replace(one.counts, received=one.counts.received + missed + error)
    wrong = msgspec.structs.replace(one, counts=counts, join=0)

    for final in (False, True):
        ledger = ledger_of(Delivery.EACH, handler_counts(world), {"sub": wrong}, final=final, spans=spans_of(world))
        assert not ledger.balanced
        assert not ledger.listeners["sub"].balanced
        assert ledger.lost < 0
        assert ledger.problems[0].startswith("sub: received ")


def test_a_subscriber_ahead_of_the_handlers_report_has_only_its_known_losses() -> None:
    counts = HandlerCounts(offered=100, accepted=100)
    spans = [TopicSpan("t", 1)]

    def ledger_of_one(received: int, first: int, highest: int) -> ListenerLedger:
        one = ListenerInput(counts=ListenerCounts(received=received, first=first, highest=highest), join=10)
        ledger = ledger_of(Delivery.EACH, counts, {"sub": one}, final=False, spans=spans)
        assert ledger.balanced
        return ledger.listeners["sub"]

    def fate(found: ListenerLedger) -> tuple[int, int, int, int]:
        return found.expected, found.before_join, found.lost, found.in_flight

    assert fate(ledger_of_one(received=120, first=11, highest=130)) == (130, 10, 0, 0)
    # Number 130 was sent, so 60 of 11 to 130 are missing, although the handler's report is older.
    assert fate(ledger_of_one(received=60, first=11, highest=130)) == (130, 10, 60, 0)
    assert fate(ledger_of_one(received=5, first=111, highest=115)) == (100, 10, 85, 0)
    # A number far too high comes from a damaged stamp.
    assert fate(ledger_of_one(received=50, first=11, highest=2**62)) == (100, 10, 40, 0)


def without_stamps(received: int, accepted: int, join: int | None, final: bool) -> ListenerLedger:
    """The ledger of a listener that gets no stamps, so it only counts messages."""
    one = ListenerInput(counts=ListenerCounts(received=received), join=join)
    counts = HandlerCounts(offered=accepted, accepted=accepted)
    ledger = ledger_of(Delivery.EACH, counts, {"sub": one}, final=final, spans=[TopicSpan("t", 1)])
    found = ledger.listeners["sub"]
    assert found.expected == found.counts.received + found.lost + found.before_join + found.in_flight
    return found


def test_without_stamps_the_same_sums_hold() -> None:
    assert (without_stamps(90, 100, 4, final=True).before_join, without_stamps(90, 100, 4, final=True).lost) == (4, 6)
    # The subscription was in effect two messages before the handler saw it.
    assert (without_stamps(98, 100, 4, final=True).before_join, without_stamps(98, 100, 4, final=True).lost) == (2, 0)
    assert without_stamps(90, 100, None, final=True).lost == 10
    assert without_stamps(0, 100, None, final=True).before_join == 100
    assert (without_stamps(90, 100, 4, final=False).lost, without_stamps(90, 100, 4, final=False).in_flight) == (0, 6)
    assert without_stamps(105, 100, 0, final=False).balanced
    assert without_stamps(105, 100, 0, final=True).lost == -5
    assert not without_stamps(105, 100, 0, final=True).balanced


def test_a_topic_without_a_subscription_is_not_missed() -> None:
    one = ListenerInput(counts=ListenerCounts(), prefixes=("b",), join=0)
    counts = HandlerCounts(offered=50, accepted=50)
    ledger = ledger_of(Delivery.EACH, counts, {"sub": one}, final=True, spans=[TopicSpan("a", 1)])
    assert (ledger.lost, ledger.listeners["sub"].expected, ledger.balanced) == (0, 0, True)


def test_a_known_loss_stays_known_if_the_listeners_report_is_newer() -> None:
    counts = HandlerCounts(offered=1000, accepted=1000)

    def lost(received: int, highest: int) -> int:
        one = ListenerInput(counts=ListenerCounts(received=received, first=1, highest=highest), join=0)
        return ledger_of(Delivery.EACH, counts, {"sub": one}, final=False, spans=[TopicSpan("t", 1)]).lost

    assert [lost(900, 1000), lost(1000, 1100), lost(1050, 1200)] == [100, 100, 150]


@given(acts(PubWorld.ACTS))
def test_with_reports_of_one_moment_live_in_flight_is_that_of_the_ledger(steps: list[tuple[str, int]]) -> None:
    world = PubWorld(TOPICS, [("a",), ("",)])
    for act, choice in steps:
        world.do(act, choice)
    given_input = ledger_input(
        Delivery.EACH,
        handler_counts(world),
        {name: listener_input(one) for name, one in world.listeners.items()},
        final=False,
        spans=spans_of(world),
    )
    past_received = {name: float(one.counts.received) for name, one in given_input.listeners.items()}
    past = PastTotals(accepted=given_input.counts.accepted, received=past_received)

    ledger = make_ledger(given_input)

    assert live_in_flight(given_input, ledger, past) == ledger.in_flight


def test_messages_sent_since_the_oldest_report_are_not_in_flight() -> None:
    one = ListenerInput(counts=ListenerCounts(received=90, first=1, highest=90), join=0)
    given_input = ledger_input(
        Delivery.EACH,
        HandlerCounts(offered=150, accepted=150),
        {"sub": one},
        final=False,
        spans=[TopicSpan("t", 1)],
    )
    past = PastTotals(accepted=100.0, received={"sub": 90.0})
    assert live_in_flight(given_input, make_ledger(given_input), past) == 10


def test_a_message_is_received_once_per_listener_and_arrives_once() -> None:
    assert total_received(Delivery.EACH, 0, [7, 5]) == 12
    assert total_arrived(Delivery.EACH, 0, [7, 5]) == 7
    assert total_received(Delivery.EACH, 0, []) == total_arrived(Delivery.EACH, 0, []) == 0
