"""Notes on a result, whatever its verdict: ledgers -> **notes** -> terminal, window, JSON.

A note is no fault: a run in which no peer was ever connected measures correctly what a handler without a peer does.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench_app.engine.limits import LINGER_LIMIT_MS
from bench_app.engine.result import GuiFigures
from bench_app.engine.state import HandlerState
from bench_app.measure.ledger import HandlerLedger

CROWDED_CPUS = 2
"""Up to this many processors, handler and listener fill the machine, and any other process makes messages wait."""


def handler_notes(handlers: Mapping[str, HandlerState], ledgers: Mapping[str, HandlerLedger]) -> list[str]:
    """A note for each handler that was never connected, that has no listener of the bench, or that closed before its
    listeners had read everything. Both mappings have the names of the result as keys."""
    return [f"{name}: {note}" for name, handler in handlers.items() if (note := _handler_note(handler, ledgers[name]))]


def window_notes(gui: GuiFigures | None, cpus: int) -> list[str]:
    """A note if drawing the window may have lengthened the latencies of the run."""
    if gui is None or cpus > CROWDED_CPUS:
        return []
    return [
        f"the window drew beside the run on {cpus} processors, which may lengthen tails; zmq-bench run measures alone"
    ]


def _handler_note(handler: HandlerState, ledger: HandlerLedger) -> str:
    if handler.opened and not handler.failed and not handler.ever_connected:
        loss = f"; all {ledger.lost:,} accepted events are lost" if ledger.lost else ""
        return f"no peer was ever connected{loss}"
    if not ledger.arrivals_known:
        accepted, dropped = ledger.counts.accepted, ledger.counts.offered - ledger.counts.accepted
        return (
            f"{accepted:,} events were accepted and {dropped:,} dropped at the handler; "
            f"no listener of the bench counted them, so how many arrived is not known"
        )
    if ledger.lost > 0 and handler.finished and not handler.released:
        return _cut_off_note(handler, ledger.lost)
    return ""


def _cut_off_note(handler: HandlerState, lost: int) -> str:
    linger_ms = handler.plan.spec.config.linger
    is_ipc = handler.plan.endpoint.transport == "ipc"
    return (
        f"its linger of {linger_ms if linger_ms >= 0 else LINGER_LIMIT_MS:,} ms was over before its listeners had read "
        f"all: up to {lost:,} messages were lost with its socket"
        f"{', over ipc also messages that were already in the kernel' if is_ipc else ''}"
    )
