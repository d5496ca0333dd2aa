"""The runs of two files: results -> those that count -> **comparison**. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bench_app.comparison.comparison import Comparison, compare_groups
from bench_app.comparison.metric_values import MAIN_METRICS, metric_values
from bench_app.engine.result import RunResult
from bench_app.errors import InputError


def compare_runs(
    a: Sequence[RunResult], b: Sequence[RunResult], metrics: Sequence[str] = ()
) -> tuple[Comparison, bool]:
    """Compare the runs that are not invalid. Also returns whether each side has such a run.

    If a side has none, all runs are compared and nothing is shown: the reader sees the values, and they prove nothing.
    ``metrics``: the metrics to compare; all if there are none. Raises InputError if no run has such a metric.
    """
    valid_a, valid_b = ([run for run in side if run.verdict != "invalid"] for side in (a, b))
    is_valid = bool(valid_a and valid_b)
    sides = (valid_a, valid_b) if is_valid else (a, b)
    of_a, of_b = ([metric_values(run, metrics) for run in side] for side in sides)
    comparison = compare_groups(of_a, of_b, metrics or MAIN_METRICS)
    if not comparison.metrics:
        raise InputError("the results have no metric in common")
    return (comparison if is_valid else without_proof(comparison)), is_valid


def without_proof(comparison: Comparison) -> Comparison:
    """The same values without intervals, and nothing is shown."""
    metrics = {
        name: msgspec.structs.replace(metric, low=None, high=None, shown=False, spread_changed=False)
        for name, metric in comparison.metrics.items()
    }
    return msgspec.structs.replace(comparison, metrics=metrics)
