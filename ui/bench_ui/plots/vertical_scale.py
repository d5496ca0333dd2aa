"""The range of the vertical axis. It follows the values as seldom as possible, so that the picture stays calm.

visible values -> **scale** -> range of the view
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg

from bench_app.measure.arrays import Floats
from bench_ui.widgets import number_format

LEAST_NS = 1_000.0
"""Latencies below this do not widen the axis."""
RANGE_BEFORE_DATA = (4.6, 7.1)
"""log10 of ns: the range of a latency axis before there is a value, some 50 µs to 10 ms."""


def log10_ns(values: Floats) -> Floats:
    """Latencies in ns as a log axis draws them. Values below 1 ns count as 1 ns."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log10(np.maximum(values, 1.0))


class ZeroBasedScale:
    """An axis from zero up to a round value."""

    def __init__(self, view: pg.PlotWidget) -> None:
        self._view = view
        self._top = 0.0

    def reset(self) -> None:
        """Fit the axis anew with the next values, because the unit changed."""
        self._top = 0.0

    def fit(self, highest: float, least: float) -> None:
        """Give the axis an upper end above ``highest``, at least ``least``.

        The range shrinks only when the values need less than half of it.
        """
        wanted = number_format.nice_above(max(least, highest * 1.08))
        if wanted > self._top or wanted < self._top * 0.45:
            self._top = wanted
            self._view.setYRange(0, wanted, padding=0)


class LatencyScale:
    """A log axis that ends at thirds of a decade."""

    def __init__(self, view: pg.PlotWidget) -> None:
        self._view = view
        self._range = (0.0, 0.0)
        view.setYRange(*RANGE_BEFORE_DATA, padding=0)

    def fit(self, parts: Sequence[Floats]) -> None:
        """Show all of these latencies in ns; without any the range stays."""
        if not parts:
            return
        low = min(float(part.min()) for part in parts)
        high = max(float(part.max()) for part in parts)
        wanted = (
            float(np.floor(np.log10(max(low, LEAST_NS)) * 3) / 3 - 0.1),
            float(np.ceil(np.log10(max(high, 10.0)) * 3) / 3 + 0.1),
        )
        shown_low, shown_high = self._range
        too_wide = wanted[1] - wanted[0] < shown_high - shown_low - 0.7
        if wanted[0] < shown_low or wanted[1] > shown_high or too_wide:
            self._range = wanted
            self._view.setYRange(*wanted, padding=0)
