"""When workers did not run, and what the machine took: time series -> **stalls** -> machine lane. numpy, no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench_app.engine.bent_readings import BENT_SHARE, ORDINARY_STALL_NS
from bench_app.engine.machine_samples import WINDOW_STALL
from bench_app.engine.sampler import STALL, WORKER
from bench_app.engine.worker_state import SAMPLES_MISSED
from bench_app.measure.arrays import Floats
from bench_app.measure.clock import NS_PER_S
from bench_app.measure.time_series import TimeSeries, median
from bench_ui.plots.curve_data import SeriesByUnit
from bench_ui.scope import Scope

MACHINE_CURVES = {
    "pressure": "pressure_pct",
    "steal": "steal_pct",
    "throttled": "throttled_pct",
    "window": WINDOW_STALL,
}
"""The columns of the machine's series, by the names of their curves."""
STALL_CURVES = ("stall", "window")
"""The curves in ns. The others are in percent."""
LONGEST_STEP = 1.5
"""A step between two rows that is longer than this many usual ones is a gap."""


@dataclass(frozen=True)
class LateWorker:
    """The worker with the longest stall of a sample. ``units`` are the titles of the units that lived in it."""

    number: int
    stall_ns: float
    units: tuple[str, ...]


def longest_stall(series: SeriesByUnit, scope: Scope) -> Floats:
    """At each moment the longest stall in ns of a worker of the scope; NaN if not known. Empty without any such series.

    Runs of former versions do not have it.
    """
    columns = [one.column(STALL) for one in _in_scope(series, scope)]
    if not columns:
        return np.empty(0)
    longest: Floats = np.fmax.reduce(_until_next_report(np.stack(columns)), axis=0)
    return longest


def explained(x: Floats, stall_ns: Floats, tail_ns: Floats) -> list[tuple[float, float]]:
    """The spans of time in which a stall can explain a part of the tail that the verdict would not accept.

    The limits are those of the findings. Where no message arrived, a stall explains that, too.
    """
    if not len(x) == len(stall_ns) == len(tail_ns):
        return []
    bent = (stall_ns > ORDINARY_STALL_NS) & ~(stall_ns <= BENT_SHARE * tail_ns)
    rows = np.flatnonzero(bent)
    if not len(rows):
        return []
    # A row has the messages since the row before it. If that is long ago, because the session itself lagged, only the
    # time of the stall is known to be bent.
    usual_s = median(np.diff(x)) * LONGEST_STEP if len(x) > 1 else 0.0
    starts = np.maximum(x[np.maximum(rows - 1, 0)], x[rows] - np.maximum(usual_s, stall_ns[rows] / NS_PER_S))
    ends = x[rows]
    is_new = np.append(True, starts[1:] > ends[:-1])
    is_last = np.append(is_new[1:], True)
    return list(zip(starts[is_new].tolist(), ends[is_last].tolist(), strict=True))


def latest_worker(series: SeriesByUnit, scope: Scope, row: int) -> LateWorker | None:
    """The worker of the scope with the longest stall in a row; None if nothing is known of it."""
    best: TimeSeries | None = None
    best_ns = -1.0
    for one in _in_scope(series, scope):
        if row < len(one) and (stall_ns := _stall_at(one, row)) > best_ns:
            best, best_ns = one, stall_ns
    if best is None or not np.isfinite(number := best.column(WORKER)[row]):
        return None
    units = tuple(key.title for key, one in series.items() if _lives_in(one, row, number))
    return LateWorker(int(number), best_ns, units)


def machine_curves(machine: TimeSeries) -> dict[str, Floats]:
    """What the machine kept from the bench, in percent, and the lag of the window in ns, by curve.

    Figures that the system does not have are left out.
    """
    columns = {name: machine.column(key) for name, key in MACHINE_CURVES.items() if key in machine.columns}
    return {name: column for name, column in columns.items() if np.isfinite(column).any()}


def totals(curves: Mapping[str, Floats]) -> dict[str, float]:
    """Values for a whole run: the longest stalls, and the mean of each figure of the machine."""
    known = {name: curve[np.isfinite(curve)] for name, curve in curves.items()}
    return {
        name: float(curve.max() if name in STALL_CURVES else curve.mean())
        for name, curve in known.items()
        if len(curve)
    }


def _in_scope(series: SeriesByUnit, scope: Scope) -> list[TimeSeries]:
    """The handlers and listeners of the scope. A stall of either end makes a message late."""
    return [
        one
        for key, one in series.items()
        if STALL in one.columns and (scope.includes_listener(key) if key.listener else scope.includes(key))
    ]


def _until_next_report(stalls: Floats) -> Floats:
    """The stalls of units. A sample without a report has the value of the next report, which covers it."""
    filled = stalls.copy()
    for _ in range(SAMPLES_MISSED - 1):
        gaps = np.isnan(filled[..., :-1])
        filled[..., :-1][gaps] = filled[..., 1:][gaps]
    return filled


def _stall_at(series: TimeSeries, row: int) -> float:
    return float(_until_next_report(series.column(STALL)[row : row + SAMPLES_MISSED])[0])


def _lives_in(series: TimeSeries, row: int, number: float) -> bool:
    return WORKER in series.columns and row < len(series) and bool(series.column(WORKER)[row] == number)
