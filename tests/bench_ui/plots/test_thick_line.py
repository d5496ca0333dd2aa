"""The strokes of a thick curve."""

from __future__ import annotations

import numpy as np
import pytest
from bench_ui.plots.thick_line import strokes_of
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.arrays import Floats

NAN = float("nan")


def length(rows: Floats) -> float:
    return float(np.hypot(rows[:, 2] - rows[:, 0], rows[:, 3] - rows[:, 1]).sum())


def test_a_solid_curve_has_a_line_between_known_neighbours() -> None:
    rows = strokes_of(np.array([0.0, 1.0, 2.0, 3.0, 4.0]), np.array([5.0, 6.0, NAN, 7.0, 8.0]))
    assert rows.tolist() == [[0, 5, 1, 6], [3, 7, 4, 8]]


def test_dashes_go_on_over_the_points_of_a_curve() -> None:
    rows = strokes_of(np.array([0.0, 5.0, 20.0]), np.zeros(3), (8.0, 4.0))
    assert [(left, right) for left, _, right, _ in rows] == [(0, 5), (5, 8), (12, 20)]


def test_a_curve_without_two_neighbours_has_no_strokes() -> None:
    for x, y in ((np.array([]), np.array([])), (np.array([1.0]), np.array([1.0])), (np.arange(3.0), np.full(3, NAN))):
        assert len(strokes_of(x, y, (8.0, 4.0))) == len(strokes_of(x, y)) == 0


@given(
    y=st.lists(st.one_of(st.just(NAN), st.floats(-500, 500)), min_size=2, max_size=40),
    dash=st.sampled_from([(12.0, 3.0), (12.0, 3.0, 3.0, 3.0), (4.0, 2.0)]),
)
def test_strokes_lie_on_the_curve_and_are_their_share_of_it(y: list[float], dash: tuple[float, ...]) -> None:
    x, values = np.arange(len(y)) * 7.0, np.array(y)
    solid, dashed = strokes_of(x, values), strokes_of(x, values, dash)
    for left, first, right, last in dashed:
        before = min(int(left // 7), len(y) - 2)
        part = slice(before, before + 2)
        assert first == pytest.approx(np.interp(left, x[part], values[part]), abs=1e-6)
        assert right <= x[before + 1] + 1e-6
        assert last == pytest.approx(np.interp(right, x[part], values[part]), abs=1e-6)
    period, share = sum(dash), sum(dash[::2]) / sum(dash)
    assert abs(length(dashed) - share * length(solid)) <= period + 1e-6
