"""A grid of runs: axes -> **sweep** -> metrics of each cell."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

import msgspec
import numpy as np

from bench_app.comparison.metric_values import MAIN_METRICS, metric_values
from bench_app.data_plane.choice import PlaneChoice
from bench_app.engine.result import RunResult, Verdict
from bench_app.lab.trial import with_settings
from bench_app.preset.documents import Document
from bench_app.sweeps.axes import Axis, grid, make_setting
from bench_app.sweeps.series import PlannedTrial, Series

FORMAT = "zmq-bench-sweep/1"
MOST_COLUMNS = 4
"""The most metrics that a table shows; the JSON result has all."""


class Repeat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run of a cell. ``reason`` is the first reason of an invalid run."""

    verdict: Verdict
    metrics: dict[str, float]
    reason: str = ""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One combination of values, in the order of the axes, and its runs."""

    values: list[Any]
    repeats: list[Repeat]

    @property
    def title(self) -> str:
        """The values as on the command line, in the order of the axes."""
        return ", ".join(format_value(value) for value in self.values)

    @property
    def valid(self) -> list[Repeat]:
        """The runs that count."""
        return [repeat for repeat in self.repeats if repeat.verdict != "invalid"]

    def figures(self, metric: str) -> list[float]:
        """The values of a metric in the runs that count."""
        return [repeat.metrics[metric] for repeat in self.valid if metric in repeat.metrics]

    def median(self, metric: str) -> float | None:
        """The median of a metric over the runs that count; None if none measured it."""
        values = self.figures(metric)
        return median(values) if values else None


class SweepResult(msgspec.Struct, frozen=True, kw_only=True):
    """What ``sweep --json`` writes.

    Attributes:
        preset: the name of the preset.
        seed: what the order of the runs was drawn with.
        axes: what was varied.
        cells: every combination, the values of the last axis changing fastest.
        over: the metric that tables and curves are ordered by; None for the values of the axes.
    """

    format: str = FORMAT
    preset: str
    seed: int
    axes: list[Axis]
    cells: list[Cell]
    over: str | None = None

    @property
    def is_valid(self) -> bool:
        """Whether any run counts."""
        return any(cell.valid for cell in self.cells)

    def shown_metrics(self, wanted: Sequence[str] = ()) -> list[str]:
        """The metrics of a table: ``over`` first, then those that were asked for, or the main ones that any run has."""
        measured = list(dict.fromkeys(name for cell in self.cells for one in cell.repeats for name in one.metrics))
        main = [name for name in MAIN_METRICS if name in measured] or measured
        chosen = dict.fromkeys((*([self.over] if self.over else []), *(wanted or main)))
        return [name for name in chosen if name in measured][:MOST_COLUMNS]

    @property
    def in_order(self) -> list[Cell]:
        """The cells in the order of a table: by the metric ``over``, and those without a value of it last."""
        if self.over is None:
            return self.cells
        placed = [(value is None, value or 0.0, cell) for cell in self.cells for value in [cell.median(self.over)]]
        return [cell for _, _, cell in sorted(placed, key=lambda one: one[:2])]

    @property
    def invalid(self) -> list[Repeat]:
        """The runs that do not count."""
        return [repeat for cell in self.cells for repeat in cell.repeats if repeat.verdict == "invalid"]


def format_value(value: Any) -> str:
    """A value as on the command line."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def plan_sweep(
    document: Document, axes: Sequence[Axis], repeats: int, seed: int, choice: PlaneChoice
) -> list[tuple[int, PlannedTrial]]:
    """Each run with the number of its cell, in the order in which they are to be made.

    Every cell is run once before any is run again, each time in another random order. So what changes in the machine
    meanwhile meets all cells alike. Raises InputError if the values of a cell are not valid together.
    """
    random = np.random.default_rng(seed)
    trials = []
    for number, values in enumerate(grid(axes)):
        pairs = [(axis.path, value) for axis, value in zip(axes, values, strict=True)]
        setting = make_setting(pairs, choice)
        with_settings(document, setting.assignments)
        label = ", ".join(f"{path}={msgspec.json.encode(value).decode()}" for path, value in pairs)
        trials.append((number, PlannedTrial(label, label, setting)))
    return [trials[place] for _ in range(repeats) for place in random.permutation(len(trials))]


def run_sweep(
    document: Document,
    axes: Sequence[Axis],
    planned: Sequence[tuple[int, PlannedTrial]],
    seed: int,
    metrics: Sequence[str],
    series: Series,
    over: str | None = None,
) -> SweepResult:
    """Make all runs of a plan. Raises StoppedError if a user ends them."""
    if over is not None and metrics:
        metrics = list(dict.fromkeys((*metrics, over)))
    results = series.run_all([trial for _, trial in planned])
    repeats: dict[int, list[Repeat]] = {number: [] for number, _ in planned}
    for (number, _), result in zip(planned, results, strict=True):
        repeats[number].append(repeat_of(result, metrics))
    cells = [Cell(values=list(values), repeats=repeats[number]) for number, values in enumerate(grid(axes))]
    return SweepResult(preset=document.name, seed=seed, axes=list(axes), cells=cells, over=over)


def repeat_of(result: RunResult, metrics: Sequence[str]) -> Repeat:
    """What a cell keeps of a run."""
    reason = result.reasons[0] if result.verdict == "invalid" and result.reasons else ""
    return Repeat(verdict=result.verdict, metrics=metric_values(result, metrics), reason=reason)


def to_json(result: SweepResult) -> bytes:
    """The bytes of a result file."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"
