"""The checks of a preset: ``[handler[/listener]:] metric op number`` -> :class:`Check`.

The small parser below reads a check. No part of a check is ever run as code. :mod:`bench_app.engine.check_evaluation`
compares a check with the result of a run.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bench_app.errors import CheckError
from bench_app.model.validation import did_you_mean
from bench_app.preset.metrics import LISTENER_METRICS, LISTENER_STEP_METRICS, METRICS, STEP_METRICS

Value = int | float
Known = Mapping[str, Collection[str]]
"""The names of each handler's listeners, by the handler's name."""

OPS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}

_METRIC = re.compile(r"[A-Za-z0-9_.]+")
_OP = re.compile(r"[<>=!~]+")
_NUMBER = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True)
class Reading:
    """A metric of one unit, or of several.

    Attributes:
        text: the reading or the check as it is written in the preset.
        handler: the handler that is measured; None for all handlers that have the metric.
        listener: the listener that is measured. None stands for the handler if the metric is a handler's, and for all
            listeners if the metric is a listener's.
        metric: one of :data:`bench_app.preset.metrics.METRICS`.
    """

    text: str
    handler: str | None
    listener: str | None
    metric: str


@dataclass(frozen=True)
class Check(Reading):
    """One condition on a result: a metric, and what it is compared with.

    Attributes:
        op: one of :data:`OPS`.
        number: the number to compare with.
    """

    op: str
    number: Value

    def holds(self, value: Value) -> bool:
        """Whether the condition holds for one value."""
        return OPS[self.op](value, self.number)


def parse_check(text: str, known: Known, in_run: bool = False) -> Check:
    """Read a check against the ``known`` handlers and listeners; raises :class:`CheckError`.

    ``in_run``: it is of a step of a timeline, which can also read what only a run under way has.

    Names may contain ``:`` and ``/``. So the scope ends at the last colon, and of several handler names that fit, the
    longest is taken.
    """
    reading, at = _read_reading(text, known, in_run)
    op, at = _read_op(text, at)
    number, at = _read_number(text, at)
    if at < len(text):
        raise CheckError(text, at + 1, "the end of the check after the number")
    return Check(reading.text, reading.handler, reading.listener, reading.metric, op, number)


def parse_reading(text: str, known: Known, in_run: bool = False) -> Reading:
    """Read ``[handler[/listener]:] metric``, as a check begins; raises :class:`CheckError`."""
    reading, at = _read_reading(text, known, in_run)
    if at < len(text):
        raise CheckError(text, at + 1, "nothing after the metric")
    return reading


def _read_reading(text: str, known: Known, in_run: bool) -> tuple[Reading, int]:
    scope, colon, _ = text.rpartition(":")
    handler, listener = _scope(text, scope.strip(), known) if colon else (None, None)
    at = _skip_blanks(text, len(scope) + len(colon))
    metric, at = _read_metric(text, at, in_run)
    _refuse_misplaced(text, metric, handler, listener)
    return Reading(text, handler, listener, metric), at


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


def _read_metric(text: str, at: int, in_run: bool) -> tuple[str, int]:
    found = _METRIC.match(text, at)
    metric = found[0] if found else ""
    if metric in STEP_METRICS and not in_run:
        raise CheckError(text, at + 1, f"a metric of a whole run: only the steps of a timeline have {metric}")
    known = METRICS | STEP_METRICS if in_run else METRICS
    if found is None or metric not in known:
        raise CheckError(
            text, at + 1, f"a metric, such as drops or latency.response.p99_ms{did_you_mean(metric, sorted(known))}"
        )
    return metric, _skip_blanks(text, found.end())


def _refuse_misplaced(text: str, metric: str, handler: str | None, listener: str | None) -> None:
    if handler is None and metric in STEP_METRICS:
        raise CheckError(text, 1, f"a handler and a colon before {metric}")
    if listener is not None and metric not in LISTENER_METRICS | LISTENER_STEP_METRICS:
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
