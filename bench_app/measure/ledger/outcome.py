"""The content of a ledger: the fate of a handler's events, and the numbers that cannot be true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from bench_app.measure.ledger.inputs import HandlerCounts, LedgerInput, ListenerCounts, PastTotals
from bench_app.measure.loss_causes import LossCause
from bench_app.model.patterns import Delivery


class ListenerLedger(msgspec.Struct, frozen=True, kw_only=True):
    """The fate of the messages for one listener.

    Attributes:
        counts: the listener's counters.
        expected: how many messages the listener should get. If a message is not meant for one listener in particular
            (shared, requests), this is the number of messages that the listener received.
        lost: messages that were expected, sent after the listener joined, and never received.
        overfull: the part of ``lost`` that no gap shows yet: more messages were on the way than the connection holds.
            At least so many are lost. 0 in a final ledger.
        before_join: messages that were expected, but sent before the listener's subscription was in effect.
        in_flight: messages that are expected, and neither received nor known to be lost yet.
        balanced: False if the listener's numbers cannot be true.
    """

    counts: ListenerCounts
    expected: int
    lost: int = 0
    before_join: int = 0
    in_flight: int = 0
    overfull: int = 0
    balanced: bool = True

    def loss(self, cause: LossCause) -> int:
        """How many messages this listener missed by one cause of ``LISTENER_LOSS_CAUSES``."""
        count: int = getattr(self, cause.key)
        return count


class HandlerLedger(msgspec.Struct, frozen=True, kw_only=True):
    """The fate of the events of one handler.

    Attributes:
        delivery: which listener gets a message; the sums below depend on it.
        counts: the handler's counters.
        lost: messages that were accepted and never received. If each listener should get every message, this is the sum
            over the listeners.
        in_flight: messages that were accepted, and neither received nor known to be lost yet. The same sum applies.
        listeners: the ledger of each listener, by name.
        balanced: False if a number cannot be true; ``problems`` then names it.
        problems: a message for each number that cannot be true.
        arrivals_known: False if messages were accepted and no listener of the bench counts them. ``lost`` and
            ``in_flight`` are then 0 because they are unknown, and ``balanced`` only covers the sum of ``offered``.
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
        """The messages sent before a listener joined, summed over the listeners."""
        return sum(listener.before_join for listener in self.listeners.values())

    def loss(self, cause: LossCause) -> int:
        """How many events were lost by one cause."""
        count: int = getattr(self if cause.known_at_listeners else self.counts, cause.key)
        return count

    def missing_at(self, listener: str) -> int:
        """How many of the lost messages this listener could have received.

        If each listener gets every message, these are the listener's own losses; otherwise all losses of the handler.
        The number is below 0 if the listener received more messages than were sent.
        """
        return self.listeners[listener].lost if self.delivery is Delivery.EACH else self.lost


@dataclass(frozen=True, kw_only=True)
class DeliveryRules:
    """The rules by which messages are counted for one delivery.

    Attributes:
        ledger: makes the ledger of a handler.
        in_flight: how many messages are in flight during a run. Handler and listeners report at different moments, so
            the rule compares their totals at one moment, and subtracts the losses that the ledger has.
        received: how many messages reached their end, from the number of replies and the number received by each
            listener. A message counts once for each listener that received it.
        arrived: how many of the accepted messages are known to have arrived somewhere, from the same figures.
    """

    ledger: Callable[[LedgerInput], HandlerLedger]
    in_flight: Callable[[LedgerInput, HandlerLedger, PastTotals], int]
    received: Callable[[int, Sequence[int]], int]
    arrived: Callable[[int, Sequence[int]], int]


def close(
    given: LedgerInput, *, lost: int, in_flight: int, listeners: dict[str, ListenerLedger], problems: list[str]
) -> HandlerLedger:
    """A ledger with these numbers; it balances if there are no problems."""
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
    """The ledger of a handler without a listener of the bench.

    If no peer was ever connected, all accepted messages are lost. Otherwise their arrivals are unknown.
    """
    if given.final and given.never_connected:
        return close(given, lost=given.counts.accepted, in_flight=0, listeners={}, problems=problems)
    unseen = close(given, lost=0, in_flight=0, listeners={}, problems=problems)
    return msgspec.structs.replace(unseen, arrivals_known=not given.counts.accepted)


def offer_problems(given: LedgerInput) -> list[str]:
    """The problems of the handler's own sum: every offered event must be lost, queued or accepted."""
    counts = given.counts
    decided = counts.queue_overflow + counts.send_timeout + counts.aborted + counts.queued + counts.accepted
    terms = "queue_overflow + send_timeout + aborted + queued + accepted"
    problems = difference("offered", counts.offered, terms, decided)
    if given.final and counts.queued:
        problems.append(f"{counts.queued} events are still queued at the end")
    return problems


def difference(name: str, value: int, terms: str, total: int) -> list[str]:
    """A message if ``value`` is not the ``total`` of its ``terms``; otherwise an empty list."""
    if value == total:
        return []
    relation = "more" if value > total else "less"
    return [f"{name} is {value}, {abs(value - total)} {relation} than {terms} = {total}"]


def is_ahead(accepted: int, counts: ListenerCounts) -> bool:
    """Whether the listener has messages that the handler has not reported yet; without stamps, whether it may have."""
    return counts.highest > accepted or (counts.received > 0 and not counts.highest)


def arrival_problems(accepted: int, counts: ListenerCounts) -> list[str]:
    """The problems of a listener that has more messages than the handler sent, once all reports have come."""
    if counts.highest > accepted:
        return [f"received sequence number {counts.highest}, but only {accepted} were accepted"]
    # Without stamps a repeated request counts as received again, so the sum is only checked with stamps.
    if counts.highest and counts.received > accepted:
        return [f"received {counts.received} distinct messages, but only {accepted} were accepted"]
    return []


def with_name(name: str, problems: Sequence[str]) -> list[str]:
    """The problems of one listener, each with the listener's name in front."""
    return [f"{name}: {problem}" for problem in problems]
