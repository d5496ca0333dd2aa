"""The plot of latency by percentile, over the whole run."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QLabel, QWidget

from bench_app.measure.arrays import Floats
from bench_app.measure.buckets import bucket_bounds
from bench_app.measure.histogram import Histogram
from bench_ui.plots.items import LatencyAxis, NinesAxis
from bench_ui.plots.latency_scale import LEAST_NS, RANGE_BEFORE_DATA, log10_ns
from bench_ui.plots.plot import CurveStyle, Plot
from bench_ui.widgets import number_format


class DistributionPlot(Plot):
    """The whole run's latency by percentile: how bad is the worst in a hundred, a thousand, ten thousand?"""

    reading = "Beside the name: 99 % of the messages of the run so far took no longer."

    def __init__(self, parent: QWidget | None = None) -> None:
        styles = {
            "service": CurveStyle("service", "accepted", "Actual send to received."),
            "response": CurveStyle("response", "p99", "When the event was due, to received."),
            "round_trip": CurveStyle("round trip", "p50", "REQ: actual send of the request to its reply."),
        }
        super().__init__(
            "Distribution",
            "Latency by percentile since the start of the run (after warm-up); each nine takes the same room.",
            styles,
            {"bottom": NinesAxis("bottom"), "left": LatencyAxis("left")},
            number_format.duration_ns,
            parent,
        )
        self.view.setRange(xRange=(0, 4), yRange=RANGE_BEFORE_DATA, padding=0)
        of_run = QLabel("p99, all together")
        of_run.setObjectName("muted")
        of_run.setToolTip(f"{self.reading}\nThe messages of all listeners that are looked at, in one distribution.")
        self.controls.addWidget(of_run)

    def update_from(self, histograms: dict[str, Histogram], baseline: dict[str, Histogram]) -> None:
        """Draw the distributions as they are now."""
        bounds: list[float] = []
        nines = 1.0
        for name, curve in self.curves.items():
            # Only requests have a way back.
            self.legend[name].setVisible(name != "round_trip" or name in histograms or name in baseline)
            x, y = _by_percentile(histograms.get(name))
            self.data[name] = (x, y)
            curve.setData(x, log10_ns(y))
            if len(y):
                bounds += [float(y[0]), float(y[-1])]
                nines = max(nines, float(x[-1]))
            base_x, base_y = self.baseline_data[name] = _by_percentile(baseline.get(name))
            if len(base_y):
                bounds += [float(base_y[0]), float(base_y[-1])]
                nines = max(nines, float(base_x[-1]))
            self.baseline[name].setData(base_x, log10_ns(base_y))
        if bounds:
            low, high = np.log10(max(LEAST_NS, min(bounds))), np.log10(max(bounds))
            self.view.setRange(xRange=(0, nines), yRange=(low - 0.1, high + 0.1), padding=0)


def _by_percentile(histogram: Histogram | None) -> tuple[Floats, Floats]:
    """Nines against ns; the last point is the maximum."""
    if histogram is None or not histogram.count:
        return np.empty(0), np.empty(0)
    indexes, counts = histogram.recorded()
    shares = np.cumsum(counts) / histogram.count
    # The maximum stands where one message in all of them stands.
    nines = -np.log10(np.maximum(1.0 - shares, 1.0 / histogram.count))
    values = np.minimum(bucket_bounds(indexes)[1], histogram.max_ns).astype(np.float64)
    step = max(1, len(nines) // 2000)
    return np.append(nines[::step], nines[-1]), np.append(values[::step], values[-1])
