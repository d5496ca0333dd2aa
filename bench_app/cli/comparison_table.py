"""A comparison in the terminal: comparison -> **table**, a row for each metric that matters."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from bench_app.cli.fitting_table import FittingTable
from bench_app.comparison.comparison import Comparison, MetricComparison
from bench_app.comparison.metric_values import MAIN_METRICS, format_figure, is_worse
from bench_app.untrusted.visible_text import visible

NOTHING_SHOWN = "~"
"""Stands for a shift that the runs do not show."""
SPREAD_CHANGED = "spread changed"
_CAPTION = f"{NOTHING_SHOWN}: the runs show no change"
_LEFT_OUT_SHOWN = 5


def print_comparison(console: Console, comparison: Comparison, names: tuple[str, str]) -> None:
    """Print the main metrics and all metrics that changed, and how many others did not. ``names``: of both sides."""
    rows = {name: metric for name, metric in comparison.metrics.items() if _is_told(name, metric)}
    table = FittingTable("metric", "A", "B", "shift", "95 % interval", "%", "change", left=("change",))
    for name, metric in rows.items():
        table.add(name, *_cells(name, metric))
    console.print(Text(visible(f"A: {names[0]}, {_runs(comparison.runs_a)}")), soft_wrap=True)
    console.print(Text(visible(f"B: {names[1]}, {_runs(comparison.runs_b)}")), soft_wrap=True)
    console.print(table.fitted(console.width, "%").table(console.width, "", _CAPTION))
    others = len(comparison.metrics) - len(rows)
    if others:
        console.print(Text(f"{others:,} other metrics: {NOTHING_SHOWN}"))
    if comparison.left_out:
        shown = ", ".join(comparison.left_out[:_LEFT_OUT_SHOWN])
        more = len(comparison.left_out) - _LEFT_OUT_SHOWN
        console.print(
            Text(visible(f"not measured in every run: {shown}{f' and {more:,} more' if more > 0 else ''}")),
            soft_wrap=True,
        )


def format_summary(comparison: Comparison) -> str:
    """One line: what changed."""
    changed = [_change(name, metric) for name, metric in comparison.shown.items()]
    spreads = [name for name, metric in comparison.metrics.items() if metric.spread_changed]
    parts = changed or [f"{NOTHING_SHOWN} no change is shown"]
    if spreads:
        parts.append(f"{SPREAD_CHANGED}: {', '.join(spreads)}")
    return "; ".join(parts)


def _is_told(name: str, metric: MetricComparison) -> bool:
    return name in MAIN_METRICS or metric.shown or metric.spread_changed


def _cells(name: str, metric: MetricComparison) -> tuple[Text | str, ...]:
    has_interval = metric.low is not None and metric.high is not None
    low, high = (format_figure(name, value, signed=True) for value in (metric.low, metric.high))
    changes = [_direction(name, metric)] if metric.shown else []
    changes += [SPREAD_CHANGED] if metric.spread_changed else []
    shift = format_figure(name, metric.shift, signed=True) if metric.shown else NOTHING_SHOWN
    style = ("red" if is_worse(name, metric.shift) else "green") if metric.shown else "grey62"
    return (
        format_figure(name, metric.a),
        format_figure(name, metric.b),
        Text(shift, style=style),
        f"{low} .. {high}" if has_interval else "",
        metric.percent if metric.shown else "",
        ", ".join(changes),
    )


def _direction(name: str, metric: MetricComparison) -> str:
    return "worse" if is_worse(name, metric.shift) else "better"


def _change(name: str, metric: MetricComparison) -> str:
    percent = metric.percent
    by = f"{percent} %" if percent else format_figure(name, metric.shift, signed=True)
    return f"{name} {by} ({_direction(name, metric)})"


def _runs(count: int) -> str:
    return f"{count:,} run{'s' * (count != 1)}"
