"""The plot of latency by percentile, over the whole run: how bad is the worst of 100, of 1,000, of 10,000 messages?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from PySide6.QtWidgets import QWidget

from bench_app.measure.arrays import Floats
from bench_app.measure.bucket_arrays import bucket_bounds
from bench_app.measure.histogram import Histogram
from bench_ui.plots.axes import LatencyAxis, NinesAxis
from bench_ui.plots.empty_note import NOTHING_MEASURED
from bench_ui.plots.legend import CurveStyle
from bench_ui.plots.plot import Plot
from bench_ui.plots.run_totals import p99_by_measure
from bench_ui.plots.vertical_scale import LEAST_NS, RANGE_BEFORE_DATA, log10_ns
from bench_ui.widgets import number_format

_STYLES = {
    "service": CurveStyle("service", "accepted", "Actual send to received.", dash=(12.0, 3.0)),
    "response": CurveStyle("response", "p99", "Due time to received."),
    "round_trip": CurveStyle("round trip", "p50", "REQ: actual send of the request to its reply.", dash=(4.0, 2.0)),
}
_TOOLTIP = "Latency by percentile since the start of the run (after warm-up); each nine takes the same room."
_MOST_POINTS = 2000


class DistributionPlot(Plot):
    """Latency against percentile; each further nine of a percentile takes the same room."""

    csv_x_name = "percentile"
    reading = "Beside the name: 99 % of the messages of the run so far took no longer."

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {"bottom": NinesAxis("bottom"), "left": LatencyAxis("left")}
        super().__init__("Distribution", _TOOLTIP, _STYLES, axes, number_format.duration_ns, parent)
        self.view.setRange(xRange=(0, 4), yRange=RANGE_BEFORE_DATA, padding=0)
        self.add_remark(
            f"{self.reading}\nThe messages of all selected listeners, in one distribution.", "p99 of all listeners"
        )

    def update_from(self, histograms: Mapping[str, Histogram], baseline: Mapping[str, Histogram]) -> None:
        """Draw histograms by measure, and those of the baseline, and show their p99 in the legend."""
        for name, item in self.curves.items():
            # Only requests have a round trip.
            self.legend.entries[name].setVisible(name != "round_trip" or name in histograms or name in baseline)
            x, y = self.data[name] = by_percentile(histograms.get(name))
            item.setData(x, log10_ns(y))
            x, y = self.baseline_data[name] = by_percentile(baseline.get(name))
            self.baseline[name].setData(x, log10_ns(y))
        self._fit([*self.data.values(), *self.baseline_data.values()])
        self.empty.show_text("" if any(len(x) for x, _ in self.data.values()) else NOTHING_MEASURED)
        self.legend.show_values(p99_by_measure(histograms), p99_by_measure(baseline))

    def csv_x(self, x: Floats) -> Floats:
        """Percentiles in place of nines."""
        return 100.0 - 100.0 * 10.0**-x

    def _fit(self, curves: Iterable[tuple[Floats, Floats]]) -> None:
        """Give the axes the range of all points; without points the range stays."""
        drawn = [(x, y) for x, y in curves if len(y)]
        if not drawn:
            return
        nines = max(1.0, *(float(x[-1]) for x, _ in drawn))
        low = np.log10(max(LEAST_NS, min(float(y[0]) for _, y in drawn)))
        high = np.log10(max(float(y[-1]) for _, y in drawn))
        self.view.setRange(xRange=(0, nines), yRange=(low - 0.1, high + 0.1), padding=0)


def by_percentile(histogram: Histogram | None) -> tuple[Floats, Floats]:
    """Nines (-log10(1 - share)) and ns. The last point is the maximum."""
    if histogram is None or not histogram.count:
        return np.empty(0), np.empty(0)
    indexes, counts = histogram.recorded()
    shares = np.cumsum(counts) / histogram.count
    # The maximum is drawn at the share of all messages but one: at its own share, 1, the nines would be infinite.
    nines = -np.log10(np.maximum(1.0 - shares, 1.0 / histogram.count))
    values = np.minimum(bucket_bounds(indexes)[1], histogram.max_ns).astype(np.float64)
    step = max(1, len(nines) // _MOST_POINTS)
    return np.append(nines[::step], nines[-1]), np.append(values[::step], values[-1])
