"""A time plot from zero up to a round value."""

from __future__ import annotations

from bench_ui.plots.plot import TimePlot
from bench_ui.widgets import number_format


class LinearPlot(TimePlot):
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
