"""Values of curves at a moment or within a span."""

from __future__ import annotations

import numpy as np
import pytest
from bench_ui.plots.curve_lookup import around, known_within, newest_moment, values_at, values_until_end

GAP = float("nan")
X = np.array([0.0, 1.0, 2.0, 3.0])
CURVES = {"a": (X, np.array([10.0, 11.0, 12.0, 13.0])), "b": (X, np.array([20.0, 21.0, 22.0, GAP]))}


def test_a_value_is_that_of_the_next_sample() -> None:
    assert values_at(CURVES, 1.0) == {"a": 11, "b": 21}
    assert values_at(CURVES, 1.2) == {"a": 12, "b": 22}


@pytest.mark.parametrize("at_s", [None, 99.0])
def test_after_the_end_it_is_the_newest_known_value(at_s: float | None) -> None:
    assert values_at(CURVES, at_s) == {"a": 13, "b": 22}


def test_a_curve_without_known_values_has_a_gap_and_one_without_points_has_no_value() -> None:
    found = values_at({"gap": (X, np.full(4, GAP)), "empty": (np.empty(0), np.empty(0))}, None)
    assert np.isnan(found.pop("gap")) and found == {}


def test_a_baseline_that_ended_has_no_value() -> None:
    assert values_until_end(CURVES, 2.5)["a"] == 13
    assert values_until_end(CURVES, 3.1) == {}


def test_the_newest_moment_is_that_of_the_longest_curve() -> None:
    assert newest_moment(CURVES | {"long": (np.array([7.0]), np.array([1.0]))}) == 7
    assert newest_moment({}) == 0


def test_the_visible_part_reaches_one_point_beyond_each_edge() -> None:
    assert X[around(X, 1.5, 1.8)].tolist() == [1, 2]
    assert X[around(X, -5, 99)].tolist() == X.tolist()
    assert X[around(X, 5, 9)].tolist() == [3]


def test_values_within_a_span_have_no_gaps() -> None:
    assert known_within(*CURVES["b"], 1, 99).tolist() == [21, 22]
    assert known_within(*CURVES["a"], 5, 9).tolist() == []
