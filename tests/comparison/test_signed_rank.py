from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bench_app.comparison.signed_rank import EXACT_UP_TO, paired_shift, signed_rank_lower_tail, walsh_averages


@pytest.mark.parametrize("count", [6, 10, 23])
def test_the_interval_has_exactly_the_shifts_that_scipys_signed_rank_test_does_not_reject(count: int) -> None:
    differences = np.random.default_rng(count).normal(0.3, 1, count)
    shift = paired_shift(differences)
    assert shift.low is not None and shift.high is not None

    def rejects(value: float) -> bool:
        return float(stats.wilcoxon(differences - value, method="exact").pvalue) <= 0.05

    assert rejects(shift.low - 1e-9) and not rejects(shift.low + 1e-9)
    assert rejects(shift.high + 1e-9) and not rejects(shift.high - 1e-9)


@pytest.mark.parametrize("count", [5, 12, 40])
def test_the_distribution_gives_the_p_values_of_scipy(count: int) -> None:
    differences = np.random.default_rng(count).normal(0.2, 1, count)
    exact = stats.wilcoxon(differences, alternative="less", method="exact")
    assert signed_rank_lower_tail(count)[int(exact.statistic)] == pytest.approx(exact.pvalue, rel=1e-9)


def test_above_the_limit_the_normal_approximation_is_close() -> None:
    count = EXACT_UP_TO + 1
    differences = np.random.default_rng(3).normal(0.2, 1, count)
    exact = stats.wilcoxon(differences, alternative="less", method="exact")
    assert signed_rank_lower_tail(count)[int(exact.statistic)] == pytest.approx(exact.pvalue, abs=0.002)


def test_the_estimate_is_the_median_of_the_walsh_averages() -> None:
    values = np.array([1.0, 4.0, 2.0])
    assert walsh_averages(values).tolist() == [1.0, 1.5, 2.0, 2.5, 3.0, 4.0]
    assert paired_shift(values).estimate == 2.25


def test_five_pairs_have_no_interval_of_95_percent() -> None:
    shift = paired_shift(np.array([1.0, 2, 3, 4, 5]))
    assert (shift.low, shift.high, shift.excludes_zero) == (None, None, False)
    assert paired_shift(np.array([1.0, 2, 3, 4, 5, 6])).excludes_zero
