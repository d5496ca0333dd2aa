"""Which metrics differ between two sides: values of each run -> **comparison** -> terminal, JSON, report. Pure.

The interval of each metric holds for this metric alone. ``shown`` holds for all metrics together: without any change,
about three in a hundred comparisons show a metric, however many metrics there are. So a metric can have an interval
that excludes 0 and not be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import numpy as np

from bench_app.comparison.metric_values import MAIN_METRICS
from bench_app.comparison.permutation import (
    far_pairs,
    group_p_values,
    group_spread_p_values,
    paired_p_values,
    paired_spread_p_values,
)
from bench_app.comparison.rank_sum import group_shift
from bench_app.comparison.signed_rank import Shift, paired_shift
from bench_app.measure.arrays import Floats

FORMAT = "zmq-bench-ab/1"
HISTORY_FORMAT = "zmq-bench-history/1"
MAIN_LEVEL = 0.025
"""How often, without any change, a main metric is shown."""
OTHER_LEVEL = 0.005
"""How often, without any change, one of the other metrics is shown. If a main metric is shown, the others get the level
of the main metrics."""
MAIN_SPREAD_LEVEL = 0.01
"""How often, without any change, the spread of a main metric is said to have changed."""
OTHER_SPREAD_LEVEL = 0.0025
"""The same for the other metrics, unless the spread of a main metric has changed."""
SHIFT_LEVELS = MAIN_LEVEL, OTHER_LEVEL
SPREAD_LEVELS = MAIN_SPREAD_LEVEL, OTHER_SPREAD_LEVEL
FEWEST_SPREADS = 6
"""With fewer runs a side the spread is not compared."""

Values = Mapping[str, float]
"""The values of one run by metric."""


class MetricComparison(msgspec.Struct, frozen=True, kw_only=True):
    """One metric on both sides.

    Attributes:
        a: the median of side A.
        b: the median of side B.
        shift: by how much B is more than A: the Hodges-Lehmann estimate.
        low: the lower end of the shift's interval of 95 %; None if there are too few runs for an interval.
        high: its upper end.
        shown: whether the runs show a shift.
        spread_changed: whether the runs of one side differ more among themselves than those of the other side.
    """

    a: float
    b: float
    shift: float
    low: float | None
    high: float | None
    shown: bool
    spread_changed: bool

    @property
    def percent(self) -> str:
        """The shift as a part of the value of A; "" if that is 0."""
        return f"{100 * self.shift / abs(self.a):+.1f}" if self.a else ""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two sides, metric by metric.

    Attributes:
        pairs: how many pairs of runs; without pairs the number of runs of the smaller side.
        paired: whether each run of A has a partner among those of B, made just before or after it.
        runs_a, runs_b: how many runs each side has.
        left_out: the metrics that some of the runs did not measure.
    """

    format: str = FORMAT
    pairs: int
    paired: bool
    runs_a: int
    runs_b: int
    metrics: dict[str, MetricComparison]
    left_out: list[str] = []

    @property
    def shown(self) -> dict[str, MetricComparison]:
        """The metrics with a shift that is shown."""
        return {name: metric for name, metric in self.metrics.items() if metric.shown}


def compare_pairs(a: Sequence[Values], b: Sequence[Values], main: Iterable[str] = MAIN_METRICS) -> Comparison:
    """Compare runs that were made in pairs: ``a[i]`` beside ``b[i]``. There is at least one pair.

    A pair that is far out in a metric does not count for this metric, neither in the test nor in the interval. So one
    bad run among ten does not hide a change.
    """
    names, left_out = _common_metrics([*a, *b])
    of_a, of_b = _matrix(a, names), _matrix(b, names)
    differences = of_b - of_a
    shifts = [paired_shift(column[~far_pairs(column)]) for column in differences.T]
    families = _families(names, main)
    found = _low_p_values(families, SHIFT_LEVELS, lambda columns: paired_p_values(differences[:, columns]))
    spreads: set[int] = set()
    if len(a) >= FEWEST_SPREADS:
        spreads = _low_p_values(
            families, SPREAD_LEVELS, lambda columns: paired_spread_p_values(of_a[:, columns], of_b[:, columns])
        )
    metrics = _metrics(names, of_a, of_b, shifts, found, spreads)
    return Comparison(pairs=len(a), paired=True, runs_a=len(a), runs_b=len(b), metrics=metrics, left_out=left_out)


def compare_groups(a: Sequence[Values], b: Sequence[Values], main: Iterable[str] = MAIN_METRICS) -> Comparison:
    """Compare two groups of runs that are no pairs. Each has at least one run."""
    names, left_out = _common_metrics([*a, *b])
    of_a, of_b = _matrix(a, names), _matrix(b, names)
    shifts = [group_shift(one, other) for one, other in zip(of_a.T, of_b.T, strict=True)]
    families, fewest = _families(names, main), min(len(a), len(b))
    found = _low_p_values(families, SHIFT_LEVELS, lambda columns: group_p_values(of_a[:, columns], of_b[:, columns]))
    spreads: set[int] = set()
    if fewest >= FEWEST_SPREADS:
        spreads = _low_p_values(
            families, SPREAD_LEVELS, lambda columns: group_spread_p_values(of_a[:, columns], of_b[:, columns])
        )
    metrics = _metrics(names, of_a, of_b, shifts, found, spreads)
    return Comparison(pairs=fewest, paired=False, runs_a=len(a), runs_b=len(b), metrics=metrics, left_out=left_out)


def _families(names: Sequence[str], main: Iterable[str]) -> tuple[list[int], list[int]]:
    """The places of the main metrics, and those of the others."""
    of_main = set(main)
    return (
        [place for place, name in enumerate(names) if name in of_main],
        [place for place, name in enumerate(names) if name not in of_main],
    )


def _low_p_values(
    families: tuple[list[int], list[int]], levels: tuple[float, float], p_values: Callable[[list[int]], Floats]
) -> set[int]:
    """The places of the metrics whose p-value is low enough.

    The main metrics are tested at the first level. The others are tested at the second level, or at the first one if
    a main metric was found.
    """
    found: set[int] = set()
    for places, level in zip(families, levels, strict=True):
        if places:
            used = levels[0] if found else level
            found |= {place for place, p in zip(places, p_values(places), strict=True) if p <= used}
    return found


def _common_metrics(runs: Sequence[Values]) -> tuple[list[str], list[str]]:
    """The metrics that every run has, and those that only some have, in the order of the runs."""
    every = list(dict.fromkeys(name for run in runs for name in run))
    common = [name for name in every if all(name in run for run in runs)]
    return common, [name for name in every if name not in common]


def _matrix(runs: Sequence[Values], names: Sequence[str]) -> Floats:
    """A row for each run, a column for each metric."""
    return np.array([[run[name] for name in names] for run in runs], dtype=np.float64).reshape(len(runs), len(names))


def _metrics(
    names: Sequence[str], a: Floats, b: Floats, shifts: Sequence[Shift], found: set[int], spreads: set[int]
) -> dict[str, MetricComparison]:
    return {
        name: MetricComparison(
            a=float(np.median(a[:, place])),
            b=float(np.median(b[:, place])),
            shift=shifts[place].estimate,
            low=shifts[place].low,
            high=shifts[place].high,
            shown=place in found and shifts[place].excludes_zero,
            spread_changed=place in spreads,
        )
        for place, name in enumerate(names)
    }


def to_json(comparison: Comparison) -> bytes:
    """The bytes of a result file."""
    return msgspec.json.format(msgspec.json.encode(comparison), indent=2) + b"\n"


def history_line(comparison: Comparison, at: str) -> str:
    """A line of a history file: the medians of B with intervals, and the shift from A of each metric that is shown.

    The interval of a median is as wide as that of its shift.
    """
    intervals = {
        name: [metric.b + metric.low - metric.shift, metric.b + metric.high - metric.shift]
        for name, metric in comparison.metrics.items()
        if metric.low is not None and metric.high is not None
    }
    line = {
        "format": HISTORY_FORMAT,
        "at": at,
        "runs": comparison.runs_b,
        "metrics": {name: metric.b for name, metric in comparison.metrics.items()},
        "shown": {name: metric.shift for name, metric in comparison.shown.items()},
        "intervals": intervals,
    }
    return msgspec.json.encode(line).decode() + "\n"
