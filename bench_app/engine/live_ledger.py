"""The ledger while a run goes on: unit states -> **live ledger** -> session, sampler, view. Also closes counters.

The session asks here whether a listener can still receive something and whether a handler may close its socket.
:mod:`.outcome` uses the same sums for the result.
"""

from __future__ import annotations

from collections.abc import Iterable

from bench_app.engine.state import HandlerState, ListenerState, UnitState
from bench_app.measure.ledger import (
    HandlerLedger,
    LedgerInput,
    ListenerInput,
    TotalsThen,
    live_in_flight,
    make_ledger,
)

QUIET_NS = 300_000_000
"""A listener without a peer that received nothing for this long will receive nothing more."""
QUIET_CONNECTED_NS = 1_000_000_000
"""The same for a listener that still has a peer."""
QUIET_REPLIES_NS = 100_000_000
"""The same for a listener that replies: its handler has finished, so no further request is due."""


def ledger_of(handler: HandlerState, listeners: list[ListenerState], final: bool) -> HandlerLedger:
    """The ledger of a handler as of the last reports. ``final``: what is missing now is lost, not in flight."""
    return make_ledger(_ledger_input(handler, listeners, final))


def in_flight_of(handler: HandlerState, listeners: list[ListenerState], ledger: HandlerLedger) -> int:
    """How many messages are in flight, as far as it can be known while a run goes on.

    Handler and listeners report at different moments. Taken as they are, their counts would differ by a tenth of a
    second of traffic. So the counts are compared as of the oldest of the reports.
    """
    at_ns = min((unit.last_report_ns for unit in (handler, *listeners)), default=0)
    if not listeners or not at_ns or all(unit.done for unit in (handler, *listeners)):
        return max(0, ledger.in_flight)
    then = TotalsThen(
        accepted=handler.window.totals_at(at_ns)[1],
        received={one.plan.name: one.window.totals_at(at_ns)[0] for one in listeners},
    )
    return live_in_flight(_ledger_input(handler, listeners, final=False), ledger, then)


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
    name, topics = listener.plan.name, listener.plan.spec.topics
    return ListenerInput(
        counts=listener.counts,
        prefixes=("",) if topics is None else topics,
        join=handler.joins.get(name),
    )


def is_quiet(listener: ListenerState, siblings: list[ListenerState]) -> bool:
    """True if a listener will receive nothing more: it has everything, or it has been silent for long enough.

    ``siblings`` are all listeners of its handler, this one included.
    """
    handler = listener.handler
    if handler.plan.pattern.gets_replies:
        # The ledger of requests does not say what a listener still misses: only silence does.
        return _quiet_since(handler.finished_ns, listener) >= QUIET_REPLIES_NS
    if not ledger_of(handler, siblings, final=True).missing_at(listener.plan.name):
        return True
    quiet_ns = _quiet_since(handler.finished_ns, listener)
    return quiet_ns >= (QUIET_NS if listener.peers == 0 else QUIET_CONNECTED_NS)


def may_close(handler: HandlerState, listeners: list[ListenerState]) -> bool:
    """True if a handler can close its socket without cutting anything off.

    Its queue is empty, and each listener has everything, or has received nothing for a while although it was reading.
    """
    if not handler.drained_ns:
        return False
    ledger = ledger_of(handler, listeners, final=True)
    waiting = [one for one in listeners if one.opened and not one.done]
    return all(
        not ledger.missing_at(one.plan.name) or _quiet_since(handler.drained_ns, one) >= QUIET_NS for one in waiting
    )


def _quiet_since(since_ns: int, listener: ListenerState) -> int:
    """How many ns the listener has been silent since ``since_ns``, as of its last report."""
    return listener.last_report_ns - max(since_ns, listener.last_report_ns - listener.idle_ns)


def close_counters(units: Iterable[UnitState]) -> None:
    """Take the counts of units that never said they had finished, from what they left on disk."""
    for unit in units:
        if unit.opened and not unit.done:
            unit.close_crashed_counters()
            unit.crashed = True
