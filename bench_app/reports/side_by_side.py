"""Two or more runs beside each other: runs -> **settings that differ, metrics, curves** -> page, window. Pure.

Runs of the same settings are one side, because only runs of the same settings say how much runs differ by chance.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bench_app.comparison.compare_runs import compare_runs
from bench_app.comparison.comparison import MetricComparison
from bench_app.comparison.metric_values import MAIN_METRICS
from bench_app.engine.result import RunResult
from bench_app.engine.unit_key import UnitKey
from bench_app.errors import InputError
from bench_app.measure.arrays import Floats
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.time_series import TimeSeries
from bench_app.model import Preset
from bench_app.reports.changed_settings import changed_settings
from bench_app.reports.plot import MOST_CURVES, Curve, Plot
from bench_app.reports.run_plots import LOSS_COLUMNS

MOST_SIDES = 26
_TIME = "s of the run"


@dataclass(frozen=True)
class SideRun:
    """One of the runs.

    Attributes:
        name: what the user calls it.
        result: its result.
        preset: its settings; None if they are not known.
        series: the time series of its units; none in a result file.
    """

    name: str
    result: RunResult
    preset: Preset | None = None
    series: Mapping[UnitKey, TimeSeries] = field(default_factory=dict)


@dataclass(frozen=True)
class Side:
    """Runs of the same settings, the first of them first.

    Attributes:
        letter: A for the side of the first run, with which the others are compared.
        runs: the runs.
    """

    letter: str
    runs: tuple[SideRun, ...]

    @property
    def title(self) -> str:
        """The letter with the name of the first run, and how many runs there are."""
        more = f" and {len(self.runs) - 1:,} more" if len(self.runs) > 1 else ""
        return f"{self.letter}: {self.runs[0].name}{more}"

    @property
    def results(self) -> list[RunResult]:
        """The results of the runs."""
        return [run.result for run in self.runs]


@dataclass(frozen=True)
class Setting:
    """A setting that differs: its path, and the value of each side as text."""

    path: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Metric:
    """A metric: how each other side compares with A; None where a side did not measure it."""

    name: str
    others: tuple[MetricComparison | None, ...]


@dataclass(frozen=True)
class SideBySide:
    """Runs beside each other.

    Attributes:
        sides: the sides, A first.
        settings: the settings that differ.
        metrics: the metrics, the main ones first; none if there is only one side.
        plots: the curves of all runs over the time of the run.
    """

    sides: tuple[Side, ...]
    settings: tuple[Setting, ...]
    metrics: tuple[Metric, ...]
    plots: tuple[Plot, ...]


def put_side_by_side(runs: Sequence[SideRun]) -> SideBySide:
    """Put runs side by side. Raises InputError if there are more than :data:`MOST_SIDES` different settings."""
    grouped: dict[str, list[SideRun]] = {}
    for run in runs:
        grouped.setdefault(json.dumps(settings_of(run), sort_keys=True), []).append(run)
    if len(grouped) > MOST_SIDES:
        raise InputError(f"these runs have {len(grouped):,} different settings; at most {MOST_SIDES} are compared")
    sides = tuple(Side(chr(ord("A") + place), tuple(members)) for place, members in enumerate(grouped.values()))
    return SideBySide(sides, _settings(sides), _metrics(sides), tuple(_plots(sides)))


def settings_of(run: SideRun) -> dict[str, str]:
    """What a run was set to: every value of its preset that is no default, its data plane and its libzmq, as text."""
    set_values = {} if run.preset is None else {path: _text(value) for path, value, _ in changed_settings(run.preset)}
    machine = run.result.machine
    return {**set_values, "data plane": str(machine.data_plane), "libzmq": machine.libzmq}


def _settings(sides: Sequence[Side]) -> tuple[Setting, ...]:
    of_sides = [settings_of(side.runs[0]) for side in sides]
    defaults = {
        path: "" if default is None else _text(default)
        for side in sides
        if side.runs[0].preset is not None
        for path, _, default in changed_settings(side.runs[0].preset)
    }
    paths = dict.fromkeys(path for values in of_sides for path in values)
    rows = [Setting(path, tuple(one.get(path, defaults.get(path, "")) for one in of_sides)) for path in paths]
    return tuple(row for row in rows if len(set(row.values)) > 1)


def _metrics(sides: Sequence[Side]) -> tuple[Metric, ...]:
    first, *others = sides
    compared = [_compared(first, other) for other in others]
    names = list(dict.fromkeys(name for metrics in compared for name in metrics))
    names.sort(key=lambda name: name not in MAIN_METRICS)
    return tuple(Metric(name, tuple(metrics.get(name) for metrics in compared)) for name in names)


def _compared(first: Side, other: Side) -> dict[str, MetricComparison]:
    try:
        return compare_runs(first.results, other.results)[0].metrics
    except InputError:
        # They have no metric in common: the settings and the curves can be compared all the same.
        return {}


def _plots(sides: Sequence[Side]) -> Iterator[Plot]:
    named = [
        (f"{side.letter}{number if len(side.runs) > 1 else ''} {run.name}", run)
        for side in sides
        for number, run in enumerate(side.runs, start=1)
    ]
    # Every side has a curve before any has a second one.
    named.sort(key=lambda one: one[0][1:2] not in ("1", " "))
    for title, read in (
        ("Received, events/s", _received),
        ("Latency, the highest p99 of all units, ms", _latency),
        ("Lost events so far, by all causes", _lost),
    ):
        curves = [curve for name, run in named if (curve := read(name, run.series)) is not None]
        if curves:
            yield Plot(title, _TIME, curves[:MOST_CURVES])


def _received(name: str, series: Mapping[UnitKey, TimeSeries]) -> Curve | None:
    listeners = [one for key, one in series.items() if key.listener and "received" in one.columns]
    return _joined(name, listeners, lambda one: one.rate("received"), np.nansum)


def _lost(name: str, series: Mapping[UnitKey, TimeSeries]) -> Curve | None:
    handlers = [one for key, one in series.items() if not key.listener]

    def lost(one: TimeSeries) -> Floats:
        total = np.zeros(len(one))
        for column in LOSS_COLUMNS:
            if column in one.columns:
                total = total + one.column(column)
        return total

    return _joined(name, handlers, lost, np.nansum)


def _latency(name: str, series: Mapping[UnitKey, TimeSeries]) -> Curve | None:
    def p99(one: TimeSeries) -> Floats:
        column = "round_trip.p99" if "round_trip.p99" in one.columns else "response.p99"
        return one.column(column) / NS_PER_MS if column in one.columns else np.full(len(one), np.nan)

    return _joined(name, list(series.values()), p99, np.nanmax)


def _joined(
    name: str, series: Sequence[TimeSeries], values: Callable[[TimeSeries], Floats], join: Callable[..., Floats]
) -> Curve | None:
    """One curve of many units, at the times of the unit that has most samples."""
    used = [one for one in series if len(one)]
    if not used:
        return None
    x = max(used, key=len).column("at_s").copy()
    rows = np.array([np.interp(x, one.column("at_s"), values(one), left=np.nan, right=np.nan) for one in used])
    measured = np.isfinite(rows).any(axis=0)
    y = np.full(len(x), np.nan)
    if measured.any():
        y[measured] = join(rows[:, measured], axis=0)
    return Curve(name, x, y)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
