"""The shift between two groups of runs that are no pairs: values -> **estimate and interval** -> comparison. Pure.

Sources: Hollander, Wolfe, Chicken, *Nonparametric Statistical Methods*, 3rd edition, sections 4.1 to 4.3; Hodges and
Lehmann, *Estimates of location based on rank tests*, 1963; Moses, in Walker and Lev, *Statistical Inference*, 1953.
"""

from __future__ import annotations

import math

import numpy as np

from bench_app.comparison.signed_rank import CONFIDENCE, Shift, interval_rank, normal_lower_tail, shift_of_sorted
from bench_app.measure.arrays import Floats

EXACT_UP_TO = 50
"""The most values of both groups together whose distribution is counted out exactly in floats."""


def group_shift(a: Floats, b: Floats) -> Shift:
    """The Hodges-Lehmann estimate of how much more ``b`` is than ``a``, with the interval of Moses.

    The estimate is the median of all differences ``b[j] - a[i]``. The interval has the shifts that the rank-sum test of
    Mann and Whitney does not reject: from the k-th smallest difference to the k-th largest, where
    ``P(U < k) <= (1 - CONFIDENCE) / 2``.
    """
    differences = np.sort(np.subtract.outer(b, a), axis=None)
    return shift_of_sorted(differences, interval_rank(rank_sum_lower_tail(len(a), len(b)), CONFIDENCE))


def rank_sum_lower_tail(first: int, second: int) -> Floats:
    """``P(U <= u)`` for each u, where U counts the pairs of one value of each group whose second is the larger one.

    Without a shift each order of the groups' values is equally likely. The number of orders with U = u is a coefficient
    of the Gaussian binomial ``[first + second choose first]``. Above :data:`EXACT_UP_TO` the normal approximation
    with continuity correction is used.
    """
    highest = first * second
    if first + second > EXACT_UP_TO:
        return normal_lower_tail(highest, highest / 2, math.sqrt(highest * (first + second + 1) / 12))
    ways = np.zeros(highest + 1)
    ways[0] = 1
    for size in range(1, first + 1):
        _multiply(ways, second + size)
        _divide(ways, size)
    return np.cumsum(ways) / math.comb(first + second, first)


def _multiply(ways: Floats, power: int) -> None:
    """Multiply a polynomial by ``1 - q ** power`` in place, up to its highest power."""
    if power < len(ways):
        ways[power:] = ways[power:] - ways[:-power]


def _divide(ways: Floats, power: int) -> None:
    """Divide a polynomial by ``1 - q ** power`` in place."""
    for start in range(power):
        ways[start::power] = np.cumsum(ways[start::power])
