"""The ledger of a pattern in which every listener gets every message that it subscribed to (PUB and SUB).

The sum for each listener, over the messages whose topic it subscribed to:

    accepted = received + lost + before_join + in_flight
"""

from __future__ import annotations

from collections.abc import Sequence

from bench_app.measure.ledger.inputs import LedgerInput, ListenerInput, PastTotals, expected
from bench_app.measure.ledger.outcome import (
    DeliveryRules,
    HandlerLedger,
    ListenerLedger,
    arrival_problems,
    close,
    close_without_listeners,
    is_ahead,
    offer_problems,
    with_name,
)


def _ledger(given: LedgerInput) -> HandlerLedger:
    """The ledger of a handler. Each listener has losses of its own, and the handler has their sum."""
    problems = offer_problems(given)
    if not given.listeners:
        return close_without_listeners(given, problems)
    ledgers: dict[str, ListenerLedger] = {}
    for name, listener in given.listeners.items():
        ledgers[name], found = _listener_ledger(given, listener)
        problems += with_name(name, found)
    lost = sum(one.lost for one in ledgers.values())
    in_flight = sum(one.in_flight for one in ledgers.values())
    return close(given, lost=lost, in_flight=in_flight, listeners=ledgers, problems=problems)


def _listener_ledger(given: LedgerInput, listener: ListenerInput) -> tuple[ListenerLedger, list[str]]:
    """The ledger of one listener, and the problems of its numbers."""
    counts, accepted = listener.counts, given.counts.accepted
    wanted = expected(given.spans, accepted, listener.prefixes)
    before_join = _before_join(given, listener, wanted)
    accounted = before_join + counts.received
    seen = settled = _settled(given, listener, wanted, accounted)
    if not given.final:
        settled = max(settled, min(wanted, accounted + listener.overfull))
    overfull = settled - seen
    if not given.final and is_ahead(accepted, counts):
        # Before the end the listener's report may be newer than the handler's. Then the listener has messages, perhaps
        # under a new topic, that ``spans`` do not have yet. They are no surplus.
        settled = max(settled, accounted)
        wanted = max(wanted, settled)
    lost = settled - accounted
    problems = []
    if lost < 0:
        problems.append(
            f"received {counts.received} and missed {before_join} before joining, {-lost} more than were sent to it"
        )
    elif given.final:
        problems += arrival_problems(accepted, counts)
    ledger = ListenerLedger(
        counts=counts,
        expected=wanted,
        lost=lost,
        before_join=before_join,
        in_flight=wanted - settled,
        overfull=overfull,
        balanced=not problems,
    )
    return ledger, problems


def _settled(given: LedgerInput, listener: ListenerInput, wanted: int, accounted: int) -> int:
    """How many of the ``wanted`` messages have arrived or can no longer arrive. The others are in flight.

    At the end these are all wanted messages. Before the end these are all messages up to the highest sequence number
    received, because messages of one handler arrive in order.
    """
    counts, accepted = listener.counts, given.counts.accepted
    if given.final:
        return wanted
    if not counts.highest:
        return accounted
    # A listener may be ahead of the handler's report by at most the number of messages that it received. A higher
    # sequence number comes from a damaged stamp and is ignored.
    highest = counts.highest if counts.highest <= accepted + counts.received else accepted
    return expected(given.spans, highest, listener.prefixes)


def _before_join(given: LedgerInput, listener: ListenerInput, wanted: int) -> int:
    """How many of the ``wanted`` messages went out before the listener's subscription was in effect."""
    counts = listener.counts
    joined = wanted if listener.join is None else expected(given.spans, listener.join, listener.prefixes)
    if not counts.received:
        return joined
    if not counts.first:
        # Without stamps no sequence number is known. A message that was received was not missed before joining. If
        # the handler never saw the listener join, the missing messages count as lost: a loss must not be hidden.
        return 0 if listener.join is None else min(joined, max(0, wanted - counts.received))
    # libzmq applies a subscription a little before the handler sees it, so the first message received may have been
    # sent before the join that the handler saw.
    return min(joined, expected(given.spans, counts.first - 1, listener.prefixes))


def _in_flight(given: LedgerInput, ledger: HandlerLedger, past: PastTotals) -> int:
    """The sum over the listeners of the messages that each listener subscribed to and has not received yet."""
    accepted_since = given.counts.accepted - past.accepted
    total = 0.0
    for name, listener in given.listeners.items():
        known = ledger.listeners[name]
        wanted = expected(given.spans, given.counts.accepted, listener.prefixes)
        if wanted:
            total += max(0.0, wanted - accepted_since - past.received[name] - known.lost - known.before_join)
    return round(total)


def _received(replied: int, by_listener: Sequence[int]) -> int:
    return sum(by_listener)


def _arrived(replied: int, by_listener: Sequence[int]) -> int:
    """At least the messages of the listener that received most: all of them were accepted."""
    return max(by_listener, default=0)


RULES = DeliveryRules(ledger=_ledger, in_flight=_in_flight, received=_received, arrived=_arrived)
