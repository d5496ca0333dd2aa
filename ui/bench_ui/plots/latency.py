"""The plot of latency percentiles over the time of the run."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QLabel, QWidget

from bench_ui.plots import curves
from bench_ui.plots.curves import Tracks
from bench_ui.plots.items import LatencyAxis
from bench_ui.plots.latency_scale import LEAST_NS, RANGE_BEFORE_DATA, log10_ns
from bench_ui.plots.plot import CurveStyle, TimePlot, TimeWindow
from bench_ui.scope import Scope
from bench_ui.widgets import number_format

_EACH = "Each point is of the messages of 0.2 s (longer after ten minutes: then the worse of two)."
MEASURES = {
    "service": "service: send → received",
    "response": "response: due → received",
    "round_trip": "round trip: send → reply",
    "lateness": "lateness: due → send",
}


class LatencyPlot(TimePlot):
    """Percentiles on a log axis."""

    def __init__(self, window: TimeWindow, parent: QWidget | None = None) -> None:
        names = {"p50": "p50", "p90": "p90", "p99": "p99", "p99_9": "p99.9"}
        styles = {
            key: CurveStyle(label, key, f"{label[1:]} % of the messages took no longer. {_EACH}")
            for key, label in names.items()
        }
        tooltip = (
            "Latency on a log axis; of several listeners the worst.\n"
            "service: actual send to received; response: when the event was due to received, free of coordinated\n"
            "omission; round trip: REQ send to its reply; lateness: due to actual send."
        )
        super().__init__("Latency", tooltip, styles, LatencyAxis("left"), number_format.duration_ns, window, parent)
        self.measure = "service"
        self._worst = QLabel()
        self._worst.setObjectName("muted")
        self._worst.setToolTip("Each curve is that of the listener, or handler, that has the highest value just then.")
        self.controls.addWidget(self._worst)
        self.combo = self.add_choice(MEASURES, "from when to when", self._choose)
        self._y = (0.0, 0.0)
        self.view.setYRange(*RANGE_BEFORE_DATA, padding=0)

    def _choose(self, measure: str) -> None:
        self.measure = measure

    def choose(self, measure: str) -> None:
        """Show this measure."""
        self.combo.setCurrentIndex(self.combo.findData(measure))

    def update_from(self, tracks: Tracks, scope: Scope) -> None:
        """Draw what the tracks have now."""
        self.draw(curves.times(tracks, scope), curves.latency(tracks, scope, self.measure), log10_ns)
        of = curves.measured_by(tracks, scope, self.measure)
        self._worst.setText(f"worst of {of}" if of > 1 else "")
        parts = self.shown(list(self.styles))
        if not parts:
            return
        low = min(float(part.min()) for part in parts)
        high = max(float(part.max()) for part in parts)
        # Whole thirds of a decade, so that the axis stands still while figures jitter.
        wanted = (
            np.floor(np.log10(max(low, LEAST_NS)) * 3) / 3 - 0.1,
            np.ceil(np.log10(max(high, 10.0)) * 3) / 3 + 0.1,
        )
        if wanted[0] < self._y[0] or wanted[1] > self._y[1] or np.ptp(wanted) < np.ptp(self._y) - 0.7:
            self._y = wanted
            self.view.setYRange(*wanted, padding=0)

    def update_baseline(self, tracks: Tracks, scope: Scope) -> None:
        """Draw another run's."""
        self.draw_baseline(curves.times(tracks, scope), curves.latency(tracks, scope, self.measure), log10_ns)
