"""What a heat map shows: grid, metric, slice -> **heat view** -> heat map. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bench_app.comparison.metric_values import unit_of
from bench_app.sweeps.sweep import format_value
from bench_ui.lab.sweep_grid import GridCell, SweepGrid
from bench_ui.widgets import number_format

LOG_FROM = 50.0
"""If the largest value is so many times the least one, the colours follow the logarithm."""


@dataclass(frozen=True)
class HeatCell:
    """One cell.

    Attributes:
        number: its number in the grid.
        text: its value as text; "" before the first run that counts.
        share: the place of its value in the scale of colours, 0 to 1; None without a value.
        is_invalid: whether its runs do not count.
        has_invalid: whether some of its runs do not count.
        is_best: whether its value is the best.
        is_current: whether it has the settings of the open preset.
    """

    number: int
    text: str = ""
    share: float | None = None
    is_invalid: bool = False
    has_invalid: bool = False
    is_best: bool = False
    is_current: bool = False


@dataclass(frozen=True)
class HeatView:
    """All cells of a map, row by row, the first row at the top.

    Attributes:
        columns, rows: the labels of the columns and of the rows.
        column_title, row_title: the keys that they vary.
        cells: the rows.
        low, high: the values at the ends of the scale of colours; None without a value.
        is_log: whether the colours follow the logarithm.
        metric: what is shown.
    """

    columns: Sequence[str]
    rows: Sequence[str]
    column_title: str
    row_title: str
    cells: Sequence[Sequence[HeatCell]]
    low: float | None = None
    high: float | None = None
    is_log: bool = False
    metric: str = ""


def heat_view(grid: SweepGrid, metric: str, slice_value: int, current: int | None) -> HeatView:
    """The map of a grid with one, two or three axes.

    The second axis runs to the right, the first one upwards. Of a third axis the map shows one value, by its number.
    """
    axes = grid.axes
    down = axes[0].values if len(axes) > 1 else [None]
    right = axes[1].values if len(axes) > 1 else axes[0].values
    depth = len(axes[2].values) if len(axes) > 2 else 1
    values = [cell.median(metric) for cell in grid.cells]
    known = [value for value in values if value is not None]
    low, high = min(known, default=None), max(known, default=None)
    is_log = low is not None and high is not None and low > 0 and high >= LOG_FROM * low
    best = grid.best(metric)
    cells = [
        [
            _cell(
                grid.cells[number],
                number,
                metric,
                values[number],
                (low, high, is_log),
                number == best,
                number == current,
            )
            for column in range(len(right))
            for number in [(row * len(right) + column) * depth + (slice_value if depth > 1 else 0)]
        ]
        for row in range(len(down))
    ]
    return HeatView(
        columns=[label(value) for value in right],
        rows=[label(value) for value in reversed(down)] if len(axes) > 1 else [""],
        column_title=short_path(axes[1].path if len(axes) > 1 else axes[0].path),
        row_title=short_path(axes[0].path) if len(axes) > 1 else "",
        cells=list(reversed(cells)),
        low=low,
        high=high,
        is_log=is_log,
        metric=metric,
    )


def label(value: Any) -> str:
    """A value of an axis: numbers with separators or a prefix."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,}" if abs(value) < 100_000 else number_format.short(value)
    return format_value(value)


def short_path(path: str) -> str:
    """The end of a path that names the key and its owner: ``zmq-publisher high_water_mark``."""
    parts = [
        part for part in path.replace("[", ".[").split(".") if part not in ("output", "handlers", "config", "bench")
    ]
    return " ".join(parts[-3:]) if parts else path


@lru_cache(4096)
def cell_text(metric: str, value: float | None) -> str:
    """A value in as few characters as say enough; the unit is beside the scale of colours."""
    if value is None:
        return ""
    if unit_of(metric) == "ms":
        return f"{value:.3g}" if value < 1000 else number_format.short(value)
    return number_format.short(value)


def _cell(
    cell: GridCell,
    number: int,
    metric: str,
    value: float | None,
    scale: tuple[float | None, float | None, bool],
    is_best: bool,
    is_current: bool,
) -> HeatCell:
    return HeatCell(
        number=number,
        text=cell_text(metric, value),
        share=_share(value, *scale),
        is_invalid=cell.is_invalid,
        has_invalid=cell.invalid > 0,
        is_best=is_best,
        is_current=is_current,
    )


def _share(value: float | None, low: float | None, high: float | None, is_log: bool) -> float | None:
    if value is None or low is None or high is None:
        return None
    if high == low:
        return 0.5
    if is_log:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)
