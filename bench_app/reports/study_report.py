"""Comparisons, sweeps and searches on a page: result -> **sections**. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from bench_app.capacity.figures import format_rate
from bench_app.comparison.comparison import Comparison
from bench_app.comparison.metric_values import MAIN_METRICS, format_figure, is_worse, unit_of
from bench_app.lab.card import Card
from bench_app.lab.card_text import card_lines
from bench_app.lab.find import FindResult
from bench_app.lab.hwm import HwmResult
from bench_app.lab.hwm_text import measured_text, price_text, proof_text
from bench_app.measure.arrays import Floats
from bench_app.reports.markup import element, paragraphs, section, table, text
from bench_app.reports.plot import MOST_POINTS, Curve, Plot, render_plot
from bench_app.sweeps.sweep import Cell, SweepResult, format_value

_HOW_COMPARED = (
    "Shift: by how much B is more than A, the Hodges-Lehmann estimate, with an interval of 95 % for this metric alone. "
    "~ means that the runs show no change.",
    "A change is shown if permutation tests of all metrics together (Westfall and Young) make chance unlikely: without "
    "any change, about three in a hundred comparisons show a metric. A pair that is far out in a metric does not count "
    "for this metric. Runs that are invalid do not count.",
)
_HOW_SWEPT = (
    "Every combination was run once before any was run again, each time in another random order. Runs that are invalid "
    "do not count. The figures are medians of the runs, with the least and the greatest value.",
)
_CARD_LATENCIES = {
    "service p50": "service_p50_us",
    "service p99": "service_p99_us",
    "response p99": "response_p99_us",
}
_HOW_FOUND = (
    "The search follows RFC 9971 (MLRsearch): trials at constant rates, until the bounds of each goal are close. "
    "A trial misses a goal of loss if more than the goal allows is lost, or has not arrived when the last event is "
    "offered.",
)


def comparison_sections(comparison: Comparison, title: str = "Comparison") -> list[str]:
    """The sections of a comparison."""
    shown = comparison.shown
    verdict = f"{len(shown):,} of {len(comparison.metrics):,} metrics changed" if shown else "~ no change is shown"
    runs = (
        f"{comparison.pairs:,} pairs of runs"
        if comparison.paired
        else (f"{comparison.runs_a:,} runs of A, {comparison.runs_b:,} runs of B")
    )
    rows = []
    for name, metric in comparison.metrics.items():
        has_interval = metric.low is not None and metric.high is not None
        low, high = (format_figure(name, value, signed=True) for value in (metric.low, metric.high))
        change = ("worse" if is_worse(name, metric.shift) else "better") if metric.shown else ""
        if metric.spread_changed:
            change = f"{change}, spread changed".removeprefix(", ")
        rows.append(
            (
                name,
                format_figure(name, metric.a),
                format_figure(name, metric.b),
                format_figure(name, metric.shift, signed=True) if metric.shown else "~",
                f"{low} .. {high}" if has_interval else "",
                metric.percent if metric.shown else "",
                change,
            )
        )
    rows.sort(key=lambda row: (row[3] == "~", row[0] not in MAIN_METRICS))
    return [
        _title(title, verdict, [runs]),
        section("Metrics", table(("metric", "A", "B", "shift", "95 % interval", "%", "change"), rows)),
        _left_out(comparison),
        section("How it was measured", paragraphs(_HOW_COMPARED)),
    ]


def sweep_sections(result: SweepResult) -> list[str]:
    """The sections of a sweep."""
    runs = sum(len(cell.repeats) for cell in result.cells)
    invalid = result.invalid
    facts = [f"{len(result.cells):,} combinations, {runs:,} runs"]
    if invalid:
        reason = f"; the first reason: {invalid[0].reason}" if invalid[0].reason else ""
        facts.append(f"{len(invalid):,} runs are invalid and do not count{reason}")
    axes = [(axis.path, ", ".join(map(format_value, axis.values))) for axis in result.axes]
    metrics = result.shown_metrics()
    rows = [
        (cell.title, *(_range(cell, metric) for metric in metrics), f"{len(cell.valid)} of {len(cell.repeats)}")
        for cell in result.in_order
    ]
    drawn = [metric for metric in metrics if metric != result.over]
    return [
        _title(f"Sweep of {result.preset}", "valid" if result.is_valid else "invalid", facts),
        section("What was varied", table(("key", "values"), axes, left=2)),
        section("Curves", *(render_plot(sweep_plot(result, metric)) for metric in drawn)),
        section("Cells", table((", ".join(axis.path for axis in result.axes), *metrics, "valid runs"), rows)),
        section("How it was measured", paragraphs(_HOW_SWEPT)),
    ]


def sweep_plot(result: SweepResult, metric: str) -> Plot:
    """A metric over the values of the last axis, a curve for each combination of the others; with one axis also the
    least and the greatest value. Over another metric, if the sweep has one."""
    if result.over is not None:
        return _plot_over(result, metric, result.over)
    *others, last = result.axes
    x = np.arange(float(len(last.values)))
    lines: dict[str, list[Cell]] = {}
    for cell in result.cells:
        lines.setdefault(_line_of(result, cell), []).append(cell)
    curves = [
        Curve(name, x, np.array([_or_nan(cell.median(metric)) for cell in cells])) for name, cells in lines.items()
    ]
    if not others:
        for name, pick in (("least", min), ("greatest", max)):
            values = [float(pick(cell.figures(metric), default=float("nan"))) for cell in result.cells]
            curves.append(Curve(name, x, np.array(values)))
    ticks = {float(place): format_value(value) for place, value in enumerate(last.values)}
    return Plot(metric, last.path, curves, ticks=ticks)


def _plot_over(result: SweepResult, metric: str, over: str) -> Plot:
    """A metric over another one: a point for each cell, a curve for each combination of all axes but the last."""
    placed = [(value, cell) for cell in result.in_order if (value := cell.median(over)) is not None]
    x = np.array([value for value, _ in placed])
    lines: dict[str, list[float]] = {}
    for place, (_, cell) in enumerate(placed):
        line = lines.setdefault(_line_of(result, cell), [float("nan")] * len(placed))
        line[place] = _or_nan(cell.median(metric))
    curves = [Curve(name, x, np.array(line)) for name, line in lines.items()]
    paths = [axis.path for axis in result.axes]
    labels = [
        ", ".join(f"{path}={format_value(one)}" for path, one in zip(paths, cell.values, strict=True))
        + f": {over} {format_figure(over, value)}"
        for value, cell in placed
    ]
    unit = unit_of(over)
    # Of more points, several become one, which has no settings of its own.
    labels = labels if len(labels) <= MOST_POINTS else []
    return Plot(metric, f"{over}, {unit}" if unit else over, curves, labels=labels, bridges=True)


def _line_of(result: SweepResult, cell: Cell) -> str:
    """The curve that a cell belongs to: the values of all axes but the last."""
    others = zip(result.axes[:-1], cell.values, strict=False)
    return ", ".join(f"{axis.path}={format_value(value)}" for axis, value in others) or "median"


def find_sections(result: FindResult) -> list[str]:
    """The sections of a search for the highest rate."""
    verdict = "found" if result.has_result else "no result for every goal"
    rows = [
        (goal.label, _rate(goal.rate), _rate(goal.lower), _rate(goal.upper), goal.limited_by, goal.reason)
        for goal in result.goals
    ]
    ordered = sorted((trial for trial in result.trials if trial.verdict != "invalid"), key=lambda trial: trial.rate)
    loss = Curve(
        "missed, %", np.array([trial.rate for trial in ordered]), np.array([100 * trial.loss for trial in ordered])
    )
    trials = [
        (format_rate(trial.rate), f"{trial.duration_s:g}", f"{100 * trial.loss:.3g}", trial.verdict)
        for trial in result.trials
    ]
    return [
        _title(f"Highest rate of {result.preset}", verdict, [f"{len(trials):,} trials in {result.took_s:,.0f} s"]),
        section("Goals", table(("goal", "events/s", "at least", "less than", "limited by", "remark"), rows)),
        section("Trials", render_plot(Plot("Loss of the valid trials, %", "events/s", [loss])) if ordered else ""),
        section("All trials", table(("events/s", "s", "lost %", "verdict"), trials, left=0)),
        section("How it was measured", paragraphs(_HOW_FOUND)),
    ]


def card_sections(card: Card) -> list[str]:
    """The sections of a card of a link."""
    verdict = "no result" if card.rate is None else f"{format_rate(card.rate)}/s"
    points = [point for point in card.loss_curve or () if point.loss is not None]
    curve = Curve("lost, %", _column(points, "rate"), 100 * _column(points, "loss"))
    latencies = [
        Curve(name, _column(card.latency or (), "rate"), _column(card.latency or (), key) / 1000)
        for name, key in _CARD_LATENCIES.items()
    ]
    plots = [Plot("Loss, %", "events/s", [curve]), Plot("Latency, ms", "events/s", latencies)]
    return [
        _title(f"Card of {card.preset}, {card.handler}", verdict, []),
        section("Figures", table(("figure", "value"), card_lines(card), left=2)),
        section("Over the rate", *(render_plot(plot) for plot in plots)),
        section("How it was measured", paragraphs(_HOW_FOUND)),
    ]


def hwm_sections(result: HwmResult) -> list[str]:
    """The sections of a recommended high-water mark."""
    verdict = "recommended" if result.recommended else "no mark helps"
    rows = [(path, format_value(value)) for path, value in result.recommended.items()]
    texts = (result.reason, price_text(result), proof_text(result), measured_text(result), *result.notes)
    return [
        _title(f"High-water mark of {result.preset}, {result.handler}", verdict, []),
        section("Settings", table(("key", "value"), rows, left=2)) if rows else "",
        section("Why", paragraphs([text for text in texts if text])),
    ]


def plain_sections(plain: dict[str, Any]) -> list[str]:
    """A result of another command as it is."""
    rows = [(key, msgspec.json.encode(value).decode()) for key, value in plain.items()]
    return [_title(str(plain.get("format")), "", []), section("Figures", table(("key", "value"), rows, left=2))]


def _column(rows: Sequence[object], name: str) -> Floats:
    """One field of all rows; NaN where it is missing."""
    return np.array([_or_nan(getattr(row, name)) for row in rows], dtype=np.float64)


def _title(title: str, verdict: str, facts: list[str]) -> str:
    heading = element("h1", text(title))
    badge = element("p", element("span", text(verdict), class_="verdict")) if verdict else ""
    return element("header", heading + badge + paragraphs(facts, "soft"))


def _left_out(comparison: Comparison) -> str:
    if not comparison.left_out:
        return ""
    return section("Not measured in every run", paragraphs([", ".join(comparison.left_out)]))


def _range(cell: Cell, metric: str) -> str:
    values = cell.figures(metric)
    if not values:
        return "-"
    low, high = (format_figure(metric, value).split(" ")[0] for value in (min(values), max(values)))
    middle = format_figure(metric, cell.median(metric))
    return middle if len(values) == 1 else f"{middle} ({low} .. {high})"


def _rate(rate: float | None) -> str:
    return "-" if rate is None else format_rate(rate)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
