"""The ledger against worlds where the fate of every single message is known."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.ledger import (
    HandlerCounts,
    HandlerLedger,
    ListenerCounts,
    ListenerInput,
    ListenerLedger,
    TopicSpan,
    expected,
    expected_up_to,
    make_ledger,
)
from tests.measure.worlds import PubWorld, PushWorld, ReqWorld, Subscriber, acts

TOPICS = ("a", "a.b", "ab", "b", "é")


def pub(world: PubWorld, final: bool = False) -> HandlerLedger:
    listeners = {name: listener_input(one) for name, one in world.listeners.items()}
    return make_ledger("PUB", handler_counts(world), listeners, final=final, spans=spans_of(world))


def handler_counts(world: PubWorld | PushWorld | ReqWorld) -> HandlerCounts:
    return HandlerCounts(
        offered=world.offered,
        queue_overflow=world.queue_overflow,
        send_timeout=world.send_timeout,
        aborted=world.aborted,
        accepted=len(world.messages),
        replied=world.replied,
        request_timeout=world.request_timeout,
        queued=world.queued,
        in_flight=world.requests_in_flight,
    )


def listener_counts(received: list[int]) -> ListenerCounts:
    distinct = set(received)
    return ListenerCounts(
        received=len(distinct),
        duplicates=len(received) - len(distinct),
        first=received[0] if received else 0,
        highest=max(received, default=0),
    )


def listener_input(one: Subscriber) -> ListenerInput:
    return ListenerInput(counts=listener_counts(one.received), prefixes=one.prefixes, join=one.join)


def spans_of(world: PubWorld) -> list[TopicSpan]:
    return [TopicSpan(topic, first) for topic, first in world.spans]


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
    ledger = make_ledger("PUB", counts, listeners, final=False, spans=spans)

    assert ledger.balanced
    for book in ledger.listeners.values():
        assert min(book.lost, book.before_join, book.in_flight) >= 0
        assert book.expected == book.counts.received + book.lost + book.before_join + book.in_flight


@given(acts(PushWorld.ACTS), st.integers(1, 3))
def test_push_counts_every_message_once(steps: list[tuple[str, int]], pulls: int) -> None:
    world = PushWorld(pulls)

    def ledger(final: bool) -> HandlerLedger:
        listeners = {name: ListenerInput(counts=listener_counts(seqs)) for name, seqs in world.received.items()}
        return make_ledger("PUSH", handler_counts(world), listeners, final=final)

    for act, choice in steps:
        world.do(act, choice)
        live = ledger(final=False)
        # A message on its way and one that fell off it look the same until all is over.
        assert (live.lost, live.in_flight) == (0, len(world.on_the_way) + world.fallen_off)
        assert live.balanced
    world.settle()
    final = ledger(final=True)
    assert (final.lost, final.in_flight, final.problems) == (world.fallen_off, 0, [])
    assert {book.lost for book in final.listeners.values()} == {0}


@given(acts(ReqWorld.ACTS))
def test_req_counts_every_request_once(steps: list[tuple[str, int]]) -> None:
    world = ReqWorld()

    def ledger(final: bool) -> HandlerLedger:
        listeners = {"rep": ListenerInput(counts=listener_counts(world.received))}
        return make_ledger("REQ", handler_counts(world), listeners, final=final)

    for act, choice in steps:
        world.do(act, choice)
        live = ledger(final=False)
        assert (live.lost, live.in_flight, live.problems) == (0, world.requests_in_flight, [])
    world.settle()
    final = ledger(final=True)
    assert (final.lost, final.in_flight, final.problems) == (0, 0, [])
    assert final.listeners["rep"].lost == 0


HANDLER_FIELDS = ("offered", "queue_overflow", "send_timeout", "aborted", "accepted", "queued")


@given(acts(PushWorld.ACTS), st.sampled_from(HANDLER_FIELDS), st.integers(1, 1000), st.sampled_from(["PUB", "PUSH"]))
def test_a_handler_book_that_is_off_is_reported(
    steps: list[tuple[str, int]], field: str, error: int, socket_type: str
) -> None:
    world = PushWorld(1)
    for act, choice in steps:
        world.do(act, choice)
    counts = handler_counts(world)
    wrong = msgspec.structs.replace(counts, **{field: getattr(counts, field) + error})

    ledger = make_ledger(socket_type, wrong, {}, final=False)

    assert not ledger.balanced
    assert len(ledger.problems) == 1
    assert f", {error} " in ledger.problems[0]


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
        ledger = make_ledger("PUB", handler_counts(world), {"sub": wrong}, final=final, spans=spans_of(world))
        assert not ledger.balanced
        assert not ledger.listeners["sub"].balanced
        assert ledger.lost < 0
        assert ledger.problems[0].startswith("sub: received ")


def one_problem(socket_type: str, counts: HandlerCounts, final: bool = True, **listeners: ListenerCounts) -> str:
    inputs = {name: ListenerInput(counts=each, join=0) for name, each in listeners.items()}
    spans = [TopicSpan("t", 1)]
    ledger = make_ledger(socket_type, counts, inputs, final=final, spans=spans)
    assert not ledger.balanced
    assert len(ledger.problems) == 1, ledger.problems
    return ledger.problems[0]


def test_problems_are_sentences_with_the_amount() -> None:
    assert one_problem("PUSH", HandlerCounts(offered=10, accepted=7)) == (
        "offered is 10, 3 more than queue_overflow + send_timeout + aborted + queued + accepted = 7"
    )
    assert one_problem("REQ", HandlerCounts(offered=5, accepted=5, replied=6)) == (
        "accepted is 5, 1 less than replied + request_timeout + in_flight = 6"
    )
    assert one_problem("REQ", HandlerCounts(offered=5, accepted=5, replied=4, in_flight=1)) == (
        "1 requests are still in flight at the end"
    )
    assert one_problem("PUB", HandlerCounts(offered=5, accepted=4, queued=1)) == (
        "1 events are still queued at the end"
    )
    five = HandlerCounts(offered=5, accepted=5)
    assert one_problem("PUB", five, sub=ListenerCounts(received=3, first=1, highest=9)) == (
        "sub: received sequence number 9, but only 5 were accepted"
    )
    assert one_problem("PUB", five, sub=ListenerCounts(received=6, first=1, highest=5)).startswith("sub: received 6 ")
    assert one_problem(
        "PUSH",
        five,
        one=ListenerCounts(received=3, first=1, highest=5),
        two=ListenerCounts(received=4, first=2, highest=4),
    ) == ("the listeners together received 2 messages more than the 5 accepted")
    answered = HandlerCounts(offered=5, accepted=5, replied=5)
    assert one_problem("REQ", answered, rep=ListenerCounts(received=6, first=1, highest=5)) == (
        "rep: received 6 distinct messages, but only 5 were accepted"
    )


def test_a_live_disagreement_of_push_is_told_from_a_younger_report() -> None:
    five = HandlerCounts(offered=5, accepted=5)
    one_problem("PUSH", five, final=False, pull=ListenerCounts(received=7, first=1, highest=5))
    younger = {"pull": ListenerInput(counts=ListenerCounts(received=7, first=1, highest=7))}
    ledger = make_ledger("PUSH", five, younger, final=False)
    assert (ledger.balanced, ledger.lost, ledger.in_flight) == (True, 0, 0)
    # At the end there is no younger report.
    assert make_ledger("PUSH", five, younger, final=True).lost == -2


def test_a_subscriber_ahead_of_its_handlers_report_has_lost_only_what_is_known() -> None:
    counts = HandlerCounts(offered=100, accepted=100)
    spans = [TopicSpan("t", 1)]

    def book(received: int, first: int, highest: int) -> ListenerLedger:
        one = ListenerInput(counts=ListenerCounts(received=received, first=first, highest=highest), join=10)
        ledger = make_ledger("PUB", counts, {"sub": one}, final=False, spans=spans)
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


@pytest.mark.parametrize("socket_type", ["PUB", "PUSH", "REQ"])
def test_without_listeners_nothing_is_known_to_be_lost(socket_type: str) -> None:
    counts = HandlerCounts(offered=9, accepted=9, replied=9)
    for final in (False, True):
        ledger = make_ledger(socket_type, counts, {}, final=final)
        assert (ledger.lost, ledger.in_flight, ledger.balanced, ledger.listeners) == (0, 0, True, {})


@pytest.mark.parametrize(("socket_type", "lost"), [("PUB", 9), ("PUSH", 9), ("REQ", 0)])
def test_without_anyone_ever_connected_all_is_lost(socket_type: str, lost: int) -> None:
    counts = HandlerCounts(offered=9, accepted=9, request_timeout=9)
    assert make_ledger(socket_type, counts, {}, final=True, never_connected=True).lost == lost
    assert make_ledger(socket_type, counts, {}, final=False, never_connected=True).lost == 0


def off(received: int, accepted: int, join: int | None, final: bool) -> ListenerLedger:
    """The book of a listener that can only count messages."""
    one = ListenerInput(counts=ListenerCounts(received=received), join=join)
    counts = HandlerCounts(offered=accepted, accepted=accepted)
    ledger = make_ledger("PUB", counts, {"sub": one}, final=final, spans=[TopicSpan("t", 1)])
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


def test_without_stamps_a_repeated_request_is_no_disagreement() -> None:
    counts = HandlerCounts(offered=2, accepted=2, replied=2, retries=3)
    rep = ListenerInput(counts=ListenerCounts(received=5))
    assert make_ledger("REQ", counts, {"rep": rep}, final=True).balanced


def test_topics_match_as_byte_prefixes_from_their_first_message_on() -> None:
    spans = [TopicSpan("analytics", 1), TopicSpan("analyticsX", 11), TopicSpan("é", 11), TopicSpan("other", 16)]
    assert expected(spans, 20, ("analytics",)) == 10
    assert expected(spans, 20, ("analytics", "ana", "o")) == 15
    assert expected(spans, 20, ("",)) == 20
    assert expected(spans, 20, ("è",)) == 0
    assert expected(spans, 20, ()) == 0
    assert expected(spans, 12, ("é",)) == 2
    assert expected([], 20, ("",)) == 0
    assert expected_up_to(spans, 0, ("",)) == 0
    assert expected_up_to(spans, 17, ("other",)) == 2


def test_a_topic_that_was_not_asked_for_is_not_missed() -> None:
    one = ListenerInput(counts=ListenerCounts(), prefixes=("b",), join=0)
    counts = HandlerCounts(offered=50, accepted=50)
    ledger = make_ledger("PUB", counts, {"sub": one}, final=True, spans=[TopicSpan("a", 1)])
    assert (ledger.lost, ledger.listeners["sub"].expected, ledger.balanced) == (0, 0, True)


def test_what_is_known_to_be_lost_is_not_found_again_when_the_listeners_report_is_the_younger_one() -> None:
    counts = HandlerCounts(offered=1000, accepted=1000)

    def lost(received: int, highest: int) -> int:
        one = ListenerInput(counts=ListenerCounts(received=received, first=1, highest=highest), join=0)
        return make_ledger("PUB", counts, {"sub": one}, final=False, spans=[TopicSpan("t", 1)]).lost

    assert [lost(900, 1000), lost(1000, 1100), lost(1050, 1200)] == [100, 100, 150]
