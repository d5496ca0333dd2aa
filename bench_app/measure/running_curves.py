"""Curves of many time series that grow with every sample: time series -> **running curves** -> plots. Pure.

A plot of sixty handlers over an hour would compute half a million values for each sample, and all but the newest are
the same as before. So each curve here keeps its values, and computes only those of rows that are new or may have
changed. They are all computed again when the series have merged their rows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np

from bench_app.measure.arrays import Floats
from bench_app.measure.time_series import TimeSeries, rates_after

_FIRST_ROWS = 64


class RunningCurve(ABC):
    """A value for each row of several series that were sampled together."""

    def __init__(self, series: Sequence[TimeSeries]) -> None:
        self.series = tuple(series)
        self._values = np.empty(_FIRST_ROWS)
        self._final = 0
        """So many values cannot change any more: a series may still merge its last row with the next sample."""
        self._stride = 0

    def values(self) -> Floats:
        """The values so far; a view, valid until the next call."""
        if not self.series:
            return np.empty(0)
        first = self.series[0]
        rows = len(first)
        if first.stride != self._stride or rows < self._final:
            self._stride, self._final = first.stride, 0
        if rows > len(self._values):
            grown = np.empty(max(rows, 2 * len(self._values)))
            grown[: self._final] = self._values[: self._final]
            self._values = grown
        if rows:
            self._values[self._final : rows] = self._compute(self._final)
            self._final = rows - 1
        return self._values[:rows]

    @abstractmethod
    def _compute(self, first: int) -> Floats:
        """The values from row ``first`` on. It is the first row, or the last one of the call before."""


class RunningFold(RunningCurve):
    """A column of all series in one: their sum, or the highest of them."""

    def __init__(self, series: Sequence[TimeSeries], name: str, operation: Callable[[Floats, Floats], Floats]) -> None:
        super().__init__(series)
        self._name = name
        self._operation = operation

    def _compute(self, first: int) -> Floats:
        folded: Floats = self.series[0].column(self._name)[first:].copy()
        for one in self.series[1:]:
            folded = self._operation(folded, one.column(self._name)[first:])
        return folded


class RunningRates(RunningCurve):
    """The increase per second of a counter, summed over all series; see :func:`~.time_series.rates`."""

    def __init__(self, series: Sequence[TimeSeries], name: str, clock: str) -> None:
        super().__init__(series)
        self._name = name
        self._clock = clock
        self._held: Floats = np.full(len(self.series), np.nan)
        """The rate of each series in the row before the last one."""

    def _compute(self, first: int) -> Floats:
        if not first:
            self._held = np.full(len(self.series), np.nan)
        each = rates_after(self.series, self._name, self._clock, max(0, first - 1), self._held)
        if each.shape[1] > 1:
            self._held = each[:, -2].copy()
        # A unit that never reports (the user's own consumer) adds 0 to the sum.
        total = np.where(np.isnan(each).all(axis=0), np.nan, np.nansum(each, axis=0))
        return total if first else np.concatenate(([np.nan], total))
