"""Whether any metric of many differs: values of all runs -> **p-values of all metrics together** -> comparison. Pure.

Many metrics are tested at once, and the more metrics, the more often chance alone makes one of them look changed. So
each p-value is that of the whole family: the probability that, without any change, *any* metric reaches the statistic
that this metric has. Every relabelling of the runs is equally likely then, and the greatest statistic over all metrics
is computed for each. Metrics that always move together count as one this way. Source: Westfall and Young,
*Resampling-Based Multiple Testing*, 1993, single-step maxT.

The statistic is the greater one of two. Student's t finds changes that every run shows. Yuen's t, which counts
:data:`TRIMMED_WEIGHT` times, leaves the largest and smallest tenth out, so that a bad run does not hide a change.
Because the greater one is computed for each relabelling, too, two statistics need no further correction. Source: Yuen,
*The two-sample trimmed t for unequal population variances*, 1974; for one sample Tukey and McLaughlin, 1963.

Of pairs, those that are far out are left out before. What is far out depends on the sizes of the differences alone, and
not on their signs, so the choice is the same for every relabelling and the p-value stays exact.

The test of the spread of pairs is that of Pitman and Morgan: ``a`` and ``b`` have equal variances if, and only if,
``a + b`` and ``a - b`` do not correlate. Source: Pitman, *A note on normal correlation*, 1939. Values far out are moved
in (Huber, *Robust Statistics*, 1981), because one of them would otherwise decide.
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np

from bench_app.measure.arrays import Bools, Floats, Int64s

MOST_RELABELLINGS = 2000
"""The most relabellings that are computed. Above this number, as many are drawn at random, always the same ones."""
FEWEST_TO_TRIM = 6
"""With fewer runs nothing is left out."""
TRIMMED_WEIGHT = 0.7
"""How much Yuen's t counts beside Student's t. It has fewer runs, so by chance alone it becomes great more often."""
FAR_PAIR = 4.0
"""Pairs whose difference is more than this many median differences are left out, unless they are many."""
MOST_FAR_PAIRS = 0.2
"""If a greater part of the pairs is far out, they are no exceptions, and none is left out."""
FAR_OUT = 5.0
"""Values further from the median than this many median deviations are moved in, before spreads are compared."""
_SEED = 20_261_128
_ROUNDING = 1 - 1e-9
"""Statistics that differ by less are equal: the order of a sum must not decide."""


def paired_p_values(differences: Floats) -> Floats:
    """The family p-value of each metric for "the pairs have a shift". ``differences``: a row a pair, a column a metric.

    Without a shift each difference is as likely as its negative. So the relabellings are changes of signs.
    """
    flips = sign_flips(len(differences))
    return _family_p(np.stack([_pair_statistics(flips, column) for column in differences.T], axis=1))


def group_p_values(a: Floats, b: Floats) -> Floats:
    """The family p-value of each metric for "the groups have a shift". A row is a run, a column a metric."""
    values, orders = np.concatenate([a, b]), relabellings(len(a), len(b))
    cuts = trim_count(len(a)), trim_count(len(b))
    statistics = [
        _greater(*(_t_of_two(column[orders], len(a), *both) for both in ((0, 0), cuts))) for column in values.T
    ]
    return _family_p(np.stack(statistics, axis=1))


def paired_spread_p_values(a: Floats, b: Floats) -> Floats:
    """The family p-value of each metric for "the spread differs between the sides of the pairs"."""
    a, b = _moved_in(a - np.median(a, axis=0), b - np.median(b, axis=0))
    products = a**2 - b**2
    scale = np.sqrt(((a + b) ** 2).sum(axis=0) * ((a - b) ** 2).sum(axis=0))
    statistics = np.abs(sign_flips(len(a)) @ products) / np.where(scale > 0, scale, 1.0)
    return _where_varied(_family_p(statistics[:, (varied := _is_varied(a, b))]), varied)


def group_spread_p_values(a: Floats, b: Floats) -> Floats:
    """The family p-value of each metric for "the spread differs between the groups"."""
    a, b = _moved_in(a - np.median(a, axis=0), b - np.median(b, axis=0))
    squares, orders, first = np.concatenate([a, b]) ** 2, relabellings(len(a), len(b)), len(a)
    varied = _is_varied(a, b)
    statistics = [_spread_of_two(column[orders], first) for column in squares[:, varied].T]
    stacked = np.stack(statistics, axis=1) if statistics else np.zeros((len(orders), 0))
    return _where_varied(_family_p(stacked), varied)


def _pair_statistics(flips: Floats, differences: Floats) -> Floats:
    """The statistic of one metric for each row of signs."""
    near = ~far_pairs(differences)
    signed = flips[:, near] * differences[near]
    greater = _greater(_t_of_one(signed, 0), _t_of_one(signed, trim_count(len(signed[0]))))
    # Fewer pairs prove less: the statistics of a family must be comparable.
    weighted: Floats = greater * np.sqrt(near.mean())
    return weighted


def far_pairs(differences: Floats) -> Bools:
    """Which pairs are left out because their difference is far greater than that of most pairs."""
    sizes = np.abs(differences)
    far: Bools = sizes > FAR_PAIR * np.median(sizes)
    return far if np.median(sizes) > 0 and far.mean() <= MOST_FAR_PAIRS else np.zeros_like(far)


def _greater(plain: Floats, trimmed: Floats) -> Floats:
    greater: Floats = np.maximum(plain, TRIMMED_WEIGHT * trimmed)
    return greater


def sign_flips(count: int) -> Floats:
    """Signs to multiply differences with, a row each; the first row changes nothing.

    A row and its negative give the same statistic, so the last sign stays.
    """
    if 2 ** (count - 1) <= MOST_RELABELLINGS:
        bits = np.arange(2 ** (count - 1))[:, None] >> np.arange(count)
        return 1.0 - 2.0 * (bits & 1).astype(np.float64)
    signs: Floats = np.random.default_rng(_SEED).choice(np.array([-1.0, 1.0]), size=(MOST_RELABELLINGS, count))
    signs[0] = 1.0
    return signs


def relabellings(first: int, second: int) -> Int64s:
    """Orders of the runs of two groups, a row each; the first row changes nothing.

    In an order the first ``first`` runs are taken for those of the first group.
    """
    count = first + second
    if comb(count, first) <= MOST_RELABELLINGS:
        rows = [(*chosen, *(set(range(count)) - set(chosen))) for chosen in combinations(range(count), first)]
        return np.array(rows, dtype=np.int64)
    random = np.random.default_rng(_SEED)
    orders = random.permuted(np.tile(np.arange(count), (MOST_RELABELLINGS, 1)), axis=1)
    orders[0] = np.arange(count)
    return orders.astype(np.int64)


def trim_count(runs: int) -> int:
    """How many of the greatest values, and of the smallest, Yuen's t leaves out: a tenth, but at least one."""
    return 0 if runs < FEWEST_TO_TRIM else max(1, runs // 10)


def _family_p(statistics: Floats) -> Floats:
    """The share of the relabellings in which any metric reaches the statistic that each metric has in the first one."""
    if not statistics.shape[1]:
        return np.zeros(0)
    greatest = statistics.max(axis=1)
    reached: Floats = (greatest[:, None] >= statistics[0] * _ROUNDING).mean(axis=0)
    return np.where(statistics[0] > 0, reached, 1.0)


def _t_of_one(values: Floats, cut: int) -> Floats:
    """Yuen's t of each row against 0; Student's t with ``cut`` 0."""
    mean, variance = _trimmed(values, cut)
    return _ratio(mean, variance)


def _t_of_two(values: Floats, first: int, cut_a: int, cut_b: int) -> Floats:
    """Yuen's t of each row between its first ``first`` values and the others; Welch's t with cuts of 0."""
    mean_a, variance_a = _trimmed(values[:, :first], cut_a)
    mean_b, variance_b = _trimmed(values[:, first:], cut_b)
    return _ratio(mean_b - mean_a, variance_a + variance_b)


def _trimmed(values: Floats, cut: int) -> tuple[Floats, Floats]:
    """The trimmed mean of each row, and the variance of this mean by the winsorised values."""
    ordered = np.sort(values, axis=1)
    count = ordered.shape[1]
    kept = count - 2 * cut
    mean = ordered[:, cut : count - cut].mean(axis=1)
    winsorised = np.clip(ordered, ordered[:, [cut]], ordered[:, [count - cut - 1]])
    squares = ((winsorised - winsorised.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    return mean, squares / max(kept * (kept - 1), 1)


def _ratio(mean: Floats, variance: Floats) -> Floats:
    """``|mean| / sqrt(variance)``: infinite where all values are the same, and 0 where they are all 0."""
    tiny = 1e-24 * mean**2
    return np.where(mean == 0, 0.0, np.abs(mean) / np.sqrt(np.maximum(variance, np.where(tiny > 0, tiny, 1e-300))))


def _spread_of_two(squares: Floats, first: int) -> Floats:
    """How far the mean square deviations of two groups are apart: 0 if they are equal, 1 if one of them is 0."""
    a, b = squares[:, :first].mean(axis=1), squares[:, first:].mean(axis=1)
    total = a + b
    apart: Floats = np.abs(a - b) / np.where(total > 0, total, 1.0)
    return apart


def _moved_in(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    limit = FAR_OUT * np.median(np.abs(np.concatenate([a, b])), axis=0)
    limit = np.where(limit > 0, limit, np.inf)
    return np.clip(a, -limit, limit), np.clip(b, -limit, limit)


def _is_varied(a: Floats, b: Floats) -> Bools:
    """Whether most runs differ from their median. A spread made by a few runs alone says nothing."""
    varied: Bools = (np.concatenate([a, b]) != 0).mean(axis=0) >= 0.5
    return varied


def _where_varied(p_values: Floats, varied: Bools) -> Floats:
    filled = np.ones(len(varied))
    filled[varied] = p_values
    return filled
