"""A sweep in the terminal: cells -> **table**, a row for each combination of values."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from bench_app.cli.fitting_table import FittingTable
from bench_app.comparison.metric_values import format_figure
from bench_app.sweeps.sweep import Cell, SweepResult
from bench_app.untrusted.visible_text import visible


def print_sweep(console: Console, result: SweepResult, wanted: Sequence[str] = ()) -> None:
    """Print the median of each metric over the valid runs of each cell, with the least and the greatest value."""
    metrics = result.shown_metrics(wanted)
    table = FittingTable(", ".join(axis.path for axis in result.axes), *metrics, "runs", left=("runs",))
    for cell in result.in_order:
        table.add(cell.title, *(_format_cell(cell, metric) for metric in metrics), _runs(cell))
    fitted = table.fitted(console.width, *reversed(metrics))
    console.print(fitted.table(console.width, "", "median (least .. greatest) of the valid runs"))
    invalid = result.invalid
    if invalid:
        runs = sum(len(cell.repeats) for cell in result.cells)
        reason = f"; the first reason: {invalid[0].reason}" if invalid[0].reason else ""
        text = f"{len(invalid):,} of {runs:,} runs are invalid and do not count{reason}"
        console.print(Text(visible(text), style="yellow"), soft_wrap=True)


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
