"""Two settings in turns: pairs of runs -> **a and b of each valid pair** -> comparison."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench_app.comparison.compare_runs import without_proof
from bench_app.comparison.comparison import Comparison, compare_pairs
from bench_app.comparison.metric_values import MAIN_METRICS, metric_values
from bench_app.engine.result import RunResult
from bench_app.errors import InputError
from bench_app.sweeps.axes import Setting
from bench_app.sweeps.series import PlannedTrial

SEED = 1


def plan_pairs(a: Setting, b: Setting, pairs: int, seed: int = SEED) -> tuple[list[PlannedTrial], list[bool]]:
    """The runs of all pairs in their order, and for each pair whether A comes first.

    Which side comes first is drawn for each pair, so that neither has an advantage by its place.
    """
    trial_a, trial_b = PlannedTrial("a", "A", a), PlannedTrial("b", "B", b)
    a_first = [bool(drawn) for drawn in np.random.default_rng(seed).integers(0, 2, pairs)]
    trials = [trial for first in a_first for trial in ((trial_a, trial_b) if first else (trial_b, trial_a))]
    return trials, a_first


def compare_trials(
    results: Sequence[RunResult], a_first: Sequence[bool], metrics: Sequence[str] = ()
) -> tuple[Comparison, bool]:
    """Compare the pairs of which both runs count. Also returns whether there is such a pair.

    If there is none, all pairs are compared and nothing is shown: the reader sees the values, and they prove nothing.
    """
    pairs = [
        (results[2 * place], results[2 * place + 1]) if first else (results[2 * place + 1], results[2 * place])
        for place, first in enumerate(a_first)
    ]
    valid = [pair for pair in pairs if all(run.verdict != "invalid" for run in pair)]
    counted = valid or pairs
    of_a, of_b = ([metric_values(pair[side], metrics) for pair in counted] for side in (0, 1))
    comparison = compare_pairs(of_a, of_b, metrics or MAIN_METRICS)
    if not comparison.metrics:
        raise InputError("the runs have no metric in common")
    return (comparison if valid else without_proof(comparison)), bool(valid)
