"""Runs beside each other on a page: side by side -> **sections**. Pure."""

from __future__ import annotations

from bench_app.comparison.comparison import MetricComparison
from bench_app.comparison.metric_values import format_figure, is_worse
from bench_app.reports.markup import element, paragraphs, section, table, text
from bench_app.reports.plot import render_plot
from bench_app.reports.side_by_side import SideBySide

_HOW = (
    "Runs of the same settings are one side. The values are medians of the runs of a side that are not invalid. Shift: "
    "by how much a side is more than A (Hodges-Lehmann), with an interval of 95 %. ~ means that the runs show no "
    "change: with fewer than five runs a side there is no proof, only the values.",
)


def side_by_side_sections(found: SideBySide) -> list[str]:
    """The sections of runs side by side."""
    runs = [
        (side.letter, run.name, run.result.started_at, f"{run.result.duration_s:g} s", run.result.verdict)
        for side in found.sides
        for run in side.runs
    ]
    letters = [side.letter for side in found.sides]
    differing = [(one.path, *one.values) for one in found.settings]
    plots = "".join(render_plot(plot) for plot in found.plots)
    return [
        element("header", element("h1", text("Runs side by side"))),
        section("Runs", table(("side", "run", "started", "length", "verdict"), runs, left=5)),
        section(
            "Settings that differ",
            table(("key", *letters), differing, left=1 + len(letters)) if differing else paragraphs(["none"]),
        ),
        section("Metrics", table(metric_headings(found), metric_rows(found))) if found.metrics else "",
        section("Curves", plots) if plots else "",
        section("How it was compared", paragraphs(_HOW)),
    ]


def metric_headings(found: SideBySide) -> tuple[str, ...]:
    """The headings of the table of metrics: A, then value, shift and interval of each other side."""
    others = [side.letter for side in found.sides[1:]]
    return ("metric", "A", *(part for letter in others for part in (letter, f"{letter} - A", "95 % interval")))


def metric_rows(found: SideBySide) -> list[tuple[str, ...]]:
    """The rows of the table of metrics."""
    rows = []
    for metric in found.metrics:
        known = next(one for one in metric.others if one is not None)
        cells = [cell for one in metric.others for cell in _cells(metric.name, one)]
        rows.append((metric.name, format_figure(metric.name, known.a), *cells))
    return rows


def _cells(name: str, metric: MetricComparison | None) -> tuple[str, str, str]:
    if metric is None:
        return "", "", ""
    shift = "~"
    if metric.shown:
        change = "worse" if is_worse(name, metric.shift) else "better"
        shift = f"{format_figure(name, metric.shift, signed=True)} {change}"
    if metric.spread_changed:
        shift += ", spread changed"
    interval = ""
    if metric.low is not None and metric.high is not None:
        low, high = (format_figure(name, end, signed=True) for end in (metric.low, metric.high))
        interval = f"{low} .. {high}"
    return format_figure(name, metric.b), shift, interval
