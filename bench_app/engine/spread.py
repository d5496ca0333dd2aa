"""How far repeated runs of a preset differ: results -> **spread** of each percentile -> terminal, JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

import msgspec

from bench_app.engine.result import LatencySummary, RunResult
from bench_app.measure.histogram_delta import PERCENTILES

QUANTITIES = (*PERCENTILES, "max")
"""The figures of a latency whose spread is computed, by their keys in a result."""


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a latency over all runs that measured it.

    Attributes:
        unit: the handler, or ``handler/listener``.
        measure: the latency, by its key in a result. The key ends with the unit of the values.
        quantity: the percentile or ``max``, by its key in a result.
        runs: how many runs measured it. A run without samples did not.
        min: the smallest value.
        median: the median of the values.
        max: the largest value.
        is_doubtful: whether the values differ by more than their median, so that the figure says little.
    """

    unit: str
    measure: str
    quantity: str
    runs: int
    min: float
    median: float
    max: float
    is_doubtful: bool


def spread_of(results: Sequence[RunResult]) -> list[Spread]:
    """The spread of each figure, unit by unit in the order of the results."""
    measured: dict[tuple[str, str, str], list[LatencySummary]] = {}
    for result in results:
        for key, latency in _latencies(result):
            if latency.count:
                measured.setdefault(key, []).append(latency)
    return [
        _spread(f"{handler}/{listener}" if listener else handler, measure, quantity, latencies)
        for (handler, listener, measure), latencies in measured.items()
        for quantity in QUANTITIES
    ]


def _latencies(result: RunResult) -> Iterator[tuple[tuple[str, str, str], LatencySummary]]:
    """Each latency of a run, with its handler, its listener ("" for the handler's own) and its key."""
    for name, handler in result.handlers.items():
        yield (name, "", "lateness_us"), handler.lateness_us
        if handler.round_trip_us is not None:
            yield (name, "", "round_trip_us"), handler.round_trip_us
        for listener_name, listener in handler.listeners.items():
            yield (name, listener_name, "service_us"), listener.service_us
            yield (name, listener_name, "response_us"), listener.response_us


def _spread(unit: str, measure: str, quantity: str, latencies: Sequence[LatencySummary]) -> Spread:
    values: list[float] = [getattr(latency, quantity) for latency in latencies]
    least, middle, greatest = min(values), median(values), max(values)
    return Spread(
        unit=unit,
        measure=measure,
        quantity=quantity,
        runs=len(values),
        min=least,
        median=round(middle, 3),
        max=greatest,
        is_doubtful=greatest - least > middle,
    )
