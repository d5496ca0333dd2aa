"""The figures of a run that its line in the list of runs shows: settings and result -> **key figures** -> archive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from bench_app.engine.result import LatencySummary, RunResult
from bench_app.model import HandlerConfig
from bench_app.model.keys import keys_of


class KeyFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures by which runs are compared; None if the run has none.

    Attributes:
        least_hwm, most_hwm: the high-water marks of the enabled handlers, as the run began.
        p50_us, p99_us: the highest of all listeners: of the service latency, for REQ of the round trip.
    """

    least_hwm: int | None = None
    most_hwm: int | None = None
    p50_us: float | None = None
    p99_us: float | None = None


def key_figures(preset: dict[str, Any], result: RunResult) -> KeyFigures:
    """The figures of a finished run of this preset."""
    marks = sorted(_high_water_marks(preset))
    measured = [latency for latency in _latencies(result) if latency.count]
    return KeyFigures(
        least_hwm=marks[0] if marks else None,
        most_hwm=marks[-1] if marks else None,
        p50_us=max((latency.p50 for latency in measured), default=None),
        p99_us=max((latency.p99 for latency in measured), default=None),
    )


def _latencies(result: RunResult) -> Iterator[LatencySummary]:
    for handler in result.handlers.values():
        if handler.round_trip_us is not None:
            yield handler.round_trip_us
        else:
            yield from (listener.service_us for listener in handler.listeners.values())


def _high_water_marks(preset: dict[str, Any]) -> Iterator[int]:
    """The marks in the JSON of a preset, which was valid when it ran. What is not of its form has none."""
    usual = next(key.default for key in keys_of(HandlerConfig) if key.name == "high_water_mark")
    handlers = _part(_part(preset, "output"), "handlers")
    for handler in handlers.values():
        if isinstance(handler, dict) and handler.get("enabled", True):
            mark = _part(handler, "config").get("high_water_mark", usual)
            if isinstance(mark, int):
                yield mark


def _part(parent: dict[str, Any], key: str) -> dict[str, Any]:
    found = parent.get(key)
    return found if isinstance(found, dict) else {}
