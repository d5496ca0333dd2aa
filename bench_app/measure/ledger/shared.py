"""The ledger of a pattern in which the listeners share the messages (PUSH and PULL).

No message is meant for one listener in particular, so the sum is over all listeners:

    accepted = sum(received) + lost + in_flight

Something between handler and listeners, such as a proxy, may give a message to several listeners. Only one of them then
counts the message as received, and the others count it as a duplicate. The sequence numbers of the listeners show it,
and the ledger has them at the end of the run. Before that, and if the numbers of a listener were lost with its worker,
the ledger adds up the counts. Then a message that two listeners received hides one that no listener received, except
where the highest sequence number proves that messages are missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from bench_app.measure.ledger.inputs import LedgerInput, ListenerCounts, PastTotals
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
    """The ledger of a handler. Its listeners together should get every message once."""
    problems = offer_problems(given)
    if not given.listeners:
        return close_without_listeners(given, problems)
    ledgers, found = listener_ledgers(given, _repeats(given))
    problems += found
    accepted = given.counts.accepted
    missing = accepted - sum(ledger.counts.received for ledger in ledgers.values())
    if not given.final and _unknown(given):
        missing = max(missing, _surely_missing(given))
    any_ahead = any(is_ahead(accepted, listener.counts) for listener in given.listeners.values())
    if not given.final and missing < 0 and any_ahead:
        # A listener's report is newer than the handler's. That is no surplus of messages.
        missing = 0
    if missing < 0:
        problems.append(f"the listeners together received {-missing} messages more than the {accepted} accepted")
    lost = missing if given.final or missing < 0 else 0
    return close(given, lost=lost, in_flight=missing - lost, listeners=ledgers, problems=problems)


def listener_ledgers(
    given: LedgerInput, repeats: Mapping[str, int] | None = None
) -> tuple[dict[str, ListenerLedger], list[str]]:
    """The ledgers of listeners without expected messages of their own, and the problems of their numbers.

    ``repeats``: how many messages of each listener are duplicates, because another listener received them, too.
    """
    ledgers: dict[str, ListenerLedger] = {}
    problems: list[str] = []
    for name, listener in given.listeners.items():
        counts = listener.counts
        found = arrival_problems(given.counts.accepted, counts) if given.final else []
        counted = _without(counts, repeats.get(name, 0) if repeats else 0)
        ledgers[name] = ListenerLedger(counts=counted, expected=counted.received, balanced=not found)
        problems += with_name(name, found)
    return ledgers, problems


def _repeats(given: LedgerInput) -> dict[str, int]:
    """How many messages of each listener another listener received, too.

    If that is not known for some listeners, these are as many as the counts at the end cannot explain otherwise.
    """
    repeats = {name: one.repeated or 0 for name, one in given.listeners.items()}
    if not given.final:
        return repeats
    received = sum(one.counts.received - repeats[name] for name, one in given.listeners.items())
    surplus = received + _surely_missing(given) - given.counts.accepted
    for name in _unknown(given):
        repeats[name] = max(0, min(surplus, given.listeners[name].counts.received))
        surplus -= repeats[name]
    return repeats


def _unknown(given: LedgerInput) -> list[str]:
    """The listeners with sequence numbers of which it is not known how many another listener received, too."""
    return [name for name, one in given.listeners.items() if one.repeated is None and one.counts.highest]


def _surely_missing(given: LedgerInput) -> int:
    """How many messages are after the highest sequence number received: no listener has one of them."""
    highest = max(listener.counts.highest for listener in given.listeners.values())
    return max(0, given.counts.accepted - highest) if highest else 0


def _without(counts: ListenerCounts, repeated: int) -> ListenerCounts:
    """The counts with so many of the received messages as duplicates."""
    received = counts.received - repeated
    return msgspec.structs.replace(
        counts,
        received=received,
        duplicates=counts.duplicates + repeated,
        received_in_drain=min(counts.received_in_drain, received),
    )


def _in_flight(given: LedgerInput, ledger: HandlerLedger, past: PastTotals) -> int:
    """The messages that the handler had sent and no listener had received, at the moment of ``past``."""
    return max(0, round(past.accepted - sum(past.received.values())))


def _received(replied: int, by_listener: Sequence[int]) -> int:
    return sum(by_listener)


RULES = DeliveryRules(ledger=_ledger, in_flight=_in_flight, received=_received, arrived=_received)
