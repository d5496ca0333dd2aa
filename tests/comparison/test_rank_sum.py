from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bench_app.comparison.rank_sum import EXACT_UP_TO, group_shift, rank_sum_lower_tail


@pytest.mark.parametrize("first, second", [(4, 4), (10, 10), (5, 17)])
def test_the_interval_has_exactly_the_shifts_that_scipys_rank_sum_test_does_not_reject(first: int, second: int) -> None:
    random = np.random.default_rng(first * 100 + second)
    a, b = random.normal(0, 1, first), random.normal(0.5, 1, second)
    shift = group_shift(a, b)
    assert shift.low is not None and shift.high is not None

    def rejects(value: float) -> bool:
        return float(stats.mannwhitneyu(b - value, a, method="exact").pvalue) <= 0.05

    assert rejects(shift.low - 1e-9) and not rejects(shift.low + 1e-9)
    assert rejects(shift.high + 1e-9) and not rejects(shift.high - 1e-9)


@pytest.mark.parametrize("first, second", [(3, 7), (25, 25), (1, 9)])
def test_the_distribution_gives_the_p_values_of_scipy(first: int, second: int) -> None:
    random = np.random.default_rng(first)
    a, b = random.normal(0, 1, first), random.normal(0, 1, second)
    exact = stats.mannwhitneyu(b, a, alternative="less", method="exact")
    assert rank_sum_lower_tail(first, second)[int(exact.statistic)] == pytest.approx(exact.pvalue, rel=1e-9)


def test_above_the_limit_the_normal_approximation_is_close() -> None:
    first, second = EXACT_UP_TO // 2, EXACT_UP_TO // 2 + 1
    random = np.random.default_rng(4)
    a, b = random.normal(0, 1, first), random.normal(0, 1, second)
    exact = stats.mannwhitneyu(b, a, alternative="less", method="exact")
    assert rank_sum_lower_tail(first, second)[int(exact.statistic)] == pytest.approx(exact.pvalue, abs=0.005)


def test_the_estimate_is_the_median_of_all_differences() -> None:
    assert group_shift(np.array([1.0, 2.0]), np.array([4.0, 9.0])).estimate == 5.0


def test_three_runs_a_side_have_no_interval_of_95_percent() -> None:
    assert group_shift(np.arange(3.0), np.arange(3.0) + 9).low is None
