"""The ledger of a pattern in which the listeners share the messages (PUSH and PULL).

No message is meant for one listener in particular, so the sum is over all listeners:

    accepted = sum(received) + lost + in_flight
"""

from __future__ import annotations

from collections.abc import Sequence

from bench_app.measure.ledger.inputs import LedgerInput, PastTotals
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
    ledgers, found = listener_ledgers(given)
    problems += found
    accepted = given.counts.accepted
    missing = accepted - sum(listener.counts.received for listener in given.listeners.values())
    any_ahead = any(is_ahead(accepted, listener.counts) for listener in given.listeners.values())
    if not given.final and missing < 0 and any_ahead:
        # A listener's report is newer than the handler's. That is no surplus of messages.
        missing = 0
    if missing < 0:
        problems.append(f"the listeners together received {-missing} messages more than the {accepted} accepted")
    lost = missing if given.final or missing < 0 else 0
    return close(given, lost=lost, in_flight=missing - lost, listeners=ledgers, problems=problems)


def listener_ledgers(given: LedgerInput) -> tuple[dict[str, ListenerLedger], list[str]]:
    """The ledgers of listeners without expected messages of their own, and the problems of their numbers."""
    ledgers: dict[str, ListenerLedger] = {}
    problems: list[str] = []
    for name, listener in given.listeners.items():
        counts = listener.counts
        found = arrival_problems(given.counts.accepted, counts) if given.final else []
        ledgers[name] = ListenerLedger(counts=counts, expected=counts.received, balanced=not found)
        problems += with_name(name, found)
    return ledgers, problems


def _in_flight(given: LedgerInput, ledger: HandlerLedger, past: PastTotals) -> int:
    """The messages that the handler had sent and no listener had received, at the moment of ``past``."""
    return max(0, round(past.accepted - sum(past.received.values())))


def _received(replied: int, by_listener: Sequence[int]) -> int:
    return sum(by_listener)


RULES = DeliveryRules(ledger=_ledger, in_flight=_in_flight, received=_received, arrived=_received)
