"""A sweep in the terminal: cells -> **table**, a row for each combination of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from bench_app.cli.comparison_table import format_figure
from bench_app.cli.fitting_table import FittingTable
from bench_app.comparison.metric_values import MAIN_METRICS
from bench_app.sweeps.sweep import Cell, SweepResult
from bench_app.untrusted.visible_text import visible

MOST_COLUMNS = 4
"""The most metrics that the table shows; the JSON result has all."""


def shown_metrics(result: SweepResult, wanted: Sequence[str] = ()) -> list[str]:
    """The metrics of the table: those that were asked for, or the main ones that any run has."""
    measured = {name for cell in result.cells for repeat in cell.repeats for name in repeat.metrics}
    return [name for name in (wanted or MAIN_METRICS) if name in measured][:MOST_COLUMNS]


def print_sweep(console: Console, result: SweepResult, wanted: Sequence[str] = ()) -> None:
    """Print the median of each metric over the valid runs of each cell, with the least and the greatest value."""
    metrics = shown_metrics(result, wanted)
    table = FittingTable(", ".join(axis.path for axis in result.axes), *metrics, "runs", left=("runs",))
    for cell in result.cells:
        table.add(format_values(cell), *(_format_cell(cell, metric) for metric in metrics), _runs(cell))
    fitted = table.fitted(console.width, *reversed(metrics))
    console.print(fitted.table(console.width, "", "median (least .. greatest) of the valid runs"))
    invalid = result.invalid
    if invalid:
        runs = sum(len(cell.repeats) for cell in result.cells)
        reason = f"; the first reason: {invalid[0].reason}" if invalid[0].reason else ""
        text = f"{len(invalid):,} of {runs:,} runs are invalid and do not count{reason}"
        console.print(Text(visible(text), style="yellow"), soft_wrap=True)


def format_values(cell: Cell) -> str:
    """The values of a cell, in the order of the axes."""
    return ", ".join(format_value(value) for value in cell.values)


def format_value(value: Any) -> str:
    """A value as on the command line."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _format_cell(cell: Cell, metric: str) -> str:
    values = cell.figures(metric)
    if not values:
        return "-"
    middle = format_figure(metric, cell.median(metric))
    if len(values) == 1:
        return middle
    bounds = [
        format_figure(metric, value).removesuffix(" ms").removesuffix(" /s") for value in (min(values), max(values))
    ]
    return f"{middle} ({bounds[0]} .. {bounds[1]})"


def _runs(cell: Cell) -> str:
    invalid = len(cell.repeats) - len(cell.valid)
    return f"{len(cell.valid):,}" if not invalid else f"{len(cell.valid):,}, {invalid:,} invalid"
