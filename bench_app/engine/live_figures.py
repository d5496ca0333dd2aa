"""A run's figures as they are now, by the keys of a result: unit states -> **live figures** -> checks, captions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from bench_app.engine.live_ledger import ledger_of
from bench_app.engine.run_state import Phase, RunState
from bench_app.engine.state import HandlerState, ListenerState
from bench_app.measure.histogram import Histogram
from bench_app.measure.ledger import HandlerLedger, ListenerLedger
from bench_app.preset.metrics import HANDLER_STEP_METRICS, LISTENER_STEP_METRICS, NEW, RATE_NOW


def live_figures(run: RunState) -> dict[str, Any]:
    """The ``handlers`` of a result, as :func:`~bench_app.engine.check_evaluation.evaluate` reads them.

    They are of the last reports. When the run is over, the ledgers are final: what did not arrive is lost.
    """
    final = run.phase is Phase.DONE
    return {name: _handler(run, handler, final) for name, handler in run.roster.handlers.items()}


def with_increases(figures: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """The figures, and by how much each count has grown since those ``before``: ``new.lost`` beside ``lost``."""
    found = {}
    for name, handler in figures.items():
        old = before.get(name, {})
        listeners = {
            listener: {
                **counts,
                **_increases(counts, old.get("listeners", {}).get(listener, {}), LISTENER_STEP_METRICS),
            }
            for listener, counts in handler["listeners"].items()
        }
        found[name] = {**handler, **_increases(handler, old, HANDLER_STEP_METRICS), "listeners": listeners}
    return found


def _increases(now: Mapping[str, Any], before: Mapping[str, Any], metrics: Collection[str]) -> dict[str, int]:
    counts = [metric.removeprefix(NEW) for metric in metrics if metric.startswith(NEW)]
    pairs = {count: (now[count], before.get(count, 0)) for count in counts if count in now}
    # A handler that restarted has smaller counts than the one of its name before.
    return {f"{NEW}{count}": new - old if new >= old else new for count, (new, old) in pairs.items()}


def _handler(run: RunState, handler: HandlerState, final: bool) -> dict[str, Any]:
    listeners = run.roster.listeners_of(handler)
    ledger = ledger_of(handler, listeners, final)
    seconds = run.seconds_of(handler)
    figures: dict[str, Any] = {
        **msgspec.to_builtins(ledger.counts),
        "socket_type": handler.plan.pattern.socket_type,
        "lost": ledger.lost,
        "rate": _rate(ledger.counts.accepted, seconds),
        RATE_NOW: round(handler.rates[1], 1) if handler.rates else 0.0,
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
        RATE_NOW: round(listener.rates[0], 1) if listener.rates else 0.0,
        "service_us": _summary(listener.service),
        "response_us": _summary(listener.response),
    }


def _summary(histogram: Histogram) -> dict[str, float]:
    return dict(histogram.summary_us())


def _rate(count: int, seconds: float) -> float:
    return round(count / seconds, 1) if seconds > 0 else 0.0
