"""Checks on the ledger and the latencies of a run: ``[handler[/listener]:] metric op number``, read and never run.

A check is read by the small parser below (nothing is evaluated as code) and held against the ``handlers`` object of a
result, as docs/reference/checks.md says.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench_app.errors import CheckError
from bench_app.model.validation import did_you_mean

Value = int | float
Known = Mapping[str, Collection[str]]

OPS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}

# What loses an event, of the handler's own counters; its listeners' before_join comes on top.
HANDLER_DROPS = ("queue_overflow", "send_timeout", "aborted", "request_timeout", "lost")
LISTENER_DROPS = ("lost", "before_join")

_HANDLER_COUNTERS = frozenset({*HANDLER_DROPS, "offered", "accepted", "bytes", "replied", "retries"})
_LISTENER_COUNTERS = frozenset({"received", "lost", "before_join", "duplicates", "reordered", "foreign", "malformed"})
_BOTH = frozenset({"drops", "rate"})
_HANDLER_LATENCIES = ("round_trip", "lateness")
_LISTENER_LATENCIES = ("service", "response")
_QUANTITIES = ("p50_ms", "p90_ms", "p99_ms", "p99_9_ms", "p99_99_ms", "max_ms", "mean_ms")


def _latencies(names: Collection[str]) -> frozenset[str]:
    return frozenset(f"latency.{name}.{quantity}" for name in names for quantity in _QUANTITIES)


HANDLER_METRICS = _HANDLER_COUNTERS | _BOTH | _latencies(_HANDLER_LATENCIES)
LISTENER_METRICS = _LISTENER_COUNTERS | _BOTH | _latencies(_LISTENER_LATENCIES)
METRICS = HANDLER_METRICS | LISTENER_METRICS

_ONLY_FOR = {"replied": "REQ", "request_timeout": "REQ", "retries": "REQ", "before_join": "PUB"} | dict.fromkeys(
    _latencies(["round_trip"]), "REQ"
)

_METRIC = re.compile(r"[A-Za-z0-9_.]+")
_OP = re.compile(r"[<>=!~]+")
_NUMBER = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True)
class Check:
    """One condition; ``handler`` and ``listener`` are None where it holds for all that have the metric."""

    text: str
    handler: str | None
    listener: str | None
    metric: str
    op: str
    number: Value


@dataclass(frozen=True)
class CheckResult:
    """How a check came out. ``value`` is the worst that was found, None if nothing was measured."""

    check: str
    value: Value | None
    passed: bool


def parse_check(text: str, known: Known) -> Check:
    """Reads a check; ``known`` has the names of each handler's listeners. Raises :class:`CheckError`.

    Names may have ``:`` and ``/`` in them: the scope ends at the last colon, and is the longest handler that fits.
    """
    scope, colon, _ = text.rpartition(":")
    handler, listener = _scope(text, scope.strip(), known) if colon else (None, None)
    at = _skip_blanks(text, len(scope) + len(colon))
    metric, at = _read_metric(text, at)
    _refuse_misplaced(text, metric, handler, listener)
    op, at = _read_op(text, at)
    number, at = _read_number(text, at)
    if at < len(text):
        raise CheckError(text, at + 1, "the end of the check after the number")
    return Check(text, handler, listener, metric, op, number)


def fits(metric: str, socket_type: str) -> bool:
    """Whether handlers of this type, or their listeners, can have the metric at all."""
    return _ONLY_FOR.get(metric, socket_type) == socket_type


def evaluate(check: Check, handlers: Mapping[str, Any]) -> CheckResult:
    """Holds a check against the ``handlers`` object of a result (plain dicts).

    It passes if it holds for every value in its scope, and fails where there is none, or a latency has no samples.
    """
    values = list(_values(check, handlers))
    measured = [value for value in values if value is not None]
    failing = [value for value in measured if not OPS[check.op](value, check.number)]
    if failing:
        return CheckResult(check.text, _worst(check, failing), passed=False)
    if not values or len(measured) < len(values):
        return CheckResult(check.text, None, passed=False)
    return CheckResult(check.text, _worst(check, measured), passed=True)


def _scope(text: str, scope: str, known: Known) -> tuple[str, str | None]:
    if scope in known:
        return scope, None
    candidates = [name for name in known if scope.startswith(f"{name}/")]
    for handler in sorted(candidates, key=len, reverse=True):
        if (listener := scope.removeprefix(f"{handler}/")) in known[handler]:
            return handler, listener
    if not candidates:
        raise CheckError(
            text, 1, f"the name of a handler before the colon: {_names(known)}{did_you_mean(scope, known)}"
        )
    handler = max(candidates, key=len)
    listeners, listener = known[handler], scope.removeprefix(f"{handler}/")
    column = text.index("/", text.index(handler) + len(handler)) + 2
    raise CheckError(text, column, f"a listener of {handler}: {_names(listeners)}{did_you_mean(listener, listeners)}")


def _names(names: Collection[str]) -> str:
    return ", ".join(names) or "(there is none)"


def _read_metric(text: str, at: int) -> tuple[str, int]:
    found = _METRIC.match(text, at)
    metric = found[0] if found else ""
    if found is None or metric not in METRICS:
        raise CheckError(
            text, at + 1, f"a metric, such as drops or latency.response.p99_ms{did_you_mean(metric, sorted(METRICS))}"
        )
    return metric, _skip_blanks(text, found.end())


def _refuse_misplaced(text: str, metric: str, handler: str | None, listener: str | None) -> None:
    if listener is not None and metric not in LISTENER_METRICS:
        raise CheckError(
            text, 1, f"the handler alone before the colon: {metric} is a metric of {handler}, not of a listener"
        )


def _read_op(text: str, at: int) -> tuple[str, int]:
    found = _OP.match(text, at)
    if found is None or found[0] not in OPS:
        raise CheckError(text, at + 1, f"one of {' '.join(OPS)}")
    return found[0], _skip_blanks(text, found.end())


def _read_number(text: str, at: int) -> tuple[Value, int]:
    found = _NUMBER.match(text, at)
    if found is None or not math.isfinite(float(found[0])):
        raise CheckError(text, at + 1, "a number, such as 5 or 0.25")
    whole = found[1] is None and found[2] is None
    return (int(found[0]) if whole else float(found[0])), _skip_blanks(text, found.end())


def _skip_blanks(text: str, at: int) -> int:
    return len(text) - len(text[at:].lstrip())


def _values(check: Check, handlers: Mapping[str, Any]) -> Iterator[Value | None]:
    for name, handler in handlers.items():
        if check.handler is None and fits(check.metric, handler.get("socket_type", "")):
            yield from _of_all(check.metric, handler)
        elif check.handler == name:
            yield from _of_one(check, handler)


def _of_all(metric: str, handler: Mapping[str, Any]) -> Iterator[Value | None]:
    if metric in HANDLER_METRICS:
        yield from _of_handler(metric, handler)
    # The handler's drops have those of its listeners in them, and a PUSH keeps the losses of all its listeners itself.
    kept_by_handler = metric == "drops" or (metric == "lost" and handler.get("socket_type") != "PUB")
    if metric in LISTENER_METRICS and not kept_by_handler:
        yield from _of_listeners(metric, handler)


def _of_one(check: Check, handler: Mapping[str, Any]) -> Iterator[Value | None]:
    if check.listener is not None:
        yield from _of_listener(check.metric, handler.get("listeners", {}).get(check.listener, {}))
    elif check.metric in HANDLER_METRICS:
        yield from _of_handler(check.metric, handler)
    else:
        yield from _of_listeners(check.metric, handler)


def _of_handler(metric: str, handler: Mapping[str, Any]) -> Iterator[Value | None]:
    if metric == "drops":
        joined = sum(listener.get("before_join", 0) for listener in handler.get("listeners", {}).values())
        yield joined + sum(handler.get(counter, 0) for counter in HANDLER_DROPS)
    elif metric == "lost" and not handler.get("arrivals_known", True):
        # Nobody counted: there is no such figure, though the result has its 0.
        return
    else:
        yield from _read(metric, handler)


def _of_listeners(metric: str, handler: Mapping[str, Any]) -> Iterator[Value | None]:
    for listener in handler.get("listeners", {}).values():
        yield from _of_listener(metric, listener)


def _of_listener(metric: str, listener: Mapping[str, Any]) -> Iterator[Value | None]:
    if metric == "drops" and listener:
        yield sum(listener.get(counter, 0) for counter in LISTENER_DROPS)
    else:
        yield from _read(metric, listener)


def _read(metric: str, books: Mapping[str, Any]) -> Iterator[Value | None]:
    """The metric where these books have it: one value, None where nothing was measured; or no value at all."""
    if not metric.startswith("latency."):
        if metric in books:
            yield books[metric]
        return
    _, latency, quantity = metric.split(".")
    summary = books.get(f"{latency}_us")
    if summary is None:
        return
    microseconds = summary.get(quantity.removesuffix("_ms")) if summary.get("count", 1) else None
    yield None if microseconds is None else microseconds / 1000


def _worst(check: Check, values: list[Value]) -> Value:
    """The value furthest on the wrong side, or nearest to it."""
    if check.op in ("<", "<="):
        return max(values)
    if check.op in (">", ">="):
        return min(values)
    furthest = max if check.op == "==" else min
    return furthest(values, key=lambda value: abs(value - check.number))
