"""A cell of a sweep and its runs as text: cell, metric -> **texts** -> line, table. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bench_app.comparison.metric_values import format_figure
from bench_app.sweeps.axes import Axis
from bench_app.sweeps.sweep import Repeat
from bench_ui.lab.heat_view import label, short_path
from bench_ui.lab.sweep_grid import GridCell
from bench_ui.widgets.number_format import NOTHING


def cell_line(axes: Sequence[Axis], cell: GridCell, metric: str) -> str:
    """What is known of a cell: its values, the median with its range, the runs that do not count."""
    values = ", ".join(
        f"{short_path(axis.path)} = {label(value)}" for axis, value in zip(axes, cell.values, strict=True)
    )
    if not cell.repeats:
        return f"{values}: no run yet"
    figures = cell.figures.figures(metric)
    parts = []
    if figures:
        spread = ""
        if min(figures) < max(figures):
            spread = f" ({format_figure(metric, min(figures))} to {format_figure(metric, max(figures))})"
        middle = format_figure(metric, cell.figures.median(metric))
        runs = f"{len(figures):,} run{'' if len(figures) == 1 else 's'}"
        parts.append(f"{metric} {middle}{spread}, {runs}")
    elif cell.figures.valid:
        parts.append(f"{metric} was not measured")
    if cell.invalid:
        reason = f": {cell.reason}" if cell.reason else ""
        parts.append(f"{cell.invalid:,} of {len(cell.repeats):,} runs invalid{reason}")
    return f"{values}: {'; '.join(parts)}"


def run_row(number: int, cell: GridCell, repeat: Repeat, metric: str) -> tuple[str, ...]:
    """The row of a run in the table."""
    value = repeat.metrics.get(metric)
    shown = NOTHING if value is None or repeat.verdict == "invalid" else format_figure(metric, value)
    return f"{number:,}", ", ".join(map(label, cell.values)), repeat.verdict, shown, repeat.reason
