"""The fate of every offered event: source -> sink -> handler -> socket ~~> listener -> **ledger** -> plot.

Pure arithmetic on cumulative counters. The sum for the handler's own queue is the same for every pattern:

    offered = queue_overflow + send_timeout + aborted + queued + accepted

The sum for the accepted messages depends on which listener gets a message (:class:`~bench_app.model.Delivery`). Each
delivery has a module with its rules: ``each``, ``shared`` and ``request``. The docstring of each module has the sum.

A ledger is *final* when no counter changes any more. Before that, handler and listeners report at different moments, so
a listener may have received more than its handler has reported, which is no error. Numbers that cannot be true are
never adjusted: they stay in the ledger, and ``problems`` names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bench_app.measure.ledger import each, request, shared
from bench_app.measure.ledger.crashed import close_crashed
from bench_app.measure.ledger.inputs import (
    HandlerCounts,
    LedgerInput,
    ListenerCounts,
    ListenerInput,
    PastTotals,
    TopicSpan,
    expected,
)
from bench_app.measure.ledger.outcome import DeliveryRules, HandlerLedger, ListenerLedger
from bench_app.model.patterns import Delivery

_RULES: Mapping[Delivery, DeliveryRules] = {
    Delivery.EACH: each.RULES,
    Delivery.SHARED: shared.RULES,
    Delivery.REQUEST: request.RULES,
}


def make_ledger(given: LedgerInput) -> HandlerLedger:
    """The ledger of one handler, by the rules of its delivery."""
    return _RULES[given.delivery].ledger(given)


def live_in_flight(given: LedgerInput, ledger: HandlerLedger, past: PastTotals) -> int:
    """How many messages are in flight during a run.

    Handler and listeners report at different moments. If only the last reports were compared, messages sent between
    two reports would count as in flight. So ``past`` has the totals of all units at the time of the oldest report.
    """
    return _RULES[given.delivery].in_flight(given, ledger, past)


def total_received(delivery: Delivery, replied: int, by_listener: Iterable[int]) -> int:
    """How many messages reached their end: the replies for requests, otherwise the messages that listeners received.

    If each listener gets every message, a message counts once for each listener that received it.
    """
    return _RULES[delivery].received(replied, tuple(by_listener))


def total_arrived(delivery: Delivery, replied: int, by_listener: Iterable[int]) -> int:
    """How many of the handler's accepted messages are known to have arrived, each counted once."""
    return _RULES[delivery].arrived(replied, tuple(by_listener))


__all__ = [
    "HandlerCounts",
    "HandlerLedger",
    "LedgerInput",
    "ListenerCounts",
    "ListenerInput",
    "ListenerLedger",
    "PastTotals",
    "TopicSpan",
    "close_crashed",
    "expected",
    "live_in_flight",
    "make_ledger",
    "total_arrived",
    "total_received",
]
