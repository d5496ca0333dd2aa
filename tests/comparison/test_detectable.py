from __future__ import annotations

import numpy as np
import pytest

from bench_app.comparison.comparison import MAIN_LEVEL
from bench_app.comparison.detectable import DETECTABLE, detectable_change, fewest_pairs, format_detectable
from bench_app.comparison.permutation import paired_p_values


@pytest.mark.parametrize("pairs", [8, 10])
def test_the_table_says_what_the_test_detects(pairs: int) -> None:
    random = np.random.default_rng(7)

    def power(change: float) -> float:
        shown = 0
        for _ in range(30):
            differences = random.normal(size=(pairs, 4)) - random.normal(size=(pairs, 4))
            differences[:, 0] += change
            shown += bool(paired_p_values(differences)[0] <= MAIN_LEVEL)
        return shown / 30

    assert power(DETECTABLE[pairs] * 1.3) > 0.7
    assert power(DETECTABLE[pairs] * 0.5) < 0.7


def test_fewer_pairs_than_the_fewest_show_nothing() -> None:
    pairs = fewest_pairs()
    certain = np.full((pairs, 1), 5.0)
    assert paired_p_values(certain)[0] <= MAIN_LEVEL < paired_p_values(certain[1:])[0]
    assert detectable_change(pairs) is not None
    assert detectable_change(pairs - 1) is None
    assert format_detectable(1) == f"1 pair cannot show any change, however large; {pairs} pairs can"


def test_more_pairs_show_smaller_changes() -> None:
    changes = [detectable_change(pairs) or 0 for pairs in range(fewest_pairs(), 60)]
    assert changes == sorted(changes, reverse=True)
    assert "4.5 % where runs of the same settings differ by 2 %" in format_detectable(10)
