"""What a curve with error bars shows: grid, metric, what it is drawn over -> **curve view** -> sweep curve. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench_app.comparison.metric_values import unit_of
from bench_ui.lab.heat_view import cell_text, label, short_path
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
        line: which line it belongs to.
    """

    number: int
    x: float
    low: float
    middle: float
    high: float
    line: int = 0


@dataclass(frozen=True)
class CurveView:
    """A curve.

    Attributes:
        title: the key that is varied, or the metric that the other one is drawn over.
        ticks: place and label of each value, or of round values of a metric.
        is_log: whether the places are logarithms.
        points: the cells that have a value.
        invalid: the places of the cells whose runs do not count.
        best, current: the places of the marks; None without one.
        metric: what is shown.
        is_over_metric: whether the points are placed by a metric, and not by the values of a key.
    """

    title: str
    ticks: Sequence[tuple[float, str]]
    is_log: bool
    points: Sequence[CurvePoint]
    invalid: Sequence[float]
    best: float | None
    current: float | None
    metric: str
    is_over_metric: bool = False


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


def metric_view(grid: SweepGrid, metric: str, over: str, current: int | None) -> CurveView:
    """A metric over another one: a point for each cell that has both, at the medians of its runs.

    The cells that differ in the value of the last axis alone make a line.
    """
    depth = len(grid.axes[-1].values)
    found = [
        (value, number, cell)
        for number, cell in enumerate(grid.cells)
        if (value := cell.median(over)) is not None and cell.median(metric) is not None
    ]
    low, high = min((one[0] for one in found), default=0.0), max((one[0] for one in found), default=1.0)
    is_log = low > 0 and high >= LOG_FROM * low
    points = []
    for value, number, cell in found:
        figures, middle = cell.figures.figures(metric), cell.median(metric)
        assert middle is not None
        x = math.log10(value) if is_log else value
        points.append(CurvePoint(number, x, min(figures), middle, max(figures), number // depth))
    places = {point.number: point.x for point in points}
    unit = unit_of(over)
    return CurveView(
        title=f"{over}, {unit}" if unit else over,
        ticks=[(math.log10(one) if is_log else one, cell_text(over, one)) for one in _round_values(low, high, is_log)],
        is_log=is_log,
        points=sorted(points, key=lambda point: (point.line, point.x)),
        invalid=[],
        best=places.get(-1 if (best := grid.best(metric)) is None else best),
        current=places.get(-1 if current is None else current),
        metric=metric,
        is_over_metric=True,
    )


def _round_values(low: float, high: float, is_log: bool) -> list[float]:
    """Round values of an axis from ``low`` to ``high``, both ends within them."""
    if is_log:
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        return [10.0**decade for decade in decades]
    step = 10.0 ** math.floor(math.log10(high - low)) / 2 if high > low else abs(high) or 1.0
    step *= 1 if high - low <= 6 * step else 2 if high - low <= 12 * step else 4
    return [number * step for number in range(math.floor(low / step), math.ceil(high / step) + 1)]


def nearest(view: CurveView, x: float, y: float, span: tuple[float, float]) -> int | None:
    """The number of the cell that is nearest to a place; None if there is none.

    ``span``: what the axes span, so that both count alike. Over a key only the place along the axis counts.
    """
    if not view.is_over_metric:
        return min(range(len(view.ticks)), key=lambda number: abs(view.ticks[number][0] - x), default=None)
    width, height = (one or 1.0 for one in span)
    points = ((math.hypot((one.x - x) / width, (one.middle - y) / height), one.number) for one in view.points)
    return min(points, default=(0.0, None))[1]
