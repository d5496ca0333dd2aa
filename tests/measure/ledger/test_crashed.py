"""Counters of handlers that were killed between any two writes."""

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

Counters = dict[str, int]


def empty_counters() -> Counters:
    return {slot.name.lower(): 0 for slot in HandlerSlot}


def handler_writes(counters: Counters, acts: list[str], delivery: Delivery) -> Iterator[None]:
    """The writes of a handler in their order. The handler can be killed at each yield."""
    queued, waits = 0, False

    def bump(name: str) -> None:
        counters[name] += 1

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
            counters["attempted"] = counters["accepted"] + 1
            yield
            counters["accepted"] = counters["attempted"]
            yield
            queued -= 1
            waits = delivery is Delivery.REQUEST
        elif act == "blocked" and queued and not waits:
            counters["attempted"] = counters["accepted"] + 1
            yield
            counters["attempted"] = counters["accepted"]
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
cases = st.tuples(st.lists(st.sampled_from(ACTS), max_size=60), st.integers(0, 200), st.sampled_from(Delivery))


@given(cases, st.data())
def test_the_counters_of_a_killed_handler_balance(case: tuple[list[str], int, Delivery], data: st.DataObject) -> None:
    acts, writes, delivery = case
    counters = empty_counters()
    for _ in islice(handler_writes(counters, acts, delivery), writes):
        pass

    counts = close_crashed(counters, delivery)

    assert counts.offered == counters["offered"]
    assert counts.accepted in (counters["accepted"], counters["accepted"] + 1)
    # The ledger balances for every set of arrived messages, with or without the message that was being sent.
    had = data.draw(st.sets(st.integers(1, counts.accepted))) if counts.accepted else set()
    received = ListenerCounts(received=len(had), first=min(had, default=0), highest=max(had, default=0))
    listeners = {"one": ListenerInput(counts=received, join=0)}
    ledger = ledger_of(delivery, counts, listeners, final=True, spans=[TopicSpan("t", 1)])
    assert ledger.problems == []
    assert ledger.lost == (0 if delivery is Delivery.REQUEST else counts.accepted - len(had))


def test_the_message_being_sent_counts_as_accepted_and_the_queue_as_aborted() -> None:
    counters = empty_counters() | {"offered": 10, "queue_overflow": 2, "accepted": 4, "attempted": 5, "bytes": 400}
    counts = close_crashed(counters, Delivery.SHARED)
    assert (counts.accepted, counts.aborted, counts.bytes) == (5, 3, 400)
    assert (counts.queued, counts.in_flight, counts.request_timeout) == (0, 0, 0)


def test_a_request_without_a_reply_timed_out() -> None:
    counters = empty_counters() | {"offered": 3, "accepted": 3, "attempted": 3, "replied": 2, "retries": 1}
    counts = close_crashed(counters, Delivery.REQUEST)
    assert (counts.request_timeout, counts.replied, counts.retries) == (1, 2, 1)


@pytest.mark.parametrize("delivery", Delivery)
def test_counters_that_were_wrong_before_the_crash_stay_wrong(delivery: Delivery) -> None:
    counters = empty_counters() | {"offered": 3, "accepted": 5, "attempted": 5, "replied": 5}
    assert not ledger_of(delivery, close_crashed(counters, delivery), {}, final=True).balanced
