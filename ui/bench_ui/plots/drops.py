"""The plot of losses by cause."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QWidget

from bench_app.measure.arrays import Floats
from bench_app.measure.loss_causes import LOSS_CAUSES
from bench_ui.plots import curve_data
from bench_ui.plots.axes import ClockAxis, CountAxis
from bench_ui.plots.curve_data import SeriesByUnit
from bench_ui.plots.curve_item import patterned
from bench_ui.plots.empty_note import NOTHING_LOST, why_no_figures
from bench_ui.plots.legend import CurveStyle
from bench_ui.plots.plot import SUM_TOOLTIP, CurveData, Plot
from bench_ui.plots.run_totals import RunTotals
from bench_ui.plots.time_window import TimeWindow
from bench_ui.plots.timeline import Timeline
from bench_ui.plots.vertical_scale import ZeroBasedScale
from bench_ui.scope import Scope
from bench_ui.widgets import number_format
from bench_ui.widgets.theme import Theme

_TOOLTIP = (
    "Events lost in the last second, by cause, stacked: the uppermost line is the sum.\n"
    "A loss on the way is counted when a later message arrives, or when more messages of a PUB are on the way than the "
    "connection can hold: then at least the others are lost."
)
_PATTERNS = {
    "queue_overflow": Qt.BrushStyle.BDiagPattern,
    "send_timeout": Qt.BrushStyle.HorPattern,
    "aborted": Qt.BrushStyle.CrossPattern,
    "request_timeout": Qt.BrushStyle.VerPattern,
    "lost": Qt.BrushStyle.SolidPattern,
    "before_join": Qt.BrushStyle.FDiagPattern,
}
"""Areas differ by pattern as well as by colour; the most common cause of all has a plain area."""
_ALWAYS_IN_LEGEND = "lost"
_LEAST = 10.0


class DropsPlot(Plot):
    """Losses by cause as filled areas, one on top of the other. The legend shows a cause once an event was lost by it.

    :attr:`data` has each cause's own losses; the drawn curves are the stacked sums.

    Attributes:
        timeline: the time axis with crosshair and markers.
    """

    def __init__(self, window: TimeWindow, parent: QWidget | None = None) -> None:
        styles = {
            cause.key: CurveStyle(
                cause.label,
                cause.color,
                f"{cause.tooltip} Events in the last second.",
                pattern=_PATTERNS.get(cause.key, Qt.BrushStyle.Dense4Pattern),
            )
            for cause in LOSS_CAUSES
        }
        axes = {"bottom": ClockAxis("bottom"), "left": CountAxis("left")}
        super().__init__("Drops", _TOOLTIP, styles, axes, number_format.rate, parent)
        self.timeline = Timeline(self, window)
        self._scale = ZeroBasedScale(self.vertical)
        self._sum = self.add_remark(SUM_TOOLTIP)
        for place, name in enumerate(styles):
            # Every area reaches down to zero, so the smaller sums are in front of the larger ones.
            self.curves[name].setZValue(-place)

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        super().set_theme(theme)
        used: set[str] = set()
        for name, style in self.styles.items():
            color = theme.color(style.color)
            if style.color in used:
                # Another cause has this colour already, so this one gets another shade.
                color = color.lighter(130) if theme.dark else color.darker(130)
            used.add(style.color)
            self.curves[name].setPen(pg.mkPen(color))
            is_plain = style.pattern is Qt.BrushStyle.SolidPattern
            brush = QBrush(color) if is_plain else patterned(color, theme.color("panel"), style.pattern)
            self.curves[name].setBrush(brush)
            self.curves[name].setFillLevel(0.0)

    @property
    def csv_unit(self) -> str:
        """The unit of the curves, as the end of a column's head in CSV."""
        return "per_s"

    def update_from(self, series: SeriesByUnit, scope: Scope) -> None:
        """Draw the series as they are now."""
        x, losses = curve_data.times(series, scope), curve_data.drops(series, scope, self.cache)
        self.timeline.draw(x, self._stacked(x, losses))
        self._scale.fit(self.timeline.highest(), _LEAST)
        self.data = {name: (x, y) for name, y in losses.items() if len(y) == len(x)}
        is_lossless = not any(_any(self.data, name) for name in self.data)
        self._sum.setText(curve_data.sum_of(series, scope))
        self.empty.show_text(why_no_figures(series, scope) or (NOTHING_LOST if is_lossless else ""))
        for name, entry in self.legend.entries.items():
            entry.setVisible(name == _ALWAYS_IN_LEGEND or _any(self.data, name) or _any(self.baseline_data, name))

    def update_baseline(self, series: SeriesByUnit, scope: Scope) -> None:
        """Draw the series of the baseline, stacked as well."""
        x, losses = curve_data.times(series, scope), curve_data.drops(series, scope, self.baseline_cache)
        self.timeline.draw_baseline(x, self._stacked(x, losses))
        self.baseline_data = {name: (x, y) for name, y in losses.items() if len(x) and len(y) == len(x)}

    def _stacked(self, x: Floats, losses: Mapping[str, Floats]) -> dict[str, Floats]:
        """The sums of each cause and the causes below it; a cause that is switched off or lost nothing is left out."""
        total = np.zeros(len(x))
        stacked = {}
        for name in self.styles:
            if name in losses and len(losses[name]) == len(x) and self.legend.is_on(name) and losses[name].any():
                total = total + losses[name]
                stacked[name] = total
        return stacked

    def totals_of(self, run: RunTotals) -> dict[str, float]:
        """The totals of a finished run that the legend shows."""
        return dict(run.drops)


def _any(curves: CurveData, name: str) -> bool:
    return name in curves and bool(curves[name][1].any())
