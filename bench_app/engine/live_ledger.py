"""The ledger during a run: unit states -> **live ledger** -> session, sampler, view.

The session asks here whether a listener can still receive something, and whether a handler may close its socket.
:mod:`.outcome` uses the same sums for the result. :func:`close_counters` reads what units left on disk.
"""

from __future__ import annotations

from collections.abc import Iterable

from bench_app.engine.limits import LINGER_LIMIT_MS
from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.ledger import (
    HandlerLedger,
    LedgerInput,
    ListenerInput,
    PastTotals,
    live_in_flight,
    make_ledger,
)
from bench_app.model import Delivery

QUIET_NS = 300 * NS_PER_MS
"""A listener without a peer that received nothing for this long will receive nothing more."""
QUIET_CONNECTED_NS = NS_PER_S
"""The same for a listener that still has a peer."""
QUIET_REPLIES_NS = 100 * NS_PER_MS
"""The same for a listener that replies. It is shorter, because its handler has finished and sends no more requests."""


def ledger_of(handler: HandlerState, listeners: list[ListenerState], final: bool) -> HandlerLedger:
    """The ledger of a handler as of the last reports. ``final``: messages that are missing count as lost."""
    return make_ledger(_ledger_input(handler, listeners, final))


def in_flight_of(handler: HandlerState, listeners: list[ListenerState], ledger: HandlerLedger) -> int:
    """How many messages are in flight, as far as that is known during a run.

    Handler and listeners report at different moments, so their newest counts can differ by a tenth of a second of
    traffic. Therefore the counts of all units are compared as they were at the time of the oldest report.
    """
    at_ns = min((unit.last_report_ns for unit in (handler, *listeners)), default=0)
    if not listeners or not at_ns or all(unit.done for unit in (handler, *listeners)):
        return max(0, ledger.in_flight)
    past = PastTotals(
        accepted=handler.window.totals_at(at_ns)[1],
        received={one.plan.name: one.window.totals_at(at_ns)[0] for one in listeners},
    )
    return live_in_flight(_ledger_input(handler, listeners, final=False), ledger, past)


def _ledger_input(handler: HandlerState, listeners: list[ListenerState], final: bool) -> LedgerInput:
    return LedgerInput(
        delivery=handler.plan.pattern.delivery,
        counts=handler.counts,
        listeners={one.plan.name: _listener_input(handler, one) for one in listeners},
        final=final,
        spans=handler.spans,
        never_connected=handler.opened and not handler.ever_connected,
    )


def _listener_input(handler: HandlerState, listener: ListenerState) -> ListenerInput:
    topics = listener.plan.spec.topics
    return ListenerInput(
        counts=listener.counts,
        prefixes=("",) if topics is None else topics,
        join=listener.join,
        overfull=0 if listener.overfull is None else listener.overfull.lost,
        repeated=listener.repeated if listener.shares_messages else 0,
    )


def is_quiet(listener: ListenerState, siblings: list[ListenerState]) -> bool:
    """True if a listener will receive nothing more: it has everything, or nothing arrived for long enough.

    ``siblings`` are all listeners of its handler, this one included.
    """
    handler = listener.handler
    if handler.plan.pattern.gets_replies:
        # The ledger of requests does not know what a listener still misses. Only the time without a message shows it.
        return _quiet_since(handler.finished_ns, listener) >= QUIET_REPLIES_NS
    if not ledger_of(handler, siblings, final=True).missing_at(listener.plan.name):
        return True
    shortest_ns = QUIET_NS if listener.peers == 0 else QUIET_CONNECTED_NS
    if _quiet_since(handler.finished_ns, listener) < shortest_ns:
        return False
    return not outstanding_at(handler, listener, siblings) or _quiet_for_linger(handler, listener)


def may_close(handler: HandlerState, listeners: list[ListenerState]) -> bool:
    """True if a handler can close its socket without losing messages.

    Its queue is empty, and each listener has everything, or has received nothing for long enough although it was
    reading.
    """
    if not handler.drained_ns:
        return False
    ledger = ledger_of(handler, listeners, final=True)
    waiting = [one for one in listeners if one.opened and not one.done]
    return all(not ledger.missing_at(one.plan.name) or _is_silent(handler, one, listeners) for one in waiting)


def outstanding_at(handler: HandlerState, listener: ListenerState, siblings: list[ListenerState]) -> int:
    """How many messages may wait in a program between handler and listener, such as a proxy.

    Without such a program there are none: a listener that reads and receives nothing has nothing on its way.
    """
    return _unread_at(handler, listener, siblings) if listener.plan.has_own_endpoint else 0


def linger_ns(handler: HandlerState) -> int:
    """The linger of a handler; for an endless linger, the limit of the bench."""
    linger_ms = handler.plan.spec.config.linger
    return (LINGER_LIMIT_MS if linger_ms < 0 else linger_ms) * NS_PER_MS


def _unread_at(handler: HandlerState, listener: ListenerState, siblings: list[ListenerState]) -> int:
    """How many messages were sent after the last message that the listener received.

    Messages of one handler arrive in order, so a message before the last one does not come any more. Only when several
    listeners share the messages, each of them may still get an earlier message.
    """
    if handler.plan.pattern.delivery is Delivery.EACH:
        return ledger_of(handler, siblings, final=False).listeners[listener.plan.name].in_flight
    missing = max(0, ledger_of(handler, siblings, final=True).lost)
    highest = listener.counts.highest
    if len(siblings) > 1 or not highest:
        return missing
    return min(missing, max(0, handler.counts.accepted - highest))


def _is_silent(handler: HandlerState, listener: ListenerState, siblings: list[ListenerState]) -> bool:
    """True if a handler that is still open need not wait for the listener any longer."""
    if _quiet_since(handler.drained_ns, listener) < QUIET_NS:
        return False
    is_reconnecting = not handler.plan.bind and not handler.plan.is_inproc and listener.peers == 0
    outstanding = (_unread_at if is_reconnecting else outstanding_at)(handler, listener, siblings)
    return not outstanding or _quiet_for_linger(handler, listener)


def _quiet_for_linger(handler: HandlerState, listener: ListenerState) -> bool:
    return _quiet_since(handler.drained_ns, listener) >= linger_ns(handler)


def _quiet_since(since_ns: int, listener: ListenerState) -> int:
    """How long the listener received nothing, as of its last report, counted from ``since_ns`` at the earliest."""
    return listener.last_report_ns - max(since_ns, listener.last_report_ns - listener.idle_ns)


def close_counters(units: Iterable[UnitState]) -> None:
    """Read from disk the counts of units that did not report that they had finished."""
    for unit in units:
        if unit.opened and not unit.done:
            unit.close_crashed_counters()
            unit.crashed = True
