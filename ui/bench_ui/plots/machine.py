"""The machine lane: a thin plot of when the machine or the bench itself did not run."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QSizePolicy, QWidget

from bench_app.engine.bent_readings import ORDINARY_STALL_NS
from bench_app.engine.machine_samples import machine_series
from bench_app.measure.arrays import Floats
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.time_series import TimeSeries
from bench_ui.plots import curve_data, stalls
from bench_ui.plots.axes import ClockAxis, StallAxis
from bench_ui.plots.curve_data import SeriesByUnit
from bench_ui.plots.legend import CurveStyle
from bench_ui.plots.plot import LARGE_TEXT, Plot
from bench_ui.plots.run_totals import RunTotals
from bench_ui.plots.time_window import TimeWindow
from bench_ui.plots.timeline import Timeline
from bench_ui.plots.vertical_scale import log10_ns
from bench_ui.scope import Scope
from bench_ui.widgets import number_format
from bench_ui.widgets.plain_text import PlainLabel
from bench_ui.widgets.theme import Theme

_TOOLTIP = (
    "When the machine or the bench itself did not run. A tail in the latency plot above a peak in this lane can be the "
    "bench's own.\n"
    "The filled curve is the longest stall of the selected handlers' and listeners' worker processes, on a log axis "
    "from 1 ms to 1 s. The others are parts of the time, from 0 at the bottom to 100 % at the top."
)
_WIDEST_STALL = number_format.coarse_duration_ns(888 * NS_PER_MS)
_STYLES = {
    "stall": CurveStyle(
        "stall",
        "stall",
        "How late a worker process was: each has a beat every 5 ms. "
        f"Up to {ORDINARY_STALL_NS // NS_PER_MS} ms is ordinary.\n"
        "Point at the lane to see which worker, and which handlers and listeners live in it.",
        short_label="stall",
        widest=_WIDEST_STALL,
    ),
    "window": CurveStyle(
        "window",
        "muted",
        "How late this window was. No event passes through it, so the picture was late, and not the reading.",
        short_label="lag",
        widest=_WIDEST_STALL,
    ),
    "steal": CurveStyle(
        "steal",
        "steal",
        "The part of the processor time in which the hypervisor ran something else.",
        is_percent=True,
        short_label="steal",
    ),
    "throttled": CurveStyle(
        "throttled",
        "throttled",
        "The part of the time in which a quota of processor time kept the bench from running.",
        is_percent=True,
        short_label="quota",
    ),
    "pressure": CurveStyle(
        "pressure",
        "pressure",
        "The part of the time in which some task of the machine waited for a processor.",
        is_percent=True,
        short_label="PSI",
    ),
}
_ALWAYS_SHOWN = ("stall", "pressure")
LEAST_PERCENT = 1.0
"""Below this, steal and throttling are a tick of the system's clock and not worth a line."""
LEAST_WINDOW_NS = 50 * NS_PER_MS
"""A window that draws is always a few milliseconds late. Up to this, nobody sees it."""
LOWEST, HIGHEST = 6.0, 9.0
"""log10 of ns: the axis goes from 1 ms to 1 s. It is the same for all runs, so that a peak always means the same."""
HEIGHT, LARGE_HEIGHT = 46, 72
"""The least heights in pixels."""
_LABELS_HIGH = 3.1
"""The lane is this many labels high, so that the labels of two of its decades do not overlap."""
QUIET = 0.2
UNITS_NAMED = 6
NOT_MEASURED = "not measured in this run"
_NO_MACHINE = machine_series()


class MachineLane(Plot):
    """Stalls of the workers and the window, and pressure, steal and throttling of the machine.

    :attr:`data` has the values in ns and in percent; the drawn curves are clipped to the axis.

    Attributes:
        timeline: the time axis with crosshair and markers.
        machine: the time series of the machine, which is drawn with the next update.
        remark: says why the lane is empty.
    """

    reading = (
        "Beside the name: the value under the crosshair, else the newest; after the run, the longest stall and the "
        "mean of each of the other figures."
    )

    def __init__(self, window: TimeWindow, parent: QWidget | None = None) -> None:
        axes = {"bottom": ClockAxis("bottom"), "left": StallAxis("left")}
        super().__init__("Machine", _TOOLTIP, _STYLES, axes, number_format.coarse_duration_ns, parent, in_one_line=True)
        self.timeline = Timeline(self, window, self.describe, is_low=True)
        self.timeline.markers.has_labels = False
        # The workers measure themselves also while the window stands still.
        self.timeline.has_gaps = False
        self.machine: TimeSeries = _NO_MACHINE
        self._series: SeriesByUnit = {}
        self._scope = Scope()
        self.remark = PlainLabel()
        self.remark.setObjectName("muted")
        self.controls.addWidget(self.remark)
        # The plot above has the same time axis with labels.
        self.view.hideAxis("bottom")
        self.view.setYRange(LOWEST, HIGHEST, padding=0.02)
        self.font_changed.connect(self._fit_height)
        self._fit_height()
        # The lane is too low for a text; the remark says what there is to say.
        self.empty.show_text("")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._show_legend()

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        super().set_theme(theme)
        # The pressure is a quiet background: on a busy machine it fills the lane.
        colors = {"stall": theme.color("stall"), "pressure": theme.faded("pressure", QUIET)}
        for name, color in colors.items():
            self.curves[name].setPen(pg.mkPen(color))
            self.curves[name].setBrush(color)
            self.curves[name].setFillLevel(LOWEST)

    def set_large(self, large: bool) -> None:
        """Make the lane readable from three metres, or give it its normal size."""
        super().set_large(large)
        self._fit_height()

    def _fit_height(self) -> None:
        text_height = self.fontMetrics().height() * (LARGE_TEXT if self.is_large else 1.0)
        self.view.setFixedHeight(max(LARGE_HEIGHT if self.is_large else HEIGHT, int(text_height * _LABELS_HIGH)))

    def update_from(self, series: SeriesByUnit, scope: Scope) -> None:
        """Draw the series as they are now."""
        self._series, self._scope = series, scope
        x = curve_data.times(series, scope)
        curves = {"stall": stalls.longest_stall(series, scope), **stalls.machine_curves(self.machine)}
        known = {name: y for name, y in curves.items() if len(y) == len(x)}
        self.timeline.draw(x, {name: _on_axis(name, y) for name, y in known.items() if self._is_shown(name, y)})
        self.data = {name: (x, y) for name, y in known.items()}
        self.remark.setText(NOT_MEASURED if len(x) and not known else "")
        self._show_legend()

    def _show_legend(self) -> None:
        """Show steal, throttling and the window only where there was any."""
        for name, entry in self.legend.entries.items():
            entry.setVisible(name in _ALWAYS_SHOWN or (name in self.data and self._is_shown(name, self.data[name][1])))

    @staticmethod
    def _is_shown(name: str, values: Floats) -> bool:
        return name in _ALWAYS_SHOWN or bool((values >= _least(name)).any())

    def set_comparing(self, compares: bool) -> None:
        """Make no room for the baseline, of which the lane draws nothing."""

    def update_baseline(self, series: SeriesByUnit, scope: Scope) -> None:
        """Draw nothing: when the machine was busy in another run says nothing about this one."""

    def totals_of(self, run: RunTotals) -> dict[str, float]:
        """The values of the whole run that the legend shows."""
        return stalls.totals({name: y for name, (_, y) in self.data.items()})

    def describe(self, at_s: float) -> str:
        """Which worker ran late at a moment, and which units live in it; "" if that is not known."""
        x, _ = self.data.get("stall", (np.empty(0), None))
        row = int(np.searchsorted(x, at_s))
        late = stalls.latest_worker(self._series, self._scope, row) if row < len(x) else None
        if late is None:
            return ""
        more = len(late.units) - UNITS_NAMED
        named = ", ".join(late.units[:UNITS_NAMED]) + (f" and {more:,} more" if more > 0 else "")
        return f"worker-{late.number} was up to {number_format.duration_ns(late.stall_ns)} late ({named})"


def _least(name: str) -> float:
    """The lowest value of a curve that is worth a line."""
    return LEAST_WINDOW_NS if name == "window" else LEAST_PERCENT


def _on_axis(name: str, values: Floats) -> Floats:
    """Values as the lane draws them. What is not known is at the bottom, because a filled curve cannot have gaps.

    A line has gaps instead of a part along the bottom.
    """
    drawn = log10_ns(values) if name in stalls.STALL_CURVES else LOWEST + values / 100.0 * (HIGHEST - LOWEST)
    clipped: Floats = np.clip(np.nan_to_num(drawn, nan=LOWEST), LOWEST, HIGHEST)
    return clipped if name in _ALWAYS_SHOWN else np.where(values >= _least(name), clipped, np.nan)
