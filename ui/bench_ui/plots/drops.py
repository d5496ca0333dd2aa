"""The plot of losses by cause."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from bench_app.measure.arrays import Floats
from bench_ui.plots import curves
from bench_ui.plots.curves import Tracks
from bench_ui.plots.items import CountAxis
from bench_ui.plots.linear import LinearPlot
from bench_ui.plots.plot import CurveStyle, TimeWindow
from bench_ui.scope import Scope
from bench_ui.widgets import number_format
from bench_ui.widgets.theme import Theme

_CAUSES = {
    "queue_overflow": ("overflow", "The handler's queue was full (queue_size)."),
    "send_timeout": ("send timeout", "The socket did not take the event within send_timeout."),
    "aborted": ("aborted", "The handler had given up or was stopped before the event was sent."),
    "request_timeout": ("no reply", "A REQ got no reply, its retries included."),
    "lost": ("lost", "Accepted by the socket, and no listener had it."),
    "before_join": ("before join", "Sent by a PUB before the listener's subscription had arrived."),
}


class DropsPlot(LinearPlot):
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
        for name, button in self.legend.items():
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
