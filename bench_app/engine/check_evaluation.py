"""Whether the checks of a preset hold for a run: check, result -> **value and outcome** -> verdict. Pure.

A check is compared with the ``handlers`` object of a result as plain dicts, so that a result read from a file will do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench_app.measure.loss_causes import LISTENER_LOSS_CAUSES, LOSS_CAUSES, LossCause
from bench_app.model import pattern_of
from bench_app.preset.checks import Check, Reading, Value
from bench_app.preset.metrics import (
    DROPS,
    HANDLER_METRICS,
    HANDLER_STEP_METRICS,
    LATENCY_METRICS,
    LISTENER_METRICS,
    fits,
)

Figures = Mapping[str, Any]
"""The keys and values that a result has for one handler or one listener."""


@dataclass(frozen=True)
class CheckResult:
    """The result of one check.

    Attributes:
        check: the check as the preset has it.
        value: the worst value that was found; None where nothing was measured.
        passed: whether the check holds.
    """

    check: str
    value: Value | None
    passed: bool


def evaluate(check: Check, handlers: Mapping[str, Any]) -> CheckResult:
    """Compare a check with the handlers of a result.

    The check passes if it holds for every value in its scope. It fails where there is no value, and where a latency has
    no samples.
    """
    values = list(values_of(check, handlers))
    measured = [value for value in values if value is not None]
    failing = [value for value in measured if not check.holds(value)]
    if failing:
        return CheckResult(check.text, _worst(check, failing), passed=False)
    if not values or len(measured) < len(values):
        return CheckResult(check.text, None, passed=False)
    return CheckResult(check.text, _worst(check, measured), passed=True)


def read_value(reading: Reading, handlers: Mapping[str, Any]) -> Value | None:
    """The value of a metric: the sum over its units, of a latency the highest; None if nothing is known."""
    values = [value for value in values_of(reading, handlers) if value is not None]
    if not values:
        return None
    return max(values) if reading.metric in LATENCY_METRICS else sum(values)


def values_of(check: Reading, handlers: Mapping[str, Any]) -> Iterator[Value | None]:
    """Each value in the scope of a check; None where nothing was measured."""
    for name, handler in handlers.items():
        if check.handler is None and fits(check.metric, handler["socket_type"]):
            yield from _of_all(check.metric, handler)
        elif check.handler == name:
            yield from _of_one(check, handler)


def _of_all(metric: str, handler: Figures) -> Iterator[Value | None]:
    """The values of a check that names no handler: those of the handler, and those of its listeners."""
    if metric in HANDLER_METRICS:
        yield from _of_handler(metric, handler)
    if metric in LISTENER_METRICS and not _covers_listeners(metric, handler):
        yield from _of_listeners(metric, handler)


def _covers_listeners(metric: str, handler: Figures) -> bool:
    """True where the handler's value includes those of its listeners.

    Its drops always do. Its losses do where the listeners share the messages, so that no listener has its own.
    """
    return metric == DROPS or (metric == "lost" and not pattern_of(handler["socket_type"]).each_gets_all)


def _of_one(check: Reading, handler: Figures) -> Iterator[Value | None]:
    """The values of a check that names a handler."""
    if check.listener is not None:
        yield from _of_listener(check.metric, handler.get("listeners", {}).get(check.listener, {}))
    elif check.metric in HANDLER_METRICS | HANDLER_STEP_METRICS:
        yield from _of_handler(check.metric, handler)
    else:
        yield from _of_listeners(check.metric, handler)


def _of_handler(metric: str, handler: Figures) -> Iterator[Value | None]:
    if metric == DROPS:
        yield sum(_loss(cause, handler) for cause in LOSS_CAUSES)
    elif metric == "lost" and not handler.get("arrivals_known", True):
        # No listener of the bench counted, so the 0 in the result does not mean that nothing was lost.
        return
    else:
        yield from _read(metric, handler)


def _loss(cause: LossCause, handler: Figures) -> int:
    owners = handler.get("listeners", {}).values() if cause.by_listeners_only else [handler]
    return sum(owner.get(cause.key, 0) for owner in owners)


def _of_listeners(metric: str, handler: Figures) -> Iterator[Value | None]:
    for listener in handler.get("listeners", {}).values():
        yield from _of_listener(metric, listener)


def _of_listener(metric: str, listener: Figures) -> Iterator[Value | None]:
    if metric == DROPS and listener:
        yield sum(listener.get(cause.key, 0) for cause in LISTENER_LOSS_CAUSES)
    else:
        yield from _read(metric, listener)


def _read(metric: str, figures: Figures) -> Iterator[Value | None]:
    """The value of a metric: None where nothing was measured, and no value at all where there is no such figure."""
    if metric not in LATENCY_METRICS:
        if metric in figures:
            yield figures[metric]
        return
    measure, quantity = LATENCY_METRICS[metric]
    summary = figures.get(f"{measure}_us")
    if summary is None:
        return
    microseconds = summary.get(quantity) if summary.get("count", 1) else None
    yield None if microseconds is None else microseconds / 1000


def _worst(check: Check, values: list[Value]) -> Value:
    """The value furthest on the wrong side of the check's number, or nearest to that side."""
    if check.op in ("<", "<="):
        return max(values)
    if check.op in (">", ">="):
        return min(values)
    furthest = max if check.op == "==" else min
    return furthest(values, key=lambda value: abs(value - check.number))
