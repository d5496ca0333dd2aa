"""The curves of a plot, kept from one drawing to the next: time series -> **curve cache** -> curve data. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from bench_app.measure.arrays import Floats
from bench_app.measure.running_curves import RunningCurve, RunningFold, RunningRates
from bench_app.measure.time_series import TimeSeries


class CurveCache:
    """Keeps the curves that were drawn last, so that a new sample adds a value to each. Other series begin anew.

    A plot has a cache for the run and another one for the baseline. Arrays are valid until the next call.
    """

    def __init__(self) -> None:
        self._curves: dict[Hashable, RunningCurve] = {}

    def sum(self, series: Sequence[TimeSeries], name: str) -> Floats:
        """The sum of a column over all series."""
        return self._values(("sum", name), series, lambda: RunningFold(series, name, np.add))

    def highest(self, series: Sequence[TimeSeries], name: str) -> Floats:
        """The highest value of a column; NaN where no series has a value."""
        return self._values(("highest", name), series, lambda: RunningFold(series, name, np.fmax))

    def rates(self, series: Sequence[TimeSeries], name: str, clock: str = "report_s") -> Floats:
        """The increase per second of a counter, summed over all series."""
        return self._values(("rates", name, clock), series, lambda: RunningRates(series, name, clock))

    def _values(self, key: Hashable, series: Sequence[TimeSeries], make: Callable[[], RunningCurve]) -> Floats:
        curve = self._curves.get(key)
        if curve is None or not _are_same(curve.series, series):
            curve = self._curves[key] = make()
        return curve.values()


def _are_same(some: Sequence[TimeSeries], others: Sequence[TimeSeries]) -> bool:
    return len(some) == len(others) and all(one is other for one, other in zip(some, others, strict=True))
