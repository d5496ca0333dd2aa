"""A sweep of one key as a curve with error bars."""

from __future__ import annotations

import pytest
from bench_ui.lab.curve_view import curve_view, metric_view, nearest
from bench_ui.lab.sweep_grid import SweepGrid

from bench_app.sweeps.axes import Axis
from tests.bench_ui.lab.entries import HWM, INVALID, P50, RATE, run


def test_points_have_bars_and_marks_and_the_axis_is_logarithmic() -> None:
    grid = SweepGrid([Axis(HWM, [10, 100, 1000])], 2)
    for place, (mark, result) in enumerate(((10, run(4.0)), (10, run(2.0)), (100, run(1.0)), (1000, INVALID))):
        grid.add(f"{HWM}={mark}", result, place)
    view = curve_view(grid, P50, current=0)
    assert view.is_log and [place for place, _ in view.ticks] == [1.0, 2.0, 3.0]
    assert [(point.x, point.low, point.middle, point.high) for point in view.points] == [
        (1.0, 2.0, 3.0, 4.0),
        (2.0, 1.0, 1.0, 1.0),
    ]
    assert (list(view.invalid), view.best, view.current) == ([3.0], 2.0, 1.0)
    assert nearest(view, 2.4, 0.0, (2.0, 4.0)) == 1


def test_over_a_metric_each_cell_is_a_point_and_the_last_key_makes_the_lines() -> None:
    grid = SweepGrid([Axis(RATE, [100, 200]), Axis(HWM, [10, 1000])], 1)
    found = {(100, 10): run(1.0, lost=40), (100, 1000): run(5.0, lost=2), (200, 10): run(2.0, lost=10)}
    for place, ((rate, mark), result) in enumerate(found.items()):
        grid.add(f"{RATE}={rate}, {HWM}={mark}", result, place)
    grid.add(f"{RATE}=200, {HWM}=1000", INVALID, 3)
    view = metric_view(grid, P50, "drops", current=1)
    assert [(point.number, point.x, point.middle, point.line) for point in view.points] == [
        (1, pytest.approx(0.301, abs=0.001), 5.0, 0),
        (0, pytest.approx(1.602, abs=0.001), 1.0, 0),
        (2, 1.0, 2.0, 1),
    ]
    assert view.is_log and list(view.ticks) == [(0.0, "1"), (1.0, "10"), (2.0, "100")]
    assert view.best == view.points[1].x and view.current == view.points[0].x and view.title == "drops"
    assert nearest(view, 1.4, 1.5, (2.0, 5.0)) == 0 and nearest(view, 1.1, 2.1, (2.0, 5.0)) == 2
    back = metric_view(grid, "drops", P50, None)
    assert not back.is_log and [place for place, _ in back.ticks] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert back.title == f"{P50}, ms" and back.current is None
    empty = metric_view(SweepGrid([Axis(HWM, [10])], 1), P50, "rate", None)
    assert not empty.points and nearest(empty, 0.0, 0.0, (1.0, 1.0)) is None


def test_values_that_are_no_numbers_have_places_in_their_order() -> None:
    view = curve_view(SweepGrid([Axis("plane", ["compiled", "python"])], 1), P50, None)
    assert list(view.ticks) == [(0.0, "compiled"), (1.0, "python")] and not view.points
