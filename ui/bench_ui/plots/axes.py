"""The axes of plots, with ticks at values that people read easily."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtGui import QFont, QFontMetrics, QGuiApplication

from bench_ui.widgets import number_format
from bench_ui.widgets.theme import Theme

_LABEL_GAP = 1.1
"""A label takes this many times its own size, so that neighbours stay apart."""
_FINE_ROOM = 1.25
"""Between decades there are labels only if they have some more room, because so many of them look crowded."""
_CLOCK_PX, _COUNT_PX = 60, 32
"""The usual distances in pixels of the ticks of a clock and of counts. Large text has larger ones."""
_LEFT_LABEL = "100 ms"
"""As wide as any label of a vertical axis."""
_LEFT_PX, _BOTTOM_PX, _TOP_PX = 52, 20, 6
"""The least room for labels: the width of a vertical axis, the height of a horizontal one, the margin above."""


class ClockAxis(pg.AxisItem):  # type: ignore[misc]
    """Seconds of the run as a clock: ``1:05``."""

    _STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """A tick about every 60 pixels, at a round number of seconds."""
        widest = max(map(number_format.axis_clock, (high, math.floor(high) + 0.1)), key=len)
        apart = max(_CLOCK_PX, _LABEL_GAP * _metrics(self).horizontalAdvance(widest))
        wanted = (high - low) / max(1.0, size / apart)
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
        """A tick at each decade, and at 2 and 5 between them if few decades are shown.

        Where labels would overlap, only every second, third, ... decade has a tick.
        """
        decades = [decade for decade in range(math.floor(low), math.ceil(high) + 1) if low <= decade <= high]
        room = size / max(high - low, 1e-9) / (_LABEL_GAP * _metrics(self).height())
        """How many labels fit into a decade."""
        if len(decades) < 3 and room * math.log10(2) >= _FINE_ROOM:
            finer = [math.floor(low) + math.log10(step) + decade for decade in range(5) for step in (1, 2, 5)]
            return [(1.0, [value for value in finer if low <= value <= high])]
        every = max(1, math.ceil(1 / room - 1e-9)) if room > 0 else len(decades) + 1
        return [(1.0, [float(decade) for decade in decades if decade % every == 0] or [float(d) for d in decades[:1]])]

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
        # A low plot still has a label at its top, if only two labels fit.
        apart = max(min(_COUNT_PX, size), _LABEL_GAP * _metrics(self).height())
        step = number_format.nice_above((high - low) * apart / max(1.0, size))
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
    _FIRST = (2.0, 0.30103, 3.0, 1.0, 4.0, 5.0, 0.0)
    """The ticks in the order of their importance, for a narrow plot."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """A tick at each of the usual percentiles. Of labels that would overlap, the more important one stays."""
        metrics, texts = _metrics(self), dict(self._TICKS)
        pixels = size / max(high - low, 1e-9)
        halves = {value: _LABEL_GAP / 2 * metrics.horizontalAdvance(f"{text} %") for value, text in texts.items()}
        chosen: list[float] = []
        for value in (value for value in self._FIRST if low <= value <= high):
            if all(abs(value - other) * pixels >= halves[value] + halves[other] for other in chosen):
                chosen.append(value)
        return [(1.0, sorted(chosen))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Percentiles in percent."""
        names = dict(self._TICKS)
        return [f"{names.get(value, '')} %" for value in values]


def make_room_for_labels(plot: pg.PlotItem, font: QFont) -> None:
    """Give the axes of a plot the size that labels in this font need."""
    metrics = QFontMetrics(font)
    plot.getAxis("left").setWidth(max(_LEFT_PX, metrics.horizontalAdvance(_LEFT_LABEL) + 12))
    plot.getAxis("bottom").setHeight(max(_BOTTOM_PX, metrics.height() + 5))
    # Room for the upper half of the topmost label.
    plot.layout.setContentsMargins(0, max(_TOP_PX, metrics.height() / 2 - 2), 10, 0)


def _metrics(axis: pg.AxisItem) -> QFontMetrics:
    """The sizes of an axis's labels. Without a font of its own, an axis has the font of the application."""
    return QFontMetrics(axis.style["tickFont"] or QGuiApplication.font())


def color_axes(view: pg.PlotWidget, theme: Theme) -> None:
    """Give the background and the axes of a plot the colours of a theme."""
    view.setBackground(theme.panel)
    for side in ("left", "bottom"):
        axis = view.getAxis(side)
        axis.setPen(pg.mkPen(theme.line))
        axis.setTextPen(pg.mkPen(theme.muted))
