"""What a curve with error bars shows: grid with one axis, metric -> **curve view** -> sweep curve. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench_ui.lab.heat_view import label, short_path
from bench_ui.lab.sweep_grid import SweepGrid

LOG_FROM = 20.0
"""If the largest value of the axis is so many times the least one, the axis is logarithmic."""


@dataclass(frozen=True)
class CurvePoint:
    """One cell with a value.

    Attributes:
        number: its number in the grid.
        x: its place on the axis.
        low, middle, high: the least, the median and the largest value of its runs.
    """

    number: int
    x: float
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class CurveView:
    """A curve.

    Attributes:
        title: the key that is varied.
        ticks: place and label of each value.
        is_log: whether the places are logarithms.
        points: the cells that have a value.
        invalid: the places of the cells whose runs do not count.
        best, current: the places of the marks; None without one.
        metric: what is shown.
    """

    title: str
    ticks: Sequence[tuple[float, str]]
    is_log: bool
    points: Sequence[CurvePoint]
    invalid: Sequence[float]
    best: float | None
    current: float | None
    metric: str


def curve_view(grid: SweepGrid, metric: str, current: int | None) -> CurveView:
    """The curve of a grid with one axis."""
    values = grid.axes[0].values
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    is_numeric = len(numbers) == len(values)
    is_log = is_numeric and min(numbers) > 0 and max(numbers) >= LOG_FROM * min(numbers)

    def place(number: int) -> float:
        if not is_numeric:
            return float(number)
        return math.log10(numbers[number]) if is_log else float(numbers[number])

    points = []
    for number, cell in enumerate(grid.cells):
        if figures := sorted(cell.figures.figures(metric)):
            middle = cell.figures.median(metric)
            assert middle is not None
            points.append(CurvePoint(number, place(number), figures[0], middle, figures[-1]))
    best = grid.best(metric)
    return CurveView(
        title=short_path(grid.axes[0].path),
        ticks=[(place(number), label(value)) for number, value in enumerate(values)],
        is_log=is_log,
        points=sorted(points, key=lambda point: point.x),
        invalid=[place(number) for number, cell in enumerate(grid.cells) if cell.is_invalid],
        best=None if best is None else place(best),
        current=None if current is None else place(current),
        metric=metric,
    )


def nearest(view: CurveView, x: float) -> int | None:
    """The number of the cell whose place is nearest; None if there is none."""
    if not view.ticks:
        return None
    return min(range(len(view.ticks)), key=lambda number: abs(view.ticks[number][0] - x))
