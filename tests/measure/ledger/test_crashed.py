"""Books of handlers that were killed between any two of their writes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.counters import HandlerSlot
from bench_app.measure.ledger import ListenerCounts, ListenerInput, TopicSpan, close_crashed
from bench_app.model import Delivery
from tests.measure.ledger.reports import ledger_of

QUEUE_SIZE = 3

Book = dict[str, int]


def empty_book() -> Book:
    return {slot.name.lower(): 0 for slot in HandlerSlot}


def live(book: Book, acts: list[str], delivery: Delivery) -> Iterator[None]:
    """A handler at work, in the order in which it writes; it can be killed at each yield."""
    queued, waits = 0, False

    def bump(name: str) -> None:
        book[name] += 1

    for act in acts:
        if act == "offer":
            bump("offered")
            yield
            if queued == QUEUE_SIZE:
                bump("queue_overflow")
                yield
            else:
                queued += 1
        elif act == "send" and queued and not waits:
            book["attempted"] = book["accepted"] + 1
            yield
            book["accepted"] = book["attempted"]
            yield
            queued -= 1
            waits = delivery is Delivery.REQUEST
        elif act == "blocked" and queued and not waits:
            book["attempted"] = book["accepted"] + 1
            yield
            book["attempted"] = book["accepted"]
            yield
        elif act == "time_out" and queued:
            queued -= 1
            yield
            bump("send_timeout")
            yield
        elif act in ("replied", "request_timeout") and waits:
            bump(act)
            yield
            waits = False


ACTS = ("offer", "offer", "offer", "send", "send", "blocked", "time_out", "replied", "request_timeout")
books = st.tuples(st.lists(st.sampled_from(ACTS), max_size=60), st.integers(0, 200), st.sampled_from(Delivery))


@given(books, st.data())
def test_the_books_of_a_killed_handler_balance(case: tuple[list[str], int, Delivery], data: st.DataObject) -> None:
    acts, writes, delivery = case
    book = empty_book()
    for _ in islice(live(book, acts, delivery), writes):
        pass

    counts = close_crashed(book, delivery)

    assert counts.offered == book["offered"]
    assert counts.accepted in (book["accepted"], book["accepted"] + 1)
    # Whatever part of it arrived, the message in hand included, it fits.
    had = data.draw(st.sets(st.integers(1, counts.accepted))) if counts.accepted else set()
    received = ListenerCounts(received=len(had), first=min(had, default=0), highest=max(had, default=0))
    listeners = {"one": ListenerInput(counts=received, join=0)}
    ledger = ledger_of(delivery, counts, listeners, final=True, spans=[TopicSpan("t", 1)])
    assert ledger.problems == []
    assert ledger.lost == (0 if delivery is Delivery.REQUEST else counts.accepted - len(had))


def test_what_was_in_hand_counts_as_accepted_and_what_waited_as_aborted() -> None:
    book = empty_book() | {"offered": 10, "queue_overflow": 2, "accepted": 4, "attempted": 5, "bytes": 400}
    counts = close_crashed(book, Delivery.SHARED)
    assert (counts.accepted, counts.aborted, counts.bytes) == (5, 3, 400)
    assert (counts.queued, counts.in_flight, counts.request_timeout) == (0, 0, 0)


def test_a_request_without_a_reply_timed_out() -> None:
    book = empty_book() | {"offered": 3, "accepted": 3, "attempted": 3, "replied": 2, "retries": 1}
    counts = close_crashed(book, Delivery.REQUEST)
    assert (counts.request_timeout, counts.replied, counts.retries) == (1, 2, 1)


@pytest.mark.parametrize("delivery", Delivery)
def test_a_book_that_was_wrong_before_the_crash_stays_wrong(delivery: Delivery) -> None:
    book = empty_book() | {"offered": 3, "accepted": 5, "attempted": 5, "replied": 5}
    assert not ledger_of(delivery, close_crashed(book, delivery), {}, final=True).balanced
