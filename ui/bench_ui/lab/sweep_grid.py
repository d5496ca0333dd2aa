"""The grid of a sweep while it fills: entries of the journal -> **sweep grid** -> heat map, curve, table. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench_app.comparison.metric_values import MAIN_METRICS, is_worse
from bench_app.engine.result import RunResult
from bench_app.model.json_path import lookup, parse_path
from bench_app.preset.documents import Document
from bench_app.sweeps.axes import LIBZMQ, PLANE, Axis, grid, parse_axis
from bench_app.sweeps.sweep import Cell, Repeat, repeat_of
from bench_ui.lab.question import Question
from bench_ui.lab.value_range import value_text

AGAIN = "again "
"""Begins the key of a trial that is tried once more, because it was invalid."""
_USUAL_START_S = 1.0
"""How long the start and the end of a run take, until one was measured."""


@dataclass
class GridCell:
    """One combination of values.

    Attributes:
        values: in the order of the axes.
        repeats: the runs so far.
        places: where the entry of each run is in the journal.
        invalid: how many runs do not count.
    """

    values: tuple[Any, ...]
    repeats: list[Repeat] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    invalid: int = 0
    _medians: dict[str, float | None] = field(default_factory=dict)
    """The medians that were computed since the last run came."""

    @property
    def figures(self) -> Cell:
        """The same as the result of a sweep has it."""
        return Cell(values=list(self.values), repeats=self.repeats)

    def median(self, metric: str) -> float | None:
        """The median of a metric over the runs that count; None if none measured it."""
        if metric not in self._medians:
            self._medians[metric] = self.figures.median(metric)
        return self._medians[metric]

    def put(self, at: int, repeat: Repeat, place: int) -> None:
        """Replace a run, or add one at the end."""
        self.repeats[at : at + 1] = [repeat]
        self.places[at : at + 1] = [place]
        self._medians.clear()
        self.invalid = sum(one.verdict == "invalid" for one in self.repeats)

    @property
    def is_invalid(self) -> bool:
        """Whether there are runs, and none of them counts."""
        return bool(self.repeats) and self.invalid == len(self.repeats)

    @property
    def reason(self) -> str:
        """Why a run does not count; "" if all count."""
        return next((repeat.reason for repeat in self.repeats if repeat.verdict == "invalid"), "")


class SweepGrid:
    """All cells of a sweep and what was measured so far.

    Attributes:
        axes: what is varied.
        repeats: how often each cell is run.
        cells: the values of the last axis change fastest.
        metrics: the metrics that any run has measured, in their order.
        again: how many runs were tried once more.
    """

    def __init__(self, axes: Sequence[Axis], repeats: int) -> None:
        self.axes = list(axes)
        self.repeats = repeats
        self.cells = [GridCell(values) for values in grid(self.axes)]
        self.metrics: list[str] = []
        self.again = 0
        self._numbers = {_label(self.axes, cell.values): number for number, cell in enumerate(self.cells)}

    @classmethod
    def of(cls, question: Question) -> SweepGrid:
        """The empty grid of a question."""
        axes = [parse_axis(text) for text in question.values("--vary")]
        return cls(axes, int(question.number("--repeat", 1)))

    @property
    def planned(self) -> int:
        """How many runs there are to make, those tried again not counted."""
        return len(self.cells) * self.repeats

    @property
    def done(self) -> int:
        """How many of these were made."""
        return sum(len(cell.repeats) for cell in self.cells)

    @property
    def invalid(self) -> int:
        """How many runs do not count."""
        return sum(cell.invalid for cell in self.cells)

    def add(self, key: str, result: RunResult, place: int) -> int | None:
        """Add the run of an entry. Returns the number of its cell; None if it belongs to no cell."""
        number = self._numbers.get(key.removeprefix(AGAIN))
        if number is None:
            return None
        cell, repeat = self.cells[number], repeat_of(result, ())
        self.again += key.startswith(AGAIN)
        which = len(cell.repeats)
        # A run that measured nothing is made once more when a sweep goes on, under the same key.
        if key.startswith(AGAIN) or which == self.repeats:
            which = next((at for at, one in enumerate(cell.repeats) if one.verdict == "invalid"), which)
        cell.put(which, repeat, place)
        known = set(self.metrics)
        if new := [name for name in repeat.metrics if name not in known]:
            self.metrics = _in_order([*self.metrics, *new])
        return number

    def best(self, metric: str) -> int | None:
        """The cell with the best median of a metric; None without one, or if all cells are alike."""
        found = [
            (value, number) for number, cell in enumerate(self.cells) if (value := _median(cell, metric)) is not None
        ]
        if len({value for value, _ in found}) < 2:
            return None
        # Of equal cells the first is the best: most keys cost more the larger they are.
        sign = 1 if is_worse(metric, 1) else -1
        return min(found, key=lambda one: (sign * one[0], one[1]))[1]

    def current(self, document: Document | None) -> int | None:
        """The cell that has the values of a document; None if none has."""
        if document is None:
            return None
        values = [_value_of(document, axis.path) for axis in self.axes]
        # The quick comparison first: a window asks for a thousand cells each time that it draws.
        found = (number for number, cell in enumerate(self.cells) if list(cell.values) == values)
        return next((number for number in found if _are_equal(self.cells[number].values, values)), None)

    def settings(self, number: int) -> list[tuple[str, Any]]:
        """The values of a cell by their paths, without those that are not part of a preset."""
        pairs = zip((axis.path for axis in self.axes), self.cells[number].values, strict=True)
        return [(path, value) for path, value in pairs if path not in (PLANE, LIBZMQ)]

    def left_s(self, duration_s: float, spent_s: float, made: int) -> float:
        """An estimate of the time that is left. ``made``: the runs that were made in ``spent_s``."""
        each = spent_s / made if made else duration_s + _USUAL_START_S
        return max(0, self.planned - self.done) * each


def _value_of(document: Document, path: str) -> Any:
    """The value of a document at a path, defaults included."""
    if path in (PLANE, LIBZMQ):
        return {PLANE: "compiled", LIBZMQ: "installed"}[path]
    parts = parse_path(path)
    written = lookup(document.raw, parts)
    return written if written is not None else _default_of(document, path)


def _default_of(document: Document, path: str) -> Any:
    # Imported here: it imports this module's neighbours.
    from bench_ui.lab.varied_keys import varied_keys

    return next((key.current for key in varied_keys(document) if key.path == path), None)


def _are_equal(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return all(a == b and isinstance(a, bool) == isinstance(b, bool) for a, b in zip(one, other, strict=True))


def _label(axes: Sequence[Axis], values: Sequence[Any]) -> str:
    """The key of a cell's trials in the journal."""
    return ", ".join(f"{axis.path}={value_text(value)}" for axis, value in zip(axes, values, strict=True))


def _median(cell: GridCell, metric: str) -> float | None:
    return cell.median(metric)


def _in_order(metrics: Sequence[str]) -> list[str]:
    """The main metrics first."""
    return [
        *(name for name in MAIN_METRICS if name in metrics),
        *(name for name in metrics if name not in MAIN_METRICS),
    ]
