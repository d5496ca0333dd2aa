"""How small a change a comparison can show: number of pairs -> **least change** -> terminal, before the runs. Pure.

The change is in units of the spread of a metric: the standard deviation from run to run without any change of settings.
The figures were found by simulation with the test of :mod:`bench_app.comparison.permutation` itself
(``benchmarks/comparison_power.py``), because no formula knows its trimming and its family of metrics: four metrics that
differ independently, normally distributed, one shifted.
"""

from __future__ import annotations

import math

import numpy as np

from bench_app.comparison.comparison import MAIN_LEVEL

DETECTABLE = {7: 5.25, 8: 2.75, 9: 2.5, 10: 2.25, 12: 2.0, 15: 1.75, 20: 1.5}
"""The least change that so many pairs show in four of five comparisons, in spreads."""
_EXAMPLE_PCT = 2


def detectable_change(pairs: int) -> float | None:
    """The change that ``pairs`` pairs show in four of five comparisons, in spreads of a run.

    None if so few pairs show nothing, however large the change is. Beyond the table the change becomes smaller by the
    square root of the number of pairs.
    """
    if pairs < fewest_pairs():
        return None
    known = list(DETECTABLE)
    if pairs > known[-1]:
        return DETECTABLE[known[-1]] * math.sqrt(known[-1] / pairs)
    return float(np.interp(pairs, known, list(DETECTABLE.values())))


def fewest_pairs() -> int:
    """The fewest pairs that can show a change: one of their ``2 ** (pairs - 1)`` relabellings."""
    return 1 + math.ceil(math.log2(1 / MAIN_LEVEL))


def format_detectable(pairs: int) -> str:
    """The least change as a sentence for the user."""
    change = detectable_change(pairs)
    runs = f"{pairs:,} pair{'s' * (pairs != 1)}"
    if change is None:
        return f"{runs} cannot show any change, however large; {fewest_pairs()} pairs can"
    return (
        f"{runs} show a change of about {change:.1f} times the spread of a metric from run to run: "
        f"{change * _EXAMPLE_PCT:.1f} % where runs of the same settings differ by {_EXAMPLE_PCT} %"
    )
