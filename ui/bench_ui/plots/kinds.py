"""The five plots of the window: latency, throughput, drops by cause, queue, distribution."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QLabel, QWidget

from bench_app.measure.histogram import Histogram, bucket_bounds
from bench_app.measure.time_series import Floats
from bench_ui.plots import curves
from bench_ui.plots.curves import Scope, Tracks
from bench_ui.plots.items import CountAxis, LatencyAxis, NinesAxis
from bench_ui.plots.plot import CurveStyle, Plot, TimePlot, TimeWindow
from bench_ui.widgets import number_format
from bench_ui.widgets.theme import Theme

_EACH = "Each point is of the messages of 0.2 s (longer after ten minutes: then the worse of two)."
MEASURES = {
    "service": "service: send → received",
    "response": "response: due → received",
    "round_trip": "round trip: send → reply",
    "lateness": "lateness: due → send",
}
LEAST_NS = 1_000.0
_BEFORE_ANY = (4.6, 7.1)
"""log10 of ns: what an axis shows before there is anything to show, some 50 µs to 10 ms."""


def _log(values: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log10(np.maximum(values, 1.0))


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
        self.view.setYRange(*_BEFORE_ANY, padding=0)

    def _choose(self, measure: str) -> None:
        self.measure = measure

    def choose(self, measure: str) -> None:
        """Show this measure."""
        self.combo.setCurrentIndex(self.combo.findData(measure))

    def update_from(self, tracks: Tracks, scope: Scope) -> None:
        """Draw what the tracks have now."""
        self.draw(curves.times(tracks, scope), curves.latency(tracks, scope, self.measure), _log)
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
        self.draw_baseline(curves.times(tracks, scope), curves.latency(tracks, scope, self.measure), _log)


class _LinearPlot(TimePlot):
    """From zero up to a round value that moves as little as it may."""

    _top = 0.0

    def fit(self, highest: float, least: float = 1.0) -> None:
        """Choose the axis' upper end."""
        wanted = number_format.nice_above(max(least, highest * 1.08))
        if wanted > self._top or wanted < self._top * 0.45:
            self._top = wanted
            self.view.setYRange(0, wanted, padding=0)

    def highest(self) -> float:
        """The highest value that is looked at."""
        return max((float(part.max()) for part in self.shown(list(self.styles))), default=0.0)


class ThroughputPlot(_LinearPlot):
    """Offered, accepted, received."""

    _in_bytes = False

    def __init__(self, window: TimeWindow, parent: QWidget | None = None) -> None:
        styles = {
            "offered": CurveStyle("offered", "offered", "Events a second that the sources handed to the handlers."),
            "accepted": CurveStyle("accepted", "accepted", "Messages a second that the sockets took."),
            "received": CurveStyle("received", "received", "Distinct messages a second, all listeners together."),
        }
        super().__init__(
            "Throughput",
            "Rates between two reports of a worker, ten a second, by the worker's own clock.",
            styles,
            CountAxis("left"),
            self._say_value,
            window,
            parent,
        )
        self.add_choice({"messages": "messages/s", "bytes": "MB/s"}, "unit", self._choose)

    def _say_value(self, value: float) -> str:
        return f"{value:.2f} MB/s" if self._in_bytes else number_format.rate(value)

    def read(self) -> None:
        """As any; but the mean of a whole run is in messages."""
        whole, self.whole = self.whole, None if self._in_bytes else self.whole
        super().read()
        self.whole = whole

    def _choose(self, unit: str) -> None:
        self._in_bytes = unit == "bytes"
        self._top = 0.0

    def update_from(self, tracks: Tracks, scope: Scope) -> None:
        """Draw what the tracks have now."""
        self.draw(curves.times(tracks, scope), curves.throughput(tracks, scope, self._in_bytes))
        self.fit(self.highest(), least=0.01 if self._in_bytes else 1.0)

    def update_baseline(self, tracks: Tracks, scope: Scope) -> None:
        """Draw another run's."""
        self.draw_baseline(curves.times(tracks, scope), curves.throughput(tracks, scope, self._in_bytes))


_CAUSES = {
    "queue_overflow": ("overflow", "The handler's queue was full (queue_size)."),
    "send_timeout": ("send timeout", "The socket did not take the event within send_timeout."),
    "aborted": ("aborted", "The handler had given up or was stopped before the event was sent."),
    "request_timeout": ("no reply", "A REQ got no reply, its retries included."),
    "lost": ("lost", "Accepted by the socket, and no listener had it."),
    "before_join": ("before join", "Sent by a PUB before the listener's subscription had arrived."),
}


class DropsPlot(_LinearPlot):
    """Losses by cause, one on top of the other."""

    def __init__(self, window: TimeWindow, parent: QWidget | None = None) -> None:
        styles = {
            cause: CurveStyle(label, curves.DROP_CAUSES[cause], f"{tooltip} Events in the last second.")
            for cause, (label, tooltip) in _CAUSES.items()
        }
        super().__init__(
            "Drops",
            "Events lost in the last second, by cause, stacked: the top of the pile is the sum.\n"
            "A loss on the way is known, and counted, when something behind it arrives.",
            styles,
            CountAxis("left"),
            number_format.rate,
            window,
            parent,
        )
        for place, name in enumerate(styles):
            self.curves[name].setZValue(-place)

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        super().set_theme(theme)
        for name, style in self.styles.items():
            color = theme.color(style.color)
            if name == "request_timeout":
                color = color.lighter(130) if theme.dark else color.darker(130)
            self.curves[name].setPen(pg.mkPen(color))
            self.curves[name].setBrush(color)
            self.curves[name].setFillLevel(0.0)

    def update_from(self, tracks: Tracks, scope: Scope) -> None:
        """Draw what the tracks have now."""
        x, found = curves.times(tracks, scope), curves.drops(tracks, scope)
        self.draw(x, self._piled(x, found))
        self.fit(self.highest(), least=10.0)
        # What is read and exported is each cause's own, not the pile below it.
        self.data = {name: (x, found[name]) for name in found if len(found[name]) == len(x)}
        for name, button in self._legend.items():
            lost = found.get(name, np.empty(0)).any() or self.baseline_data.get(name, (x, np.empty(0)))[1].any()
            button.setVisible(name == "lost" or bool(lost))

    def update_baseline(self, tracks: Tracks, scope: Scope) -> None:
        """Draw another run's, piled up likewise."""
        x, found = curves.times(tracks, scope), curves.drops(tracks, scope)
        self.draw_baseline(x, self._piled(x, found))
        self.baseline_data = {name: (x, y) for name, y in found.items() if len(x) and len(y) == len(x)}

    def _piled(self, x: Floats, found: dict[str, Floats]) -> dict[str, Floats]:
        pile = np.zeros(len(x))
        piled = {}
        for name in self.styles:
            if name in found and len(found[name]) == len(x) and self.shows(name) and found[name].any():
                pile = pile + found[name]
                piled[name] = pile
        return piled


class QueuePlot(_LinearPlot):
    """Queue depth and what is on the way."""

    def __init__(self, window: TimeWindow, parent: QWidget | None = None) -> None:
        styles = {
            "queued": CurveStyle("queued", "queue", "Events in the handlers' own queues (queue_size)."),
            "in_flight": CurveStyle(
                "in flight",
                "accepted",
                "Accepted and not yet known to be received or lost; REQ: without a reply yet.",
            ),
        }
        super().__init__(
            "Queue",
            "Gauges, read with each sample.",
            styles,
            CountAxis("left"),
            number_format.count,
            window,
            parent,
        )

    def update_from(self, tracks: Tracks, scope: Scope) -> None:
        """Draw what the tracks have now."""
        self.draw(curves.times(tracks, scope), curves.queue(tracks, scope))
        self.fit(self.highest(), least=10.0)

    def update_baseline(self, tracks: Tracks, scope: Scope) -> None:
        """Draw another run's."""
        self.draw_baseline(curves.times(tracks, scope), curves.queue(tracks, scope))


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
        self.view.setRange(xRange=(0, 4), yRange=_BEFORE_ANY, padding=0)
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
            self._legend[name].setVisible(name != "round_trip" or name in histograms or name in baseline)
            x, y = _by_percentile(histograms.get(name))
            self.data[name] = (x, y)
            curve.setData(x, _log(y))
            if len(y):
                bounds += [float(y[0]), float(y[-1])]
                nines = max(nines, float(x[-1]))
            base_x, base_y = self.baseline_data[name] = _by_percentile(baseline.get(name))
            if len(base_y):
                bounds += [float(base_y[0]), float(base_y[-1])]
                nines = max(nines, float(base_x[-1]))
            self.baseline[name].setData(base_x, _log(base_y))
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
