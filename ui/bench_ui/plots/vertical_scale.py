"""The range of the vertical axis. It follows the values as seldom as possible, so that the picture stays calm.

visible values -> **scale** -> vertical range -> view; wheel and box of the user -> vertical range
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


class VerticalRange:
    """The range that a view shows: the one that the user chose, else the one that fits the values.

    Attributes:
        chosen: the range that the user chose; None to fit the values.
    """

    def __init__(self, view: pg.PlotWidget) -> None:
        self._view = view
        self._fitting: tuple[float, float] | None = None
        self._free_share = 0.0
        self.chosen: tuple[float, float] | None = None

    @property
    def shown(self) -> tuple[float, float]:
        """The range that the view shows now."""
        low, high = self._view.viewRange()[1]
        return float(low), float(high)

    def fit(self, low: float, high: float) -> None:
        """This range fits the values."""
        self._fitting = (low, high)
        self._show_fitting()

    def keep_free(self, share: float) -> None:
        """Keep this part of the height free above a range that fits, for labels."""
        self._free_share = share
        self._show_fitting()

    def _show_fitting(self) -> None:
        if self.chosen is None and self._fitting is not None:
            low, high = self._fitting
            self._view.setYRange(low, low + (high - low) / (1 - self._free_share), padding=0)

    def choose(self, low: float, high: float) -> None:
        """The user wants to see this range."""
        if high > low:
            self.chosen = (low, high)
            self._view.setYRange(low, high, padding=0)

    def zoom(self, factor: float, around: float) -> None:
        """Change the height of the range by a factor; the value ``around`` keeps its place."""
        low, high = self.shown
        self.choose(around - (around - low) * factor, around + (high - around) * factor)

    def release(self) -> None:
        """Fit the values again."""
        if self.chosen is not None:
            self.chosen = None
            self._show_fitting()


class ZeroBasedScale:
    """An axis from zero up to a round value."""

    def __init__(self, vertical: VerticalRange) -> None:
        self._vertical = vertical
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
            self._vertical.fit(0.0, wanted)


class LatencyScale:
    """A log axis that ends at thirds of a decade."""

    def __init__(self, vertical: VerticalRange) -> None:
        self._vertical = vertical
        self._range = (0.0, 0.0)
        vertical.fit(*RANGE_BEFORE_DATA)

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
            self._vertical.fit(*wanted)
