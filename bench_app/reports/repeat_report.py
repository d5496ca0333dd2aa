"""Repeated runs on a page: runs -> **sections**: how they ended and how much they differ, then run by run. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from bench_app.comparison.metric_values import MAIN_METRICS, format_figure, metric_values
from bench_app.engine.result import RunResult
from bench_app.reports.markup import element, paragraphs, section, table, text
from bench_app.reports.run_report import RunReport, run_sections

MOST_RUNS = 20
"""The most runs that are shown one by one."""


def repeat_sections(runs: Sequence[RunReport], results: Sequence[RunResult]) -> list[str]:
    """The sections of all ``results``, and of the first :data:`MOST_RUNS` of ``runs`` one by one."""
    if not results:
        return []
    shown = runs[:MOST_RUNS]
    endings = ", ".join(f"{count:,} {verdict}" for verdict, count in Counter(one.verdict for one in results).items())
    left_out = len(results) - len(shown)
    facts = [endings, *([f"the last {left_out:,} runs are not shown one by one"] if left_out else [])]
    valid = [one for one in results if one.verdict != "invalid"] or list(results)
    values = [metric_values(one) for one in valid]
    rows = [
        (name, *(format_figure(name, pick([one[name] for one in values])) for pick in (median, min, max)))
        for name in MAIN_METRICS
        if all(name in one for one in values)
    ]
    title = element("h1", text(f"{results[0].preset}: {len(results):,} runs"))
    parts = [
        element("header", title + paragraphs(facts, "soft")),
        section("All runs", table(("metric", "median", "least", "greatest"), rows, caption="valid runs")),
    ]
    for number, run in enumerate(shown, start=1):
        parts += [element("p", text(f"Run {number:,} of {len(results):,}"), class_="soft"), *run_sections(run)]
    return parts
