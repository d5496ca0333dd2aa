from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bench_app.comparison.permutation import (
    MOST_RELABELLINGS,
    far_pairs,
    group_p_values,
    group_spread_p_values,
    paired_p_values,
    paired_spread_p_values,
    relabellings,
    sign_flips,
)


def test_the_p_value_of_one_metric_is_that_of_scipys_permutation_test() -> None:
    differences = np.random.default_rng(1).normal(0.9, 1, 5)
    # Five pairs are too few to trim, so the statistic is Student's t.
    exact = stats.permutation_test(
        (differences,),
        lambda values, axis: np.abs(np.mean(values, axis=axis)),
        permutation_type="samples",
        alternative="greater",
        n_resamples=np.inf,
    )
    assert paired_p_values(differences[:, None])[0] == pytest.approx(exact.pvalue)


def test_the_p_value_of_two_groups_is_that_of_scipys_permutation_test() -> None:
    random = np.random.default_rng(2)
    a, b = random.normal(0, 1, 5), random.normal(1.5, 1, 4)
    exact = stats.permutation_test(
        (a, b),
        lambda one, other, axis: np.abs(stats.ttest_ind(one, other, axis=axis, equal_var=False).statistic),
        permutation_type="independent",
        alternative="greater",
        n_resamples=np.inf,
    )
    assert group_p_values(a[:, None], b[:, None])[0] == pytest.approx(exact.pvalue)


def test_yuens_t_finds_a_change_that_one_bad_run_would_hide() -> None:
    differences = np.array([5.0, 5.2, 4.9, 5.1, 4.8, 5.3, 5.0, 4.7, 5.1, -60.0])
    assert paired_p_values(differences[:, None])[0] < 0.05
    assert stats.ttest_1samp(differences, 0).pvalue > 0.5


def test_a_pair_far_out_is_left_out_and_many_of_them_are_not() -> None:
    differences = np.array([5.0, 5.2, 4.9, 5.1, 4.8, 5.3, 5.0, 4.7, 5.1, -60.0])
    assert far_pairs(differences).tolist() == [False] * 9 + [True]
    assert far_pairs(-differences).tolist() == far_pairs(differences).tolist()
    assert not far_pairs(np.array([1.0, 1, 1, 1, 1, 1, 1, 50, 50, 50])).any()
    assert not far_pairs(np.array([0.0, 0, 0, 0, 0, 0, 9])).any()
    assert paired_p_values(differences[:, None])[0] == pytest.approx(1 / 256)


def test_more_metrics_make_each_p_value_larger_and_copies_of_a_metric_do_not() -> None:
    random = np.random.default_rng(3)
    differences = random.normal(0, 1, (10, 20))
    differences[:, 0] += 2
    alone = paired_p_values(differences[:, :1])[0]
    assert paired_p_values(differences)[0] > alone
    assert paired_p_values(np.repeat(differences[:, :1], 20, axis=1))[0] == alone


def test_a_metric_without_any_difference_has_the_p_value_1() -> None:
    assert paired_p_values(np.zeros((10, 1)))[0] == 1
    assert group_p_values(np.ones((5, 1)), np.ones((5, 1)))[0] == 1
    assert paired_spread_p_values(np.ones((10, 1)), np.ones((10, 1)))[0] == 1
    assert group_spread_p_values(np.ones((10, 1)), np.ones((10, 1)))[0] == 1


@pytest.mark.parametrize("spread, is_low", [(1.0, False), (6.0, True)])
def test_spreads_are_told_apart_as_by_scipy(spread: float, is_low: bool) -> None:
    random = np.random.default_rng(4)
    a, b = random.normal(0, 1, (30, 1)), random.normal(0, spread, (30, 1))
    # The test of Pitman and Morgan by its definition: the correlation of sums and differences.
    assert (stats.pearsonr((a + b)[:, 0], (a - b)[:, 0]).pvalue < 0.01) == is_low
    assert (stats.levene(a[:, 0], b[:, 0], center="median").pvalue < 0.01) == is_low
    assert (paired_spread_p_values(a, b)[0] < 0.01) == is_low
    assert (group_spread_p_values(a, b)[0] < 0.01) == is_low


def test_a_spread_made_by_a_single_run_says_nothing() -> None:
    a, b = np.zeros((10, 1)), np.zeros((10, 1))
    b[3] = 50
    assert paired_spread_p_values(a, b)[0] == 1


def test_relabellings_are_all_of_them_or_the_same_drawn_ones() -> None:
    assert sign_flips(3).tolist() == [[1, 1, 1], [-1, 1, 1], [1, -1, 1], [-1, -1, 1]]
    assert sorted(map(tuple, relabellings(1, 2).tolist())) == [(0, 1, 2), (1, 0, 2), (2, 0, 1)]
    assert len(relabellings(20, 20)) == len(sign_flips(40)) == MOST_RELABELLINGS
    assert relabellings(20, 20).tolist() == relabellings(20, 20).tolist()
    assert relabellings(20, 20)[0].tolist() == list(range(40))
    assert sign_flips(40)[0].tolist() == [1.0] * 40
