"""The spread of repeated runs in the terminal: spread -> **table**, three rows for each latency."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from bench_app.cli.fitting_table import FittingTable
from bench_app.cli.result_tables import format_duration
from bench_app.engine.spread import QUANTITIES, Spread
from bench_app.measure.histogram_delta import percentile_label
from bench_app.untrusted.visible_text import visible

DOUBTFUL = "~"
"""Precedes a figure whose spread is larger than the figure itself."""
_CAPTION = f"{DOUBTFUL}: the runs differ by more than this figure, their median"


def print_spread(console: Console, spread: Sequence[Spread], runs: int) -> None:
    """Print the least value, the median and the greatest value of each percentile. Print nothing without figures.

    A line below the table names each latency that only some of the ``runs`` measured.
    """
    if not spread:
        return
    table = FittingTable("handler / listener", *map(percentile_label, QUANTITIES))
    remarks = []
    for unit, of_unit in groupby(spread, lambda one: one.unit):
        table.add(Text(visible(unit), style="bold"), *("" for _ in QUANTITIES))
        for measure, figures in groupby(of_unit, lambda one: one.measure):
            name, row = measure.removesuffix("_us").replace("_", " "), list(figures)
            table.add(f"  {name}, min", *(format_duration(one.min) for one in row))
            table.add(f"  {name}, median", *map(_median, row))
            table.add(f"  {name}, max", *(format_duration(one.max) for one in row))
            if row[0].runs < runs:
                remarks.append(f"{unit}: {name} was measured in {row[0].runs:,} of {runs:,} runs")
    fitted = table.fitted(console.width, "p99.9", "p90")
    caption = _CAPTION if any(one.is_doubtful for one in spread) else ""
    console.print(fitted.table(console.width, f"Spread of {runs:,} run{'s' * (runs != 1)}", caption))
    for remark in remarks:
        console.print(Text(visible(remark)), soft_wrap=True)


def _median(one: Spread) -> Text:
    text = format_duration(one.median)
    return Text(f"{DOUBTFUL}{text}", style="yellow") if one.is_doubtful else Text(text)
