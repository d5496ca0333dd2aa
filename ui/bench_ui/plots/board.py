"""All plots together: one time window, one selection, one clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from bench_app.measure.histogram import Histogram
from bench_app.measure.time_series import QUANTILES, TimeSeries
from bench_ui.plots.curves import owner
from bench_ui.plots.distribution import DistributionPlot
from bench_ui.plots.drops import DropsPlot
from bench_ui.plots.latency import LatencyPlot
from bench_ui.plots.plot import Plot, TimePlot, TimeWindow, Whole
from bench_ui.plots.queue import QueuePlot
from bench_ui.plots.throughput import ThroughputPlot
from bench_ui.scope import Scope
from bench_ui.widgets.theme import Theme

_LEGEND_QUANTILES = ("p50", "p90", "p99", "p99_9")
NO_TRACKS: Mapping[str, TimeSeries] = {}


@dataclass(frozen=True)
class WholeRun:
    """Figures of a run that is over, by curve: each measure's quantiles in ns, mean rates a second."""

    latency: Mapping[str, Mapping[str, float]]
    throughput: Mapping[str, float]
    drops: Mapping[str, float]


class PlotBoard(QWidget):
    """Latency, throughput, drops, and distribution or queue."""

    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.time = TimeWindow(self)
        self.latency = LatencyPlot(self.time)
        self.throughput = ThroughputPlot(self.time)
        self.drops = DropsPlot(self.time)
        self.queue = QueuePlot(self.time)
        self.distribution = DistributionPlot()
        self.scope = Scope()
        self._tracks: Mapping[str, TimeSeries] = NO_TRACKS
        self._baseline: Mapping[str, TimeSeries] = NO_TRACKS
        self._whole: tuple[WholeRun | None, WholeRun | None] = (None, None)
        self._now_s = 0.0
        self._goes_on = False
        self._distribution: tuple[dict[str, Histogram], dict[str, Histogram]] | None = None
        """What is to be drawn of it when it is seen again."""
        self._stale = True
        self._due: list[TimePlot] = []
        self._fourth = QStackedWidget()
        self._switches: dict[str, QComboBox] = {}
        fourth: dict[str, Plot] = {"distribution": self.distribution, "queue": self.queue}
        for name, each in fourth.items():
            self._fourth.addWidget(each)
            self._switches[name] = each.add_choice({key: key for key in fourth}, "what is shown here", self.show_fourth)
        self.show_fourth("distribution")
        self.live = QToolButton()
        self.live.setText("Back to live")
        self.live.setToolTip("Follow the run again (End, or a double click in a plot)")
        self.live.setAccessibleName("Back to live")
        self.live.clicked.connect(self.time.go_live)
        self.live.hide()
        self.latency.controls.insertWidget(0, self.live)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        for place, plot in enumerate((self.latency, self.throughput, self.drops, self._fourth)):
            grid.addWidget(plot, place // 2, place % 2)
        for line in (0, 1):
            grid.setRowStretch(line, 1)
            grid.setColumnStretch(line, 1)
        self.time.changed.connect(self._time_changed)
        for plot in self.plots:
            plot.failed.connect(self.failed)
        self.latency.combo.currentIndexChanged.connect(lambda _: self.redraw())

    def show_fourth(self, which: str) -> None:
        """Distribution of latency, or queue depth."""
        self._fourth.setCurrentWidget(self.distribution if which == "distribution" else self.queue)
        for name, switch in self._switches.items():
            switch.blockSignals(True)
            switch.setCurrentIndex(switch.findData(name))
            switch.blockSignals(False)
        self.redraw()

    @property
    def time_plots(self) -> tuple[TimePlot, ...]:
        """Those over the time of the run."""
        return (self.latency, self.throughput, self.drops, self.queue)

    @property
    def plots(self) -> tuple[Plot, ...]:
        """All."""
        return (*self.time_plots, self.distribution)

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        for plot in self.plots:
            plot.set_theme(theme)
        self.redraw()

    def set_large(self, large: bool) -> None:
        """Readable from three metres."""
        for plot in self.plots:
            plot.set_large(large)

    @property
    def settled(self) -> bool:
        """True when all that is known is drawn."""
        return not self._due and not self._stale

    def show_tracks(self, tracks: Mapping[str, TimeSeries], scope: Scope) -> None:
        """Draw these from now on, and nothing of those before."""
        for plot in self.time_plots:
            plot.data.clear()
        self._now_s = float(max((track.column("at_s")[-1] for track in tracks.values() if len(track)), default=0.0))
        self._tracks, self.scope = tracks, scope
        self.redraw()

    def show_baseline(self, tracks: Mapping[str, TimeSeries]) -> None:
        """Draw these behind; none to take them away."""
        self._baseline = tracks
        for plot in self.plots:
            plot.compare(bool(tracks))
        self.redraw()

    def show_whole(self, whole: WholeRun | None, behind: WholeRun | None = None) -> None:
        """The run is over: legends show these figures of all of it; None while one goes on."""
        self._whole = whole, behind
        if whole is not None:
            self._show_live(False)
        each: tuple[tuple[TimePlot, str], ...] = ((self.throughput, "throughput"), (self.drops, "drops"))
        for plot, name in each:
            plot.whole = None if whole is None else Whole(getattr(whole, name), getattr(behind, name) if behind else {})
        self.redraw()

    def clear_markers(self) -> None:
        """A new run."""
        for plot in self.time_plots:
            plot.markers.clear()

    def mark(self, at_s: float, text: str, is_act: bool = False) -> None:
        """Mark a moment in every plot; an act's words come before those of what it led to."""
        for plot in self.time_plots:
            plot.markers.add(at_s, text, is_act)

    def redraw(self) -> None:
        """Draw again with the next frame."""
        self._stale = True

    def frame(self, now_s: float | None, fresh: bool) -> None:
        """One turn of the clock: move on, and where there is something new, draw it, one plot a turn, so that no turn
        takes long. Nothing invisible is drawn. ``now_s`` is None where no run goes on: the end stays where it was."""
        if now_s is not None:
            self._now_s = now_s
        self._show_live(now_s is not None)
        if self.time.following:
            self.time.follow(self._now_s)
        visible = [plot for plot in self.time_plots if plot.isVisible()]
        for plot in visible:
            plot.frame()
        if self._due:
            self._draw(self._due.pop(0))
        elif self.distribution.isVisible():
            self._draw_distribution()
        if fresh or self._stale:
            self._stale = False
            self._due += [plot for plot in visible if plot not in self._due]

    def _draw(self, plot: Any) -> None:
        whole, behind = self._whole
        if plot is self.latency:
            of = self.latency.measure
            was = {} if behind is None else behind.latency.get(of, {})
            plot.whole = None if whole is None else Whole(whole.latency.get(of, {}), was)
        plot.update_from(self._tracks, self.scope)
        plot.update_baseline(self._baseline, self.scope)
        plot.read()

    def draw_distribution(self, histograms: dict[str, Histogram], baseline: dict[str, Histogram]) -> None:
        """The whole run's distribution, now or as soon as it is seen; less often than the rest."""
        self._distribution = histograms, baseline
        if self.distribution.isVisible():
            self._draw_distribution()

    def _draw_distribution(self) -> None:
        if self._distribution is not None:
            histograms, baseline = self._distribution
            self._distribution = None
            self.distribution.update_from(histograms, baseline)
            self.distribution.show_values(_p99(histograms), _p99(baseline))

    def _time_changed(self) -> None:
        self._show_live(self._goes_on)
        self.redraw()

    def _show_live(self, goes_on: bool) -> None:
        """There is something to go back to only while a run goes on."""
        self._goes_on = goes_on
        wanted = goes_on and not self.time.following
        if wanted == self.live.isHidden():
            self.live.setVisible(wanted)


def _p99(histograms: Mapping[str, Histogram]) -> dict[str, float]:
    return {name: float(histogram.percentile(99.0)) for name, histogram in histograms.items() if histogram.count}


def whole_run(
    histograms: Mapping[str, Histogram], scope: Scope, rates: Mapping[str, float], drops: Mapping[str, float]
) -> WholeRun:
    """The figures of a run that is over; latencies as in the plot: of several listeners the worst."""
    latency = {
        measure: {name: max(float(one.percentile(QUANTILES[name])) for one in ones) for name in _LEGEND_QUANTILES}
        for measure, ones in _by_measure(histograms, scope).items()
    }
    return WholeRun(latency, rates, drops)


def merged(histograms: Mapping[str, Histogram], scope: Scope) -> dict[str, Histogram]:
    """All of the scope together, each way a message goes apart; no listener knows of the way back."""
    found: dict[str, Histogram] = {}
    for measure, ones in _by_measure(histograms, scope).items():
        if measure == "lateness" or (measure == "round_trip" and scope.listener):
            continue
        found[measure] = Histogram()
        for one in ones:
            found[measure].merge(one)
    return found


def _by_measure(histograms: Mapping[str, Histogram], scope: Scope) -> dict[str, list[Histogram]]:
    """Those of the scope, from histograms by ``handler/listener/measure`` or ``handler/measure``."""
    found: dict[str, list[Histogram]] = {}
    handlers = {name.removesuffix("/lateness") for name in histograms if name.endswith("/lateness")}
    for name, histogram in histograms.items():
        handler = owner(name, handlers)
        listener, _, measure = name.removeprefix(f"{handler}/").rpartition("/")
        # What is measured at the handler has no listener's name.
        in_scope = scope.takes(handler) and ("" in (scope.listener, listener) or listener == scope.listener)
        if in_scope and histogram.count:
            found.setdefault(measure, []).append(histogram)
    return found


def board_column(board: PlotBoard, *above: QWidget) -> QWidget:
    """The board with things above it."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 8, 0, 8)
    column.setSpacing(8)
    for widget in above:
        column.addWidget(widget)
    column.addWidget(board, 1)
    return page
