"""The axes of plots, with ticks at values that people read easily."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg

from bench_ui.widgets import number_format
from bench_ui.widgets.theme import Theme

_LABEL_PX = 18
"""The height of a label with some space."""


class ClockAxis(pg.AxisItem):  # type: ignore[misc]
    """Seconds of the run as a clock: ``1:05``."""

    _STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """A tick about every 70 pixels, at a round number of seconds."""
        wanted = (high - low) / max(1.0, size / 70)
        step = next((step for step in self._STEPS if step >= wanted), self._STEPS[-1])
        first = math.ceil(low / step)
        last = math.floor(high / step)
        if last - first > 100:
            return []
        return [(step, [round(place * step, 3) for place in range(first, last + 1) if place >= 0])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Minutes and seconds."""
        return [number_format.axis_clock(value) for value in values]


class LatencyAxis(pg.AxisItem):  # type: ignore[misc]
    """Latencies. Values are log10 of ns; labels have units: 10 µs, 100 µs, 1 ms."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """A tick at each decade, and at 2 and 5 between them if few decades are shown."""
        decades = range(math.floor(low), math.ceil(high) + 1)
        within = [float(decade) for decade in decades if low <= decade <= high]
        finer = [decade + math.log10(step) for decade in decades for step in (1, 2, 5)]
        shown = [value for value in finer if low <= value <= high]
        # Fewer labels also where the plot is low: they would overlap.
        return [(1.0, within if len(within) >= 3 or len(shown) * _LABEL_PX > size else shown)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Durations with their unit."""
        return [number_format.duration_ns(round(10**value, 6)).replace(".00", "").replace(".0", "") for value in values]


class StallAxis(LatencyAxis):
    """Stalls. Values are log10 of ns, and there is room for two labels: 10 ms and 100 ms."""

    _TICKS = (7.0, 8.0)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """The same ticks whatever is shown."""
        return [(1.0, [value for value in self._TICKS if low <= value <= high])]


class CountAxis(pg.AxisItem):  # type: ignore[misc]
    """Counts and rates. All labels of the axis have the same SI prefix."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """A tick about every 32 pixels, at a round value."""
        if high <= low:
            return []
        step = number_format.nice_above((high - low) / max(2.0, size / 32))
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        return [(step, [place * step for place in range(first, last + 1)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Values with the prefix of the largest one."""
        top = max((abs(value) for value in values), default=0.0)
        divisor, prefix = next(((d, p) for d, p in ((1e6, "M"), (1e3, "k")) if top >= d), (1.0, ""))
        texts = [f"{value / divisor:.3f}".rstrip("0").rstrip(".") for value in values]
        return [text if text == "0" else text + prefix for text in texts]


class NinesAxis(pg.AxisItem):  # type: ignore[misc]
    """Percentiles. Values are -log10(1 - p), so that each further nine of a percentile takes the same room."""

    _TICKS = ((0.0, "0"), (0.30103, "50"), (1.0, "90"), (2.0, "99"), (3.0, "99.9"), (4.0, "99.99"), (5.0, "99.999"))

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """A tick at each of the usual percentiles."""
        return [(1.0, [value for value, _ in self._TICKS if low <= value <= high])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Percentiles in percent."""
        names = dict(self._TICKS)
        return [f"{names.get(value, '')} %" for value in values]


def color_axes(view: pg.PlotWidget, theme: Theme) -> None:
    """Give the background and the axes of a plot the colours of a theme."""
    view.setBackground(theme.panel)
    for side in ("left", "bottom"):
        axis = view.getAxis(side)
        axis.setPen(pg.mkPen(theme.line))
        axis.setTextPen(pg.mkPen(theme.muted))
