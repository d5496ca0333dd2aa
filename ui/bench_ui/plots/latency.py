"""The plot of latency percentiles over the time of the run."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QWidget

from bench_app.measure.histogram_delta import percentile_label
from bench_app.measure.latency_measures import HANDLER_MEASURES
from bench_app.measure.quantiles import SAMPLED_PERCENTILES
from bench_ui.plots import curve_data, stalls
from bench_ui.plots.axes import ClockAxis, LatencyAxis
from bench_ui.plots.curve_data import SeriesByUnit
from bench_ui.plots.empty_note import why_no_latency
from bench_ui.plots.hatching import Hatching
from bench_ui.plots.legend import CurveStyle
from bench_ui.plots.plot import Plot
from bench_ui.plots.run_totals import RunTotals
from bench_ui.plots.time_window import TimeWindow
from bench_ui.plots.timeline import Timeline
from bench_ui.plots.vertical_scale import LatencyScale, log10_ns
from bench_ui.scope import Scope
from bench_ui.widgets import number_format
from bench_ui.widgets.theme import Theme

_TOOLTIP = (
    "Latency on a log axis; for several listeners, the worst one.\n"
    "service: actual send to received; response: due time to received, free of coordinated omission;\n"
    "round trip: REQ send to its reply; lateness: due time to actual send.\n"
    "Hatched: a worker of the bench did not run for so long that this can explain a tenth of the p99 or more."
)
_EACH = "Each point covers the messages of 0.2 s; after ten minutes it is the worse of two points."
_CURVES = {name: percentile_label(name) for name in SAMPLED_PERCENTILES}
_DASHES = {"p90": (12.0, 3.0, 3.0, 3.0), "p99": (12.0, 3.0), "p99_9": (4.0, 2.0)}
"""The strokes and gaps of the percentiles. Long strokes, because a curve that jitters must not fall to pieces."""
MEASURES = {
    "service": "service: send → received",
    "response": "response: due → received",
    "round_trip": "round trip: send → reply",
    "lateness": "lateness: due → send",
}


class LatencyPlot(Plot):
    """Percentiles on a log axis.

    Attributes:
        timeline: the time axis with crosshair and markers.
        measure: the measure that is shown.
        hatching: marks where the bench itself can explain the tail.
        combo: chooses the measure.
    """

    def __init__(self, window: TimeWindow, parent: QWidget | None = None) -> None:
        styles = {
            key: CurveStyle(
                label, key, f"{label[1:]} % of the messages took no longer. {_EACH}", dash=_DASHES.get(key, ())
            )
            for key, label in _CURVES.items()
        }
        axes = {"bottom": ClockAxis("bottom"), "left": LatencyAxis("left")}
        super().__init__("Latency", _TOOLTIP, styles, axes, number_format.duration_ns, parent)
        self.timeline = Timeline(self, window)
        self.hatching = Hatching()
        self.view.addItem(self.hatching, ignoreBounds=True)
        self._scale = LatencyScale(self.vertical)
        self.measure = curve_data.USUAL_MEASURE
        self._worst = self.add_remark("Each curve shows the listener or handler with the highest value at that moment.")
        self.combo = self.add_choice(MEASURES, "which latency", self._choose)

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        super().set_theme(theme)
        self.hatching.brush = QBrush(theme.faded("stall"), Qt.BrushStyle.BDiagPattern)
        self.hatching.update()

    def _choose(self, measure: str) -> None:
        self.measure = measure

    def choose(self, measure: str) -> None:
        """Show this measure."""
        self.combo.setCurrentIndex(self.combo.findData(measure))

    def update_from(self, series: SeriesByUnit, scope: Scope) -> None:
        """Draw the series as they are now."""
        x = curve_data.times(series, scope)
        curves = curve_data.latency(series, scope, self.measure, self.cache)
        self.timeline.draw(x, curves, log10_ns)
        self.hatching.show_spans(stalls.explained(x, stalls.longest_stall(series, scope), curves["p99"]))
        sources = curve_data.measured_by(series, scope, self.measure)
        measured_by = "handlers" if self.measure in HANDLER_MEASURES else "listeners"
        self._worst.setText(f"highest of {sources:,} {measured_by}" if sources > 1 else "")
        self._scale.fit(self.timeline.visible_values())
        self.empty.show_text(why_no_latency(series, scope, self.measure))

    def update_baseline(self, series: SeriesByUnit, scope: Scope) -> None:
        """Draw the series of the baseline."""
        x = curve_data.times(series, scope)
        curves = curve_data.latency(series, scope, self.measure, self.baseline_cache)
        self.timeline.draw_baseline(x, curves, log10_ns)

    def totals_of(self, run: RunTotals) -> dict[str, float]:
        """The totals of a finished run that the legend shows."""
        return dict(run.latency.get(self.measure, {}))
