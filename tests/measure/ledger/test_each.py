"""Every listener should get every message: against worlds where the fate of every single message is known."""

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
    TopicSpan,
    TotalsThen,
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


def books_by_fate(world: PubWorld, one: Subscriber, final: bool) -> tuple[int, int, int, int]:
    """Expected, lost, before_join and in_flight, one message at a time."""
    asked_for = [
        seq
        for seq, topic in enumerate(world.messages, 1)
        if any(topic.encode()[: len(p.encode())] == p.encode() for p in one.prefixes)
    ]
    received = set(one.received)
    join = one.join if one.join is not None else len(world.messages)
    before = {s for s in asked_for if s <= join and (not received or s < one.received[0])}
    missing = [s for s in asked_for if s not in received and s not in before]
    lost = [s for s in missing if final or s < max(received, default=0)]
    return len(asked_for), len(lost), len(before), len(missing) - len(lost)


def check_pub(world: PubWorld, final: bool) -> None:
    ledger = pub(world, final)
    assert ledger.problems == []
    assert ledger.balanced
    for name, one in world.listeners.items():
        book = ledger.listeners[name]
        fate = books_by_fate(world, one, final)
        assert (book.expected, book.lost, book.before_join, book.in_flight) == fate
        assert book.expected == book.counts.received + book.lost + book.before_join + book.in_flight
        assert book.balanced
    assert ledger.lost == sum(book.lost for book in ledger.listeners.values())
    assert ledger.in_flight == sum(book.in_flight for book in ledger.listeners.values())


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
def test_pub_is_calm_when_the_handlers_report_is_the_older_one(steps: list[tuple[str, int]], at: int) -> None:
    world = PubWorld(TOPICS, [("a",), ("",)])
    for act, choice in steps[:at]:
        world.do(act, choice)
    counts, spans = handler_counts(world), spans_of(world)
    joins = {name: one.join for name, one in world.listeners.items()}
    for act, choice in steps[at:]:
        # Topics stay as they are: what the handler has not reported yet nobody can know.
        if act != "topic":
            world.do(act, choice)

    listeners = {
        name: msgspec.structs.replace(listener_input(one), join=joins[name]) for name, one in world.listeners.items()
    }
    ledger = ledger_of(Delivery.EACH, counts, listeners, final=False, spans=spans)

    assert ledger.balanced
    for book in ledger.listeners.values():
        assert min(book.lost, book.before_join, book.in_flight) >= 0
        assert book.expected == book.counts.received + book.lost + book.before_join + book.in_flight


@given(acts(PubWorld.ACTS), st.integers(1, 1000))
def test_a_subscriber_that_had_more_than_was_sent_is_reported(steps: list[tuple[str, int]], error: int) -> None:
    world = PubWorld(TOPICS, [("",)])
    at_least_one = [("subscribe", 0), ("offer", 0), ("accept", 0), ("deliver", 0)]
    for act, choice in at_least_one + steps:
        world.do(act, choice)
    world.settle()
    one = listener_input(world.listeners["sub-1"])
    # Joined before the first message, so it missed all that it did not receive.
    missed = len(world.messages) - one.counts.received
    counts = msgspec.structs.replace(one.counts, received=one.counts.received + missed + error)
    wrong = msgspec.structs.replace(one, counts=counts, join=0)

    for final in (False, True):
        ledger = ledger_of(Delivery.EACH, handler_counts(world), {"sub": wrong}, final=final, spans=spans_of(world))
        assert not ledger.balanced
        assert not ledger.listeners["sub"].balanced
        assert ledger.lost < 0
        assert ledger.problems[0].startswith("sub: received ")


def test_a_subscriber_ahead_of_its_handlers_report_has_lost_only_what_is_known() -> None:
    counts = HandlerCounts(offered=100, accepted=100)
    spans = [TopicSpan("t", 1)]

    def book(received: int, first: int, highest: int) -> ListenerLedger:
        one = ListenerInput(counts=ListenerCounts(received=received, first=first, highest=highest), join=10)
        ledger = ledger_of(Delivery.EACH, counts, {"sub": one}, final=False, spans=spans)
        assert ledger.balanced
        return ledger.listeners["sub"]

    def fate(book: ListenerLedger) -> tuple[int, int, int, int]:
        return book.expected, book.before_join, book.lost, book.in_flight

    assert fate(book(received=120, first=11, highest=130)) == (130, 10, 0, 0)
    # Number 130 was sent, so 60 of 11 to 130 are missing, whatever the older report says.
    assert fate(book(received=60, first=11, highest=130)) == (130, 10, 60, 0)
    assert fate(book(received=5, first=111, highest=115)) == (100, 10, 85, 0)
    # Far off: a stamp that was damaged on its way.
    assert fate(book(received=50, first=11, highest=2**62)) == (100, 10, 40, 0)


def off(received: int, accepted: int, join: int | None, final: bool) -> ListenerLedger:
    """The book of a listener that can only count messages."""
    one = ListenerInput(counts=ListenerCounts(received=received), join=join)
    counts = HandlerCounts(offered=accepted, accepted=accepted)
    ledger = ledger_of(Delivery.EACH, counts, {"sub": one}, final=final, spans=[TopicSpan("t", 1)])
    book = ledger.listeners["sub"]
    assert book.expected == book.counts.received + book.lost + book.before_join + book.in_flight
    return book


def test_without_stamps_the_same_sums_hold() -> None:
    assert (off(90, 100, 4, final=True).before_join, off(90, 100, 4, final=True).lost) == (4, 6)
    # The subscription took effect two messages before the handler saw it.
    assert (off(98, 100, 4, final=True).before_join, off(98, 100, 4, final=True).lost) == (2, 0)
    assert off(90, 100, None, final=True).lost == 10
    assert off(0, 100, None, final=True).before_join == 100
    assert (off(90, 100, 4, final=False).lost, off(90, 100, 4, final=False).in_flight) == (0, 6)
    assert off(105, 100, 0, final=False).balanced
    assert off(105, 100, 0, final=True).lost == -5
    assert not off(105, 100, 0, final=True).balanced


def test_a_topic_that_was_not_asked_for_is_not_missed() -> None:
    one = ListenerInput(counts=ListenerCounts(), prefixes=("b",), join=0)
    counts = HandlerCounts(offered=50, accepted=50)
    ledger = ledger_of(Delivery.EACH, counts, {"sub": one}, final=True, spans=[TopicSpan("a", 1)])
    assert (ledger.lost, ledger.listeners["sub"].expected, ledger.balanced) == (0, 0, True)


def test_what_is_known_to_be_lost_is_not_found_again_when_the_listeners_report_is_the_younger_one() -> None:
    counts = HandlerCounts(offered=1000, accepted=1000)

    def lost(received: int, highest: int) -> int:
        one = ListenerInput(counts=ListenerCounts(received=received, first=1, highest=highest), join=0)
        return ledger_of(Delivery.EACH, counts, {"sub": one}, final=False, spans=[TopicSpan("t", 1)]).lost

    assert [lost(900, 1000), lost(1000, 1100), lost(1050, 1200)] == [100, 100, 150]


@given(acts(PubWorld.ACTS))
def test_with_all_reports_of_one_moment_the_live_figure_is_the_ledgers(steps: list[tuple[str, int]]) -> None:
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
    received_then = {name: float(one.counts.received) for name, one in given_input.listeners.items()}
    then = TotalsThen(accepted=given_input.counts.accepted, received=received_then)

    ledger = make_ledger(given_input)

    assert live_in_flight(given_input, ledger, then) == ledger.in_flight


def test_what_a_handler_sent_since_the_oldest_report_is_not_on_the_way() -> None:
    one = ListenerInput(counts=ListenerCounts(received=90, first=1, highest=90), join=0)
    given_input = ledger_input(
        Delivery.EACH,
        HandlerCounts(offered=150, accepted=150),
        {"sub": one},
        final=False,
        spans=[TopicSpan("t", 1)],
    )
    then = TotalsThen(accepted=100.0, received={"sub": 90.0})
    assert live_in_flight(given_input, make_ledger(given_input), then) == 10


def test_a_message_counts_at_each_listener_and_arrived_once() -> None:
    assert total_received(Delivery.EACH, 0, [7, 5]) == 12
    assert total_arrived(Delivery.EACH, 0, [7, 5]) == 7
    assert total_received(Delivery.EACH, 0, []) == total_arrived(Delivery.EACH, 0, []) == 0
