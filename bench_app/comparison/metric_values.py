"""The metrics of one run as numbers: handlers of a result -> **values by metric** -> comparison, sweep. Pure.

The metrics are those of the checks of a preset (:mod:`bench_app.preset.metrics`). Without a scope a metric has the
worst value of all handlers and listeners that have it, as a check would report it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from bench_app.engine.check_evaluation import values_of
from bench_app.engine.result import RunResult
from bench_app.errors import CheckError, InputError
from bench_app.measure.histogram_delta import PERCENTILES
from bench_app.preset.checks import Check, Known, parse_check
from bench_app.preset.metrics import HANDLER_METRICS, LATENCY_METRICS, LISTENER_METRICS, METRICS

MORE_IS_BETTER = frozenset({"rate", "offered", "accepted", "bytes", "received", "replied"})
"""The metrics whose worst value is the lowest."""
MAIN_METRICS = (
    "drops",
    "rate",
    *(f"latency.{measure}.{part}_ms" for measure in ("service", "response", "round_trip") for part in ("p50", "p99")),
)
"""The metrics that most people compare runs by. A comparison tests them first."""

_COUNTERS = sorted(METRICS - set(LATENCY_METRICS) - {"drops", "rate"})
_ORDER = [
    *("drops", "rate"),
    *(
        f"latency.{measure}.{part}_ms"
        for measure in ("service", "response", "round_trip", "lateness")
        for part in (*PERCENTILES, "max", "mean")
    ),
    *_COUNTERS,
]


def metric_values(result: RunResult, wanted: Iterable[str] = ()) -> dict[str, float]:
    """The values of a run by metric, those of the ``wanted`` metrics or of all.

    A wanted metric may have a scope, as in a check: ``handler/listener: rate``. All metrics are those without a scope
    and, where more than one handler or listener has the metric, those of each. A latency without samples is left out.
    Raises InputError if a wanted metric or its scope does not exist.
    """
    handlers = msgspec.to_builtins(result.handlers)
    known = {name: tuple(handler.listeners) for name, handler in result.handlers.items()}
    names = list(wanted)
    checks = [parse_metric(name, known) for name in names] if names else _all_metrics(known)
    found = {check.text: _value(check, handlers) for check in checks}
    if not names:
        found = _without_repeats(found, handlers)
    return {name: value for name, value in found.items() if value is not None}


def parse_metric(text: str, known: Known) -> Check:
    """A metric with or without a scope, as a check of which only the scope and the metric count.

    Raises InputError if there is no such handler, listener or metric.
    """
    try:
        check = parse_check(f"{text} == 0", known)
    except CheckError as error:
        raise InputError(f"{text} is no metric: {error.expected} was expected at column {error.column}") from None
    return _scoped(check.metric, check.handler, check.listener, text)


def _all_metrics(known: Known) -> list[Check]:
    checks = [_scoped(metric) for metric in _ORDER]
    for handler, listeners in known.items():
        checks += [_scoped(metric, handler) for metric in _ORDER if metric in HANDLER_METRICS]
        for listener in listeners:
            checks += [_scoped(metric, handler, listener) for metric in _ORDER if metric in LISTENER_METRICS]
    return checks


def _scoped(metric: str, handler: str | None = None, listener: str | None = None, text: str = "") -> Check:
    scope = "" if handler is None else f"{handler}: " if listener is None else f"{handler}/{listener}: "
    return Check(text or f"{scope}{metric}", handler, listener, metric, "==", 0)


def _value(check: Check, handlers: Mapping[str, Any]) -> float | None:
    measured = [value for value in values_of(check, handlers) if value is not None]
    if not measured:
        return None
    return float(min(measured) if check.metric in MORE_IS_BETTER else max(measured))


def _without_repeats(found: Mapping[str, float | None], handlers: Mapping[str, Any]) -> dict[str, float | None]:
    """Leave out metrics of a scope where only one handler or listener has the metric."""
    alone = {metric for metric in _ORDER if sum(1 for _ in values_of(_scoped(metric), handlers)) < 2}
    return {name: value for name, value in found.items() if name in _ORDER or _metric_of(name) not in alone}


def _metric_of(name: str) -> str:
    return name.rpartition(": ")[2]


def unit_of(metric: str) -> str:
    """The unit of a metric's values; "" for counts."""
    name = _metric_of(metric)
    return "ms" if name in LATENCY_METRICS else "/s" if name == "rate" else ""


def is_worse(metric: str, shift: float) -> bool:
    """Whether a shift of this sign is a change for the worse: more losses, more latency, a lower rate."""
    return shift < 0 if _metric_of(metric) in MORE_IS_BETTER else shift > 0


def format_figure(metric: str, value: float | None, *, signed: bool = False) -> str:
    """A value of a metric with its unit; "" if there is none."""
    if value is None:
        return ""
    unit = unit_of(metric)
    digits = 3 if unit == "ms" else 1 if unit else 0 if value.is_integer() else 1
    return f"{value:{'+' if signed else ''},.{digits}f}{f' {unit}' if unit else ''}"
