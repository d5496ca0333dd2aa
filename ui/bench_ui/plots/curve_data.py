"""The values of the curves as plain arrays: time series and the selection -> **curve data** -> plots. numpy, no Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from bench_app.engine.unit_key import UnitKey
from bench_app.measure.arrays import Floats
from bench_app.measure.latency_measures import LISTENER_MEASURES
from bench_app.measure.loss_causes import LISTENER_LOSS_CAUSES, LOSS_CAUSES
from bench_app.measure.quantiles import SAMPLED_PERCENTILES
from bench_app.measure.time_series import TimeSeries, after_stalls, rates_of_total
from bench_ui.plots.curve_cache import CurveCache
from bench_ui.scope import Scope

DROPS_OVER_S = 1.0
USUAL_MEASURE = "service"
"""The latency that is shown until the user chooses another one."""
LEAST_GAP_S = 0.5
"""The window may be late by this much before its curves have a gap."""

SeriesByUnit = Mapping[UnitKey, TimeSeries]
"""The time series of a run."""


def times(series: SeriesByUnit, scope: Scope) -> Floats:
    """The time axis. All units of a run are sampled at the same moments, so the times of one handler serve for all."""
    found = next(iter(_handler_series(series, scope)), None)
    return np.empty(0) if found is None else found.column("at_s")


def handlers(series: SeriesByUnit, scope: Scope) -> dict[UnitKey, TimeSeries]:
    """The series of the handlers in the scope."""
    return {unit: one for unit, one in series.items() if not unit.listener and scope.includes(unit)}


def _handler_series(series: SeriesByUnit, scope: Scope) -> list[TimeSeries]:
    return list(handlers(series, scope).values())


def listeners(series: SeriesByUnit, scope: Scope) -> list[TimeSeries]:
    """The series of the listeners in the scope."""
    return [one for unit, one in series.items() if unit.listener and scope.includes_listener(unit)]


def latency(series: SeriesByUnit, scope: Scope, measure: str, cache: CurveCache | None = None) -> dict[str, Floats]:
    """Each quantile of a measure in ns: at each moment the highest of the handlers or listeners."""
    sources, cache = _measuring(series, scope, measure), cache or CurveCache()
    return {quantile: cache.highest(sources, f"{measure}.{quantile}") for quantile in SAMPLED_PERCENTILES}


def measured_by(series: SeriesByUnit, scope: Scope, measure: str) -> int:
    """The number of listeners (or handlers) that have values of a measure."""
    sources = _measuring(series, scope, measure)
    return sum(bool(len(one)) and bool(np.isfinite(one.column(f"{measure}.p50")).any()) for one in sources)


def _measuring(series: SeriesByUnit, scope: Scope, measure: str) -> list[TimeSeries]:
    return listeners(series, scope) if measure in LISTENER_MEASURES else _handler_series(series, scope)


def lateness_ns(series: SeriesByUnit) -> float:
    """How late the latest handler offers its events now: the median of its newest sample. NaN if that is not known."""
    newest = [one.column("lateness.p50")[-1:] for unit, one in series.items() if not unit.listener]
    known = [float(value[0]) for value in newest if len(value) and np.isfinite(value[0])]
    return max(known, default=math.nan)


def throughput(
    series: SeriesByUnit, scope: Scope, in_bytes: bool, cache: CurveCache | None = None
) -> dict[str, Floats]:
    """Messages a second, or MB/s. Offered events are not known in bytes."""
    chosen, cache = _handler_series(series, scope), cache or CurveCache()
    chosen_listeners = listeners(series, scope)
    if in_bytes:
        return {
            "accepted": cache.rates(chosen, "bytes") / 1e6,
            "received": cache.rates(chosen_listeners, "bytes") / 1e6,
        }
    if scope.listener:
        received = cache.rates(chosen_listeners, "received")
    else:
        received = cache.rates(chosen, "received", "received_s")
    return {
        "offered": cache.rates(chosen, "offered"),
        "accepted": cache.rates(chosen, "accepted"),
        "received": received,
    }


def drops(series: SeriesByUnit, scope: Scope, cache: CurveCache | None = None) -> dict[str, Floats]:
    """Events lost a second by cause, over the last :data:`DROPS_OVER_S`. A listener has only losses on the way."""
    if scope.listener:
        causes, counted_by = LISTENER_LOSS_CAUSES, listeners(series, scope)
    else:
        causes, counted_by = LOSS_CAUSES, _handler_series(series, scope)
    cache = cache or CurveCache()
    at_s = counted_by[0].column("at_s") if counted_by else np.empty(0)
    found = {}
    for cause in causes:
        # The listeners' reports reveal what was lost on the way.
        by_listeners = cause.known_at_listeners and not scope.listener
        reported_s = cache.highest(counted_by, "received_s" if by_listeners else "report_s")
        total = cache.sum(counted_by, cause.key)
        found[cause.key] = np.nan_to_num(rates_of_total(at_s, total, reported_s, DROPS_OVER_S))
    return found


def sum_of(series: SeriesByUnit, scope: Scope) -> str:
    """What the rates and gauges of a scope are the sum of; "" for one handler or listener."""
    names = {unit.handler for unit in handlers(series, scope)}
    return f"sum of {len(names):,} handlers" if len(names) > 1 else ""


def queue(series: SeriesByUnit, scope: Scope, cache: CurveCache | None = None) -> dict[str, Floats]:
    """Events in the handlers' queues, and messages on the way (for REQ: requests without a reply)."""
    chosen, cache = _handler_series(series, scope), cache or CurveCache()
    return {name: cache.sum(chosen, name) for name in ("queued", "in_flight")}


def count_at(series: TimeSeries, column: str, at_s: float) -> int:
    """A counter at the last sample before a moment of the run; 0 before the first sample."""
    place = int(np.searchsorted(series.column("at_s"), at_s, side="right")) - 1
    return int(series.column(column)[place]) if place >= 0 else 0


def with_lone_points(y: Floats) -> Floats:
    """Values for drawing: a value between two gaps also fills the gap before it, because a line needs two points."""
    if len(y) < 2:
        return y
    known = np.isfinite(y)
    lone = known[1:] & ~known[:-1] & np.append(~known[2:], True)
    drawn = y.copy()
    drawn[:-1][lone] = y[1:][lone]
    return drawn


def with_gaps(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Points for drawing: a point without a value where the window stood still, so that no line goes over that time."""
    rows = np.flatnonzero(after_stalls(x, LEAST_GAP_S))
    if not len(rows):
        return x, y
    return np.insert(x, rows, (x[rows - 1] + x[rows]) / 2), np.insert(y, rows, np.nan)


def is_in_gap(x: Floats, at_s: float) -> bool:
    """Whether a moment is in a gap of :func:`with_gaps`."""
    place = int(np.searchsorted(x, at_s))
    return 0 < place < len(x) and at_s < x[place] and bool(after_stalls(x, LEAST_GAP_S)[place])
