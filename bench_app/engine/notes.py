"""Notes on a result, whatever its verdict: ledgers -> **notes** -> terminal, window, JSON.

A note is no fault: a run in which no peer was ever connected is a sound reading of a handler without a peer.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench_app.engine.limits import LINGER_LIMIT_MS
from bench_app.engine.result import GuiFigures
from bench_app.engine.state import HandlerState
from bench_app.measure.ledger import HandlerLedger

CROWDED_CPUS = 2
"""On so few processors, handler and listener fill the machine. Any other process makes messages wait."""


def handler_notes(handlers: Mapping[str, HandlerState], ledgers: Mapping[str, HandlerLedger]) -> list[str]:
    """Handlers that were never connected, that have no listener that counts, or that closed before their listeners had
    read everything. Both mappings have the names of the result as keys."""
    return [f"{name}: {note}" for name, handler in handlers.items() if (note := _handler_note(handler, ledgers[name]))]


def window_notes(gui: GuiFigures | None, cpus: int) -> list[str]:
    """What a window that drew during the run may have done to the reading."""
    if gui is None or cpus > CROWDED_CPUS:
        return []
    return [
        f"the window drew beside the run on {cpus} processors, which may lengthen tails; zmq-bench run measures alone"
    ]


def _handler_note(handler: HandlerState, ledger: HandlerLedger) -> str:
    if handler.opened and not handler.failed and not handler.ever_connected:
        gone = f"; the {ledger.lost:,} accepted events reached nobody" if ledger.lost else ""
        return f"nobody was ever connected to it{gone}"
    if not ledger.arrivals_known:
        accepted, dropped = ledger.counts.accepted, ledger.counts.offered - ledger.counts.accepted
        return (
            f"{accepted:,} events were accepted and {dropped:,} dropped at the handler; "
            f"nobody counted behind it, so what arrived is not known"
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
        f"{', over ipc also what the system had taken already' if is_ipc else ''}"
    )
