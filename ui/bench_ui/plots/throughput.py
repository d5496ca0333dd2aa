"""The plot of rates: offered, accepted, received."""

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
    "offered": CurveStyle(
        "offered", "offered", "Events a second that the sources offered to the handlers.", dash=(4.0, 2.0)
    ),
    "accepted": CurveStyle("accepted", "accepted", "Messages a second that the sockets accepted.", dash=(12.0, 3.0)),
    "received": CurveStyle("received", "received", "Distinct messages a second, all listeners together."),
}
_TOOLTIP = "Rates between two reports of a worker, ten a second, by the worker's own clock."


class ThroughputPlot(Plot):
    """Rates in messages/s or in MB/s.

    Attributes:
        timeline: the time axis with crosshair and markers.
    """

    _in_bytes = False

    def __init__(self, window: TimeWindow, parent: QWidget | None = None) -> None:
        axes = {"bottom": ClockAxis("bottom"), "left": CountAxis("left")}
        super().__init__("Throughput", _TOOLTIP, _STYLES, axes, self._format_rate, parent)
        self.timeline = Timeline(self, window)
        self._scale = ZeroBasedScale(self.vertical)
        self._sum = self.add_remark(SUM_TOOLTIP)
        self.add_choice({"messages": "messages/s", "bytes": "MB/s"}, "unit", self._choose)

    def _format_rate(self, value: float) -> str:
        return f"{value:.2f} MB/s" if self._in_bytes else number_format.rate(value)

    def _choose(self, unit: str) -> None:
        self._in_bytes = unit == "bytes"
        self._scale.reset()

    @property
    def csv_unit(self) -> str:
        """The unit of the curves, as the end of a column's head in CSV."""
        return "mb_per_s" if self._in_bytes else "per_s"

    def update_from(self, series: SeriesByUnit, scope: Scope) -> None:
        """Draw the series as they are now."""
        x = curve_data.times(series, scope)
        self.timeline.draw(x, curve_data.throughput(series, scope, self._in_bytes, self.cache))
        self._scale.fit(self.timeline.highest(), least=0.01 if self._in_bytes else 1.0)
        self._sum.setText(curve_data.sum_of(series, scope))
        self.empty.show_text(why_no_figures(series, scope))

    def update_baseline(self, series: SeriesByUnit, scope: Scope) -> None:
        """Draw the series of the baseline."""
        x = curve_data.times(series, scope)
        curves = curve_data.throughput(series, scope, self._in_bytes, self.baseline_cache)
        self.timeline.draw_baseline(x, curves)

    def totals_of(self, run: RunTotals) -> dict[str, float] | None:
        """The totals of a finished run that the legend shows; none in MB/s, because totals count messages."""
        return None if self._in_bytes else dict(run.throughput)
