"""A sweep of one key as a curve with error bars."""

from __future__ import annotations

from bench_ui.lab.curve_view import curve_view, nearest
from bench_ui.lab.sweep_grid import SweepGrid

from bench_app.sweeps.axes import Axis
from tests.bench_ui.lab.entries import HWM, INVALID, P50, run


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
    assert nearest(view, 2.4) == 1


def test_values_that_are_no_numbers_have_places_in_their_order() -> None:
    view = curve_view(SweepGrid([Axis("plane", ["compiled", "python"])], 1), P50, None)
    assert list(view.ticks) == [(0.0, "compiled"), (1.0, "python")] and not view.points
