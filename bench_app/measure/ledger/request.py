"""The ledger of a pattern in which every message is a request with one reply (REQ and REP).

The handler itself knows the outcome of each request, so the sum needs no listener:

    accepted = replied + request_timeout + in_flight
"""

from __future__ import annotations

from collections.abc import Sequence

from bench_app.measure.ledger.inputs import LedgerInput, PastTotals
from bench_app.measure.ledger.outcome import DeliveryRules, HandlerLedger, close, difference, offer_problems
from bench_app.measure.ledger.shared import listener_ledgers


def _ledger(given: LedgerInput) -> HandlerLedger:
    """The ledger of a handler. Each request was replied to, was given up, or waits for its reply."""
    counts = given.counts
    ledgers, found = listener_ledgers(given)
    problems = offer_problems(given)
    answered = counts.replied + counts.request_timeout + counts.in_flight
    problems += difference("accepted", counts.accepted, "replied + request_timeout + in_flight", answered)
    if given.final and counts.in_flight:
        problems.append(f"{counts.in_flight} requests are still in flight at the end")
    return close(given, lost=0, in_flight=counts.in_flight, listeners=ledgers, problems=problems + found)


def _in_flight(given: LedgerInput, ledger: HandlerLedger, past: PastTotals) -> int:
    """The requests without a reply. All figures come from one report of the handler, so ``past`` is not needed."""
    return max(0, ledger.in_flight)


def _received(replied: int, by_listener: Sequence[int]) -> int:
    """The replies. The listeners' counts do not matter: a listener may receive a request several times."""
    return replied


RULES = DeliveryRules(ledger=_ledger, in_flight=_in_flight, received=_received, arrived=_received)
