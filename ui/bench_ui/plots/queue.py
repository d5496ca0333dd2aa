"""The plot of queue depth and of messages on the way."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bench_ui.plots import curve_data
from bench_ui.plots.axes import ClockAxis, CountAxis
from bench_ui.plots.curve_data import SeriesByUnit
from bench_ui.plots.empty_note import why_no_figures
from bench_ui.plots.legend import CurveStyle
from bench_ui.plots.plot import SUM_TOOLTIP, Plot
from bench_ui.plots.run_totals import RunTotals
from bench_ui.plots.time_window import TimeWindow
from bench_ui.plots.timeline import Timeline
from bench_ui.plots.vertical_scale import ZeroBasedScale
from bench_ui.scope import Scope
from bench_ui.widgets import number_format

_STYLES = {
    "queued": CurveStyle("queued", "queue", "Events in the handlers' own queues (queue_size)."),
    "in_flight": CurveStyle(
        "in flight",
        "accepted",
        "Accepted and not yet known to be received or lost; REQ: without a reply yet.",
        dash=(12.0, 3.0),
    ),
}
_LEAST = 10.0


class QueuePlot(Plot):
    """Two gauges, read with each sample: the handlers' queues, and messages on the way.

    Attributes:
        timeline: the time axis with crosshair and markers.
    """

    def __init__(self, window: TimeWindow, parent: QWidget | None = None) -> None:
        axes = {"bottom": ClockAxis("bottom"), "left": CountAxis("left")}
        super().__init__("Queue", "Gauges, read with each sample.", _STYLES, axes, number_format.count, parent)
        self.timeline = Timeline(self, window)
        self._scale = ZeroBasedScale(self.vertical)
        self._sum = self.add_remark(SUM_TOOLTIP)

    @property
    def csv_unit(self) -> str:
        """The unit of the curves, as the end of a column's head in CSV."""
        return "messages"

    def update_from(self, series: SeriesByUnit, scope: Scope) -> None:
        """Draw the series as they are now."""
        self.timeline.draw(curve_data.times(series, scope), curve_data.queue(series, scope, self.cache))
        self._scale.fit(self.timeline.highest(), _LEAST)
        self._sum.setText(curve_data.sum_of(series, scope))
        self.empty.show_text(why_no_figures(series, scope))

    def update_baseline(self, series: SeriesByUnit, scope: Scope) -> None:
        """Draw the series of the baseline."""
        curves = curve_data.queue(series, scope, self.baseline_cache)
        self.timeline.draw_baseline(curve_data.times(series, scope), curves)

    def totals_of(self, run: RunTotals) -> None:
        """A gauge has no total; the legend keeps the last values."""
        return
