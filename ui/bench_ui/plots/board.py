"""All plots together: one time window, one selection, one clock.

series and histograms -> **board** -> plots, one per frame

The plots are made when they are first needed. Their libraries take longer to import than everything else that a window
shows, so a window that opens shows the other panels first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bench_app.engine.machine_samples import machine_series
from bench_app.measure.histogram import Histogram
from bench_app.measure.time_series import TimeSeries
from bench_ui.plots.arrangement import PLACES, arrangement_for
from bench_ui.plots.curve_data import USUAL_MEASURE, SeriesByUnit
from bench_ui.plots.mark import Mark
from bench_ui.plots.run_totals import CurveTotals, RunTotals
from bench_ui.plots.time_window import TimeWindow
from bench_ui.scope import Scope
from bench_ui.widgets.theme import Theme

if TYPE_CHECKING:
    from bench_ui.plots.distribution import DistributionPlot
    from bench_ui.plots.drops import DropsPlot
    from bench_ui.plots.latency import LatencyPlot
    from bench_ui.plots.machine import MachineLane
    from bench_ui.plots.plot import Plot
    from bench_ui.plots.plot_set import PlotSet, TimePlot
    from bench_ui.plots.queue import QueuePlot
    from bench_ui.plots.throughput import ThroughputPlot

_GAP = 8
"""Pixels between the plots."""
_NO_SERIES: SeriesByUnit = {}
_NO_MACHINE = machine_series()


class PlotBoard(QWidget):
    """Latency, throughput, drops, and in the fourth place distribution or queue. At the foot is the machine lane.

    A board that is too small for all of them shows them in pages, with tabs above.

    Attributes:
        time: the time window of all time plots.
        scope: the selection that the time plots draw.
        tabs: chooses the page; hidden while there is only one.
    """

    failed = Signal(str)
    """With the reason why a plot could not be written to a file."""
    measure_changed = Signal()
    """The user chose another latency."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.time = TimeWindow(self)
        self.scope = Scope()
        self._plot_set: PlotSet | None = None
        self._held = False
        """True while :meth:`frame` makes no plots."""
        self._theme: Theme | None = None
        self._font: QFont | None = None
        self._is_large = False
        self._only: tuple[str, ...] = ()
        """The names of the only plots that are shown; empty for all."""
        self._caption: Callable[[], Sequence[str]] = tuple
        self._series, self._machine = _NO_SERIES, _NO_MACHINE
        self._baseline = _NO_SERIES
        self._totals: RunTotals | None = None
        self._baseline_totals: RunTotals | None = None
        self._now_s = 0.0
        self._running = False
        self._histograms: tuple[Mapping[str, Histogram], Mapping[str, Histogram]] | None = None
        """Histograms of run and baseline that the distribution has not drawn yet."""
        self._stale = True
        """True if all visible plots need to be drawn again."""
        self._due: list[TimePlot] = []
        """Plots that the next frames draw, one each."""
        self._fourth = QStackedWidget(self)
        self._fourth.hide()
        self._switches: dict[str, QComboBox] = {}
        self._live: QToolButton | None = None
        self._arrangement = arrangement_for(0, 0)
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Plots")
        self.tabs.hide()
        self._head = QHBoxLayout()
        self._grid = QGridLayout()
        self.tabs.currentChanged.connect(self._show_page)
        self.time.changed.connect(self._time_changed)

    def hold(self) -> None:
        """Let no frame make the plots until :meth:`release`: a window that opens shows its other panels first."""
        self._held = True

    def release(self) -> None:
        """Make the plots now, if they are not made yet."""
        self._held = False
        self._made()

    def _made(self) -> PlotSet:
        """All plots; the first call makes them, as they were asked to be so far."""
        if self._plot_set is None:
            # Imported here, so that the window shows its other panels first.
            from bench_ui.plots.plot_set import PlotSet

            self._plot_set = made = PlotSet(self.time)
            self._fill_fourth_place()
            self._live = self._make_live_button()
            self._lay_out()
            for plot in made.all:
                plot.caption = self._caption
                plot.set_comparing(bool(self._baseline))
                plot.failed.connect(self.failed)
                plot.choice_changed.connect(self.redraw)
            made.machine.machine = self._machine
            made.latency.combo.currentIndexChanged.connect(lambda _: self.measure_changed.emit())
            if self._theme is not None:
                self.set_theme(self._theme)
            if self._font is not None:
                self.set_text_font(self._font)
            if self._is_large:
                self.set_large(True)
            self.show_only(self._only)
        return self._plot_set

    @property
    def has_plots(self) -> bool:
        """True when the plots are made."""
        return self._plot_set is not None

    @property
    def _plots_so_far(self) -> tuple[Plot, ...]:
        return () if self._plot_set is None else self._plot_set.all

    @property
    def _time_plots_so_far(self) -> tuple[TimePlot, ...]:
        return () if self._plot_set is None else self._plot_set.over_time

    @property
    def plots(self) -> tuple[Plot, ...]:
        """All plots."""
        return self._made().all

    @property
    def time_plots(self) -> tuple[TimePlot, ...]:
        """The plots over the time of the run."""
        return self._made().over_time

    @property
    def latency(self) -> LatencyPlot:
        """Percentiles of the latency."""
        return self._made().latency

    @property
    def throughput(self) -> ThroughputPlot:
        """Rates of offered, accepted and received messages."""
        return self._made().throughput

    @property
    def drops(self) -> DropsPlot:
        """Lost messages by cause."""
        return self._made().drops

    @property
    def queue(self) -> QueuePlot:
        """Messages in the queue and on the way."""
        return self._made().queue

    @property
    def machine(self) -> MachineLane:
        """The machine lane."""
        return self._made().machine

    @property
    def distribution(self) -> DistributionPlot:
        """Latency by percentile, of the whole run."""
        return self._made().distribution

    @property
    def live(self) -> QToolButton:
        """The button that follows the run again."""
        self._made()
        assert self._live is not None
        return self._live

    @property
    def measure(self) -> str:
        """The latency that is shown."""
        return USUAL_MEASURE if self._plot_set is None else self._plot_set.latency.measure

    def _fill_fourth_place(self) -> None:
        choices: dict[str, Plot] = {"distribution": self.distribution, "queue": self.queue}
        labels = {name: name for name in choices}
        for name, plot in choices.items():
            self._fourth.addWidget(plot)
            self._switches[name] = plot.add_choice(labels, "plot in this place", self.show_fourth)
        self.show_fourth("distribution")
        self._fourth.show()

    def _make_live_button(self) -> QToolButton:
        button = QToolButton()
        button.setText("Back to live")
        button.setToolTip("Follow the run again (End, or a double click in a plot)")
        button.setAccessibleName("Back to live")
        button.clicked.connect(self.time.back_to_live)
        button.hide()
        return button

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._head.addWidget(self.tabs)
        self._head.addStretch(1)
        column.addLayout(self._head)
        self._grid.setSpacing(_GAP)
        column.addLayout(self._grid, 1)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """The size of one plot with tabs, whatever is shown: several plots must not keep the window from shrinking."""
        least, tabs = QSize(0, 0), self.tabs.sizeHint().height()
        for plot in self._plots_so_far:
            least = least.expandedTo(plot.minimumSizeHint())
        return least + QSize(0, tabs)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Show as many plots at once as have room."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Text of another size takes another part of the room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._arrange()

    def _arrange(self) -> None:
        """Choose the pages for the size of the board. The plot that was first on its page stays in sight."""
        if self._plot_set is None:
            return
        metrics = self.fontMetrics()
        characters, lines = self.width() / metrics.averageCharWidth(), self.height() / metrics.height()
        found = arrangement_for(characters, lines)
        if found == self._arrangement and self.tabs.count():
            return
        seen = self._arrangement.pages[max(0, self.tabs.currentIndex())][0]
        self._arrangement = found
        self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        for _page in found.pages:
            self.tabs.addTab("")
        self.tabs.setCurrentIndex(found.page_of(seen))
        self.tabs.blockSignals(False)
        self._name_tabs()
        self._show_page()

    def _name_tabs(self) -> None:
        fourth = "queue" if self._fourth.currentWidget() is self.queue else "distribution"
        for number, page in enumerate(self._arrangement.pages):
            self.tabs.setTabText(number, ", ".join(fourth if name == "fourth" else name for name in page).capitalize())

    def _show_page(self, _page: int = 0) -> None:
        """Show the plots of the chosen page, or the only ones that were asked for, and give them the whole room."""
        if self._plot_set is None or not self.tabs.count():
            return
        widgets: dict[str, QWidget] = {
            "latency": self.latency,
            "throughput": self.throughput,
            "drops": self.drops,
            "fourth": self._fourth,
            "machine": self.machine,
        }
        found, only = self._arrangement, self._only
        is_paged = not only and len(found.pages) > 1
        if only:
            usual = ["fourth" if name in ("distribution", "queue") else name for name in only]
            shown = [name for name in widgets if name in usual]
            columns, has_lane = len(shown), "machine" in shown
        else:
            shown = list(found.pages[self.tabs.currentIndex()])
            columns, has_lane = found.columns, found.has_lane
        self._place_live_button(in_head=is_paged)
        self.tabs.setVisible(is_paged)
        rows = -(-len(shown) // columns)
        for place, name in enumerate(shown):
            self._grid.addWidget(widgets[name], place // columns, place % columns)
        if has_lane and not only:
            # In the first column, below the latency or the drops, so that a stall is exactly below the tail it made.
            self._grid.addWidget(self.machine, rows, 0)
            if columns > 1:
                self._grid.addWidget(widgets[shown[-1]], rows - 1, columns - 1, 2, 1)
        for name, widget in widgets.items():
            widget.setVisible(name in shown or (name == "machine" and has_lane))
        for place in range(len(PLACES)):
            self._grid.setColumnStretch(place, 1 if place < columns else 0)
            self._grid.setRowStretch(place, 1 if place < rows else 0)
        if self._font is not None:
            # The style sheet takes the font away from a plot that gets its place in the board only now.
            self.set_text_font(self._font)
        # Empty rows would still have their gaps.
        self._grid.setVerticalSpacing(_GAP if rows > 1 or (has_lane and not only) else 0)
        self.redraw()

    def _place_live_button(self, in_head: bool) -> None:
        """Beside the tabs the button is in sight on each page; without them it is in the first plot."""
        assert self._live is not None
        if in_head:
            self._head.addWidget(self._live)
        else:
            self.latency.controls.insertWidget(0, self._live)

    def show_fourth(self, which: str) -> None:
        """Show ``distribution`` or ``queue`` in the fourth place."""
        self._fourth.setCurrentWidget(self.distribution if which == "distribution" else self.queue)
        for name, switch in self._switches.items():
            switch.blockSignals(True)
            switch.setCurrentIndex(switch.findData(name))
            switch.blockSignals(False)
        self._name_tabs()
        self.redraw()

    def show_only(self, names: Sequence[str]) -> None:
        """Show only these plots beside each other, by their names; an empty list shows all."""
        self._only = tuple(names)
        if self._plot_set is None and (self._held or not names):
            return
        self._made()
        for name in ("queue", "distribution"):
            if name in names:
                self.show_fourth(name)
        self._arrange()
        self._show_page()

    def set_theme(self, theme: Theme) -> None:
        """Show the colours of a theme."""
        self._theme = theme
        for plot in self._plots_so_far:
            plot.set_theme(theme)
        self.redraw()

    def set_large(self, large: bool) -> None:
        """Make the plots readable from three metres, or give them their normal size."""
        self._is_large = large
        for plot in self._plots_so_far:
            plot.set_large(large)

    def set_text_font(self, font: QFont) -> None:
        """Give the text of the plots this font."""
        self._font = font
        for plot in self._plots_so_far:
            plot.setFont(font)

    @property
    def settled(self) -> bool:
        """True when no visible plot is waiting to be drawn."""
        return not self._due and not self._stale

    def show_series(self, series: SeriesByUnit, scope: Scope, machine: TimeSeries = _NO_MACHINE) -> None:
        """Draw these series from now on, in place of the former ones."""
        self._machine = machine
        if self._plot_set is not None:
            self._plot_set.machine.machine = machine
        for plot in self._time_plots_so_far:
            plot.data.clear()
        self._now_s = float(max((one.column("at_s")[-1] for one in series.values() if len(one)), default=0.0))
        self._series, self.scope = series, scope
        self.redraw()

    def show_baseline(self, series: SeriesByUnit) -> None:
        """Draw these series as the baseline; an empty mapping removes the baseline."""
        self._baseline = series
        for plot in self._plots_so_far:
            plot.set_comparing(bool(series))
        self.redraw()

    def show_totals(self, run: RunTotals | None, baseline: RunTotals | None = None) -> None:
        """Show the totals of a finished run and of its baseline in the legends; None while a run goes on."""
        self._totals, self._baseline_totals = run, baseline
        if run is not None:
            self._show_live_button(running=False)
        for plot in self._time_plots_so_far:
            plot.timeline.totals = self._totals_of(plot)
        self.redraw()

    def set_caption(self, caption: Callable[[], Sequence[str]]) -> None:
        """``caption`` returns the lines below each plot in a picture: which run it shows."""
        self._caption = caption
        for plot in self._plots_so_far:
            plot.caption = caption

    def clear_markers(self) -> None:
        """Remove the marks of the run before."""
        for plot in self._time_plots_so_far:
            plot.timeline.markers.clear()

    def mark(self, mark: Mark, extends_last: bool = False) -> None:
        """Mark a moment in every time plot. ``extends_last``: in place of the last change."""
        for plot in self.time_plots:
            markers = plot.timeline.markers
            if extends_last:
                markers.extend_change(mark)
            else:
                markers.add(mark)

    def redraw(self) -> None:
        """Draw all visible plots again, from the next frame on."""
        self._stale = True

    def frame(self, now_s: float | None, fresh: bool) -> None:
        """Draw one frame: move the time axes, and draw one plot that is due.

        A frame draws one plot only, so that no frame takes long. Invisible plots are not drawn. ``now_s`` is the time
        of the run, or None without a run: then the right edge stays. ``fresh`` is True if the series have new samples.
        """
        if self._held:
            return
        if now_s is not None:
            self._now_s = now_s
        self.time.newest_s = self._now_s
        self._show_live_button(running=now_s is not None)
        if self.time.following:
            self.time.follow(self._now_s)
        visible = [plot for plot in self.time_plots if plot.isVisible()]
        for plot in visible:
            plot.timeline.follow_window()
        if self._due:
            self._draw(self._due.pop(0))
        elif self.distribution.isVisible():
            self._draw_histograms()
        if fresh or self._stale:
            self._stale = False
            self._due += [plot for plot in visible if plot not in self._due]

    def _draw(self, plot: TimePlot) -> None:
        plot.update_from(self._series, self.scope)
        plot.update_baseline(self._baseline, self.scope)
        plot.timeline.totals = self._totals_of(plot)
        plot.timeline.show_values()

    def _totals_of(self, plot: TimePlot) -> CurveTotals | None:
        values = None if self._totals is None else plot.totals_of(self._totals)
        if values is None:
            return None
        baseline = None if self._baseline_totals is None else plot.totals_of(self._baseline_totals)
        return CurveTotals(values, baseline or {})

    def draw_distribution(self, histograms: Mapping[str, Histogram], baseline: Mapping[str, Histogram]) -> None:
        """Draw the distribution of the whole run: now if the plot is visible, else when it becomes visible."""
        self._histograms = histograms, baseline
        if self._plot_set is not None and self.distribution.isVisible():
            self._draw_histograms()

    def _draw_histograms(self) -> None:
        if self._histograms is not None:
            histograms, baseline = self._histograms
            self._histograms = None
            self.distribution.update_from(histograms, baseline)

    def _time_changed(self) -> None:
        self._show_live_button(self._running)
        self.redraw()

    def _show_live_button(self, running: bool) -> None:
        """Show the button while a run goes on and the user looks at an earlier part of it."""
        self._running = running
        wanted = running and not self.time.following
        if self._live is not None and wanted == self._live.isHidden():
            self._live.setVisible(wanted)


def board_column(board: PlotBoard, *above: QWidget, below: QWidget | None = None) -> QWidget:
    """A page with the board between other widgets."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 8, 0, 8)
    column.setSpacing(8)
    for widget in above:
        column.addWidget(widget)
    column.addWidget(board, 1)
    if below is not None:
        column.addWidget(below)
    return page
