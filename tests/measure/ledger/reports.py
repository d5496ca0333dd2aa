"""Builds the input of a ledger from the counters of a simulated handler and its listeners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench_app.measure.ledger import (
    HandlerCounts,
    HandlerLedger,
    LedgerInput,
    ListenerCounts,
    ListenerInput,
    TopicSpan,
    make_ledger,
)
from bench_app.model import Delivery
from tests.measure.ledger.worlds import PubWorld, PushWorld, ReqWorld, Subscriber


def ledger_input(
    delivery: Delivery,
    counts: HandlerCounts,
    listeners: Mapping[str, ListenerInput],
    *,
    final: bool,
    spans: Sequence[TopicSpan] = (),
    never_connected: bool = False,
) -> LedgerInput:
    return LedgerInput(
        delivery=delivery,
        counts=counts,
        listeners=listeners,
        final=final,
        spans=spans,
        never_connected=never_connected,
    )


def ledger_of(
    delivery: Delivery,
    counts: HandlerCounts,
    listeners: Mapping[str, ListenerInput],
    *,
    final: bool,
    spans: Sequence[TopicSpan] = (),
    never_connected: bool = False,
) -> HandlerLedger:
    given = ledger_input(delivery, counts, listeners, final=final, spans=spans, never_connected=never_connected)
    return make_ledger(given)


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


def one_problem(delivery: Delivery, counts: HandlerCounts, final: bool = True, **listeners: ListenerCounts) -> str:
    inputs = {name: ListenerInput(counts=each, join=0) for name, each in listeners.items()}
    ledger = ledger_of(delivery, counts, inputs, final=final, spans=[TopicSpan("t", 1)])
    assert not ledger.balanced
    assert len(ledger.problems) == 1, ledger.problems
    return ledger.problems[0]
