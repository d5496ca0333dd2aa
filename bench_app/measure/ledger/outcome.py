"""What a ledger says: where the events of a handler went, and which numbers cannot be true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from bench_app.measure.ledger.inputs import HandlerCounts, LedgerInput, ListenerCounts, TotalsThen
from bench_app.measure.loss_causes import LossCause
from bench_app.model.patterns import Delivery


class ListenerLedger(msgspec.Struct, frozen=True, kw_only=True):
    """Where the messages for one listener went.

    Attributes:
        counts: the listener's counters.
        expected: how many messages were meant for it. Where messages are not meant for one listener in particular
            (shared, requests), it is what the listener received.
        lost: expected, sent after the listener had joined, and never received.
        before_join: expected, but sent before the listener's subscription was in effect.
        in_flight: expected, and neither received nor known to be lost yet.
        balanced: False where the listener's numbers cannot be true.
    """

    counts: ListenerCounts
    expected: int
    lost: int = 0
    before_join: int = 0
    in_flight: int = 0
    balanced: bool = True

    def loss(self, cause: LossCause) -> int:
        """How many messages this listener missed by one cause, of those in ``LISTENER_LOSS_CAUSES``."""
        count: int = getattr(self, cause.key)
        return count


class HandlerLedger(msgspec.Struct, frozen=True, kw_only=True):
    """Where the events of one handler went.

    Attributes:
        delivery: which listener gets a message; the sums below depend on it.
        counts: the handler's counters.
        lost: accepted and never received; the sum over the listeners where each listener should get every message.
        in_flight: accepted, and neither received nor known to be lost yet; the same sum.
        listeners: the ledger of each listener, by name.
        balanced: False where some number cannot be true; ``problems`` then says which.
        problems: a sentence for each number that cannot be true.
        arrivals_known: False where something was accepted and nobody counts behind the handler. ``lost`` and
            ``in_flight`` are then 0 because nothing is known about them, and ``balanced`` is about ``offered`` alone.
    """

    delivery: Delivery
    counts: HandlerCounts
    lost: int
    in_flight: int
    listeners: dict[str, ListenerLedger]
    balanced: bool
    problems: list[str]
    arrivals_known: bool = True

    @property
    def before_join(self) -> int:
        """The sum over the listeners."""
        return sum(listener.before_join for listener in self.listeners.values())

    def loss(self, cause: LossCause) -> int:
        """How many events were lost by one cause."""
        count: int = getattr(self if cause.known_at_listeners else self.counts, cause.key)
        return count

    def missing_at(self, listener: str) -> int:
        """How many lost messages one listener might have received: its own, or where nobody knows whose they were, all.

        Below 0 where the listener has more than was sent.
        """
        return self.listeners[listener].lost if self.delivery is Delivery.EACH else self.lost


@dataclass(frozen=True, kw_only=True)
class DeliveryRules:
    """How messages are counted for one way of delivery.

    Attributes:
        ledger: makes the ledger of a handler.
        in_flight: how many messages are on the way while a run goes on. Handler and listeners report at different
            moments, so it compares their totals at one moment; the ledger has what is known to be lost.
        received: how many messages reached their end, from the replies and from what each listener received. A message
            counts once for each listener that received it.
        arrived: how many of the accepted messages are known to have arrived somewhere, from the same figures.
    """

    ledger: Callable[[LedgerInput], HandlerLedger]
    in_flight: Callable[[LedgerInput, HandlerLedger, TotalsThen], int]
    received: Callable[[int, Sequence[int]], int]
    arrived: Callable[[int, Sequence[int]], int]


def close(
    given: LedgerInput, *, lost: int, in_flight: int, listeners: dict[str, ListenerLedger], problems: list[str]
) -> HandlerLedger:
    """The ledger of a handler whose arrivals are known."""
    return HandlerLedger(
        delivery=given.delivery,
        counts=given.counts,
        lost=lost,
        in_flight=in_flight,
        listeners=listeners,
        balanced=not problems,
        problems=problems,
    )


def close_without_listeners(given: LedgerInput, problems: list[str]) -> HandlerLedger:
    """The ledger of a handler without any listener to ask.

    Everything that was accepted is lost where it surely reached nobody; otherwise nobody knows.
    """
    if given.final and given.never_connected:
        return close(given, lost=given.counts.accepted, in_flight=0, listeners={}, problems=problems)
    unseen = close(given, lost=0, in_flight=0, listeners={}, problems=problems)
    return msgspec.structs.replace(unseen, arrivals_known=not given.counts.accepted)


def offer_problems(given: LedgerInput) -> list[str]:
    """What is wrong with the handler's own sum: every event offered must have been lost, be queued or be accepted."""
    counts = given.counts
    decided = counts.queue_overflow + counts.send_timeout + counts.aborted + counts.queued + counts.accepted
    terms = "queue_overflow + send_timeout + aborted + queued + accepted"
    problems = difference("offered", counts.offered, terms, decided)
    if given.final and counts.queued:
        problems.append(f"{counts.queued} events are still queued at the end")
    return problems


def difference(name: str, value: int, terms: str, total: int) -> list[str]:
    """A sentence where ``value`` is not the ``total`` of its ``terms``; no sentence where it is."""
    if value == total:
        return []
    relation = "more" if value > total else "less"
    return [f"{name} is {value}, {abs(value - total)} {relation} than {terms} = {total}"]


def is_ahead(accepted: int, counts: ListenerCounts) -> bool:
    """True where the listener has, or without stamps may have, messages that the handler has not reported yet."""
    return counts.highest > accepted or (counts.received > 0 and not counts.highest)


def arrival_problems(accepted: int, counts: ListenerCounts) -> list[str]:
    """What is wrong when a listener has more than the handler sent; at the end no report of the handler is missing."""
    if counts.highest > accepted:
        return [f"received sequence number {counts.highest}, but only {accepted} were accepted"]
    # Without stamps a request that was sent again counts as received again.
    if counts.highest and counts.received > accepted:
        return [f"received {counts.received} distinct messages, but only {accepted} were accepted"]
    return []


def with_name(name: str, problems: Sequence[str]) -> list[str]:
    """The problems of one listener, each with the listener's name in front."""
    return [f"{name}: {problem}" for problem in problems]
