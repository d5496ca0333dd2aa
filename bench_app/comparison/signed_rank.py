"""The shift between two values of a pair: differences of pairs -> **estimate and interval** -> comparison. Pure.

Sources: Hollander, Wolfe, Chicken, *Nonparametric Statistical Methods*, 3rd edition, sections 3.1 to 3.3; Hodges and
Lehmann, *Estimates of location based on rank tests*, 1963; Walsh, *Some significance tests for the median*, 1949.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from bench_app.measure.arrays import Floats

CONFIDENCE = 0.95
EXACT_UP_TO = 50
"""The most pairs whose distribution is counted out: 2 to the power of 50 is exact in a float."""


@dataclass(frozen=True)
class Shift:
    """By how much the second side is more than the first.

    Attributes:
        estimate: the Hodges-Lehmann estimate.
        low: the lower end of the interval of 95 %; None if there are too few runs for an interval.
        high: its upper end.
    """

    estimate: float
    low: float | None
    high: float | None

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def paired_shift(differences: Floats) -> Shift:
    """The Hodges-Lehmann estimate of ``differences`` (b - a of each pair), with the interval of Tukey.

    The estimate is the median of the Walsh averages ``(d[i] + d[j]) / 2`` with ``i <= j``. The interval has the shifts
    that the signed-rank test of Wilcoxon does not reject: from the k-th smallest Walsh average to the k-th largest,
    where ``P(W < k) <= (1 - CONFIDENCE) / 2``.
    """
    averages = walsh_averages(differences)
    return shift_of_sorted(averages, interval_rank(signed_rank_lower_tail(len(differences)), CONFIDENCE))


def walsh_averages(values: Floats) -> Floats:
    """The averages of each value with itself and with each later value, in ascending order."""
    first, second = np.triu_indices(len(values))
    return np.sort((values[first] + values[second]) / 2)


def signed_rank_lower_tail(count: int) -> Floats:
    """``P(W <= w)`` for each w, where W is the sum of the ranks of the positive ones among ``count`` differences.

    Without a shift each of the ``2 ** count`` sets of ranks is equally likely. Above :data:`EXACT_UP_TO` the normal
    approximation with continuity correction is used.
    """
    highest = count * (count + 1) // 2
    if count > EXACT_UP_TO:
        deviation = math.sqrt(highest * (2 * count + 1) / 12)
        return normal_lower_tail(highest, highest / 2, deviation)
    ways = np.zeros(highest + 1)
    ways[0] = 1
    for rank in range(1, count + 1):
        ways[rank:] = ways[rank:] + ways[:-rank]
    return np.cumsum(ways) / 2.0**count


def normal_lower_tail(highest: int, mean: float, deviation: float) -> Floats:
    """``P(W <= w)`` for w from 0 to ``highest``, by the normal distribution with continuity correction."""
    normal = NormalDist(mean, deviation)
    return np.array([normal.cdf(value + 0.5) for value in range(highest + 1)])


def interval_rank(lower_tail: Floats, confidence: float) -> int:
    """The largest k with ``P(W < k) <= (1 - confidence) / 2``; 0 if there is none."""
    return int(np.searchsorted(lower_tail, (1 - confidence) / 2, side="right"))


def shift_of_sorted(values: Floats, rank: int) -> Shift:
    """The median of ascending values, and the interval between the ``rank``-th smallest and the ``rank``-th largest."""
    estimate = float(np.median(values))
    if rank < 1:
        return Shift(estimate, None, None)
    return Shift(estimate, float(values[rank - 1]), float(values[len(values) - rank]))
