"""A run's figures as they are now, by the keys of a result: unit states -> **live figures** -> checks, captions."""

from __future__ import annotations

from typing import Any

import msgspec

from bench_app.engine.live_ledger import ledger_of
from bench_app.engine.run_state import Phase, RunState
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.measure.histogram import Histogram
from bench_app.measure.ledger import HandlerLedger, ListenerLedger


def live_figures(run: RunState) -> dict[str, Any]:
    """The ``handlers`` of a result, as :func:`~bench_app.engine.check_evaluation.evaluate` reads them.

    They are of the last reports. When the run is over, the ledgers are final: what did not arrive is lost.
    """
    final = run.phase is Phase.DONE
    return {name: _handler(run, handler, final) for name, handler in run.roster.handlers.items()}


def _handler(run: RunState, handler: HandlerState, final: bool) -> dict[str, Any]:
    listeners = run.roster.listeners_of(handler)
    ledger = ledger_of(handler, listeners, final)
    seconds = run.seconds_of(handler)
    figures: dict[str, Any] = {
        **msgspec.to_builtins(ledger.counts),
        "socket_type": handler.plan.pattern.socket_type,
        "lost": ledger.lost,
        "rate": _rate(ledger.counts.accepted, seconds),
        "arrivals_known": ledger.arrivals_known,
        "lateness_us": _summary(handler.lateness),
        "listeners": {one.plan.name: _listener(one, ledger, seconds) for one in listeners},
    }
    if handler.plan.pattern.gets_replies:
        figures["round_trip_us"] = _summary(handler.round_trip)
    return figures


def _listener(listener: ListenerState, ledger: HandlerLedger, seconds: float) -> dict[str, Any]:
    account: ListenerLedger = ledger.listeners[listener.plan.name]
    counts = account.counts
    return {
        **msgspec.to_builtins(counts),
        "lost": account.lost,
        "before_join": account.before_join,
        "rate": _rate(counts.received - counts.received_in_drain, seconds),
        "service_us": _summary(listener.service),
        "response_us": _summary(listener.response),
    }


def _summary(histogram: Histogram) -> dict[str, float]:
    return dict(histogram.summary_us())


def _rate(count: int, seconds: float) -> float:
    return round(count / seconds, 1) if seconds > 0 else 0.0
