"""The plot of queue depth and of messages on the way."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bench_ui.plots import curves
from bench_ui.plots.curves import Tracks
from bench_ui.plots.items import CountAxis
from bench_ui.plots.linear import LinearPlot
from bench_ui.plots.plot import CurveStyle, TimeWindow
from bench_ui.scope import Scope
from bench_ui.widgets import number_format


class QueuePlot(LinearPlot):
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
