"""The plot of rates: offered, accepted, received."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bench_ui.plots import curves
from bench_ui.plots.curves import Tracks
from bench_ui.plots.items import CountAxis
from bench_ui.plots.linear import LinearPlot
from bench_ui.plots.plot import CurveStyle, TimeWindow
from bench_ui.scope import Scope
from bench_ui.widgets import number_format


class ThroughputPlot(LinearPlot):
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
