"""The parts of a plot over the time of the run: time range, crosshair, markers, and the values in the legend.

curve data -> **timeline** -> the plot's view and legend; time window -> **timeline**
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

import pyqtgraph as pg
from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from bench_app.measure.arrays import Floats
from bench_ui.plots.cursors import Cursors, Row, difference
from bench_ui.plots.curve_data import is_in_gap, with_gaps, with_lone_points
from bench_ui.plots.curve_item import CurveItem
from bench_ui.plots.curve_lookup import around, known_within, newest_moment, values_at, values_until_end
from bench_ui.plots.markers import Markers
from bench_ui.plots.plot import Plot
from bench_ui.plots.run_totals import CurveTotals
from bench_ui.plots.time_navigation import Describe, TimeNavigation
from bench_ui.plots.time_window import TimeWindow
from bench_ui.widgets.theme import Theme

FREE_SHARE = 0.28
"""The part of a large plot's height that is free for labels: a row of them also where the plot is low."""
Transform = Callable[[Floats], Floats]
"""Values as the legend shows them -> values as the axis draws them."""


class Timeline(QObject):
    """The time axis of one plot. All plots with the same ``window`` show the same seconds of the run.

    ``describe`` gives the tooltip a text about the moment under the pointer. ``is_low``: the plot has a fixed height,
    and no room for a table of what happened between two cursors.

    Attributes:
        markers: the marked moments.
        cursors: the lines at the moments that the user compares.
        crosshair: the line at the moment under the pointer.
        has_gaps: whether curves have a gap where the window stood still.
        totals: the values that the legend shows without a crosshair; None shows the newest values.
    """

    def __init__(self, plot: Plot, window: TimeWindow, describe: Describe | None = None, is_low: bool = False) -> None:
        super().__init__(plot)
        self._plot = plot
        self._window = window
        self.markers = Markers()
        plot.view.addItem(self.markers, ignoreBounds=True)
        self.crosshair = pg.InfiniteLine(angle=90, movable=False)
        self.crosshair.setVisible(False)
        plot.view.addItem(self.crosshair, ignoreBounds=True)
        self.cursors = Cursors()
        self.cursors.has_table = not is_low
        plot.view.addItem(self.cursors, ignoreBounds=True)
        self.has_gaps = True
        self.totals: CurveTotals | None = None
        self._range: tuple[float, float] = (0.0, 0.0)
        vertical = None if is_low else plot.vertical
        self._navigation = TimeNavigation(plot.view, window, self.markers, self, describe, vertical)
        window.cursor_moved.connect(self._move_crosshair)
        window.cursors_changed.connect(self._show_cursors)
        plot.menu_opening.connect(self._extend_menu)
        plot.theme_changed.connect(self._set_theme)
        plot.large_changed.connect(self._set_large)
        plot.pointer_left.connect(self._navigation.leave)

    def _set_large(self, large: bool) -> None:
        self.markers.set_large(large, self._plot.growth)
        self.cursors.set_large(large, self._plot.growth)
        # An audience looks from afar: no label may lie over a curve.
        self._plot.vertical.keep_free(FREE_SHARE if large and self.markers.has_labels else 0.0)

    def _set_theme(self, theme: Theme) -> None:
        self.markers.set_theme(theme)
        self.crosshair.setPen(pg.mkPen(theme.text))
        self.cursors.set_theme(theme)

    def follow_window(self) -> None:
        """Show the seconds that the time window has now, unless the picture would move by less than a pixel.

        A minute in 400 pixels moves by a pixel in four frames. The other three would be drawn for nothing.
        """
        wanted = (self._window.start_s, self._window.end_s)
        view = self._plot.view
        pixel_s = (wanted[1] - wanted[0]) / max(1.0, view.getViewBox().width() * view.devicePixelRatioF())
        if max(abs(wanted[0] - self._range[0]), abs(wanted[1] - self._range[1])) < pixel_s:
            return
        self._range = wanted
        view.setXRange(*wanted, padding=0)
        # Move the items now. Otherwise pyqtgraph moves them while it paints, and so has to paint once more.
        view.scene().prepareForPaint()

    def draw(self, x: Floats, curves: Mapping[str, Floats], to_axis: Transform | None = None) -> None:
        """Draw curves over the same times. The view gets only the visible part, and :attr:`Plot.data` all values."""
        part = around(x, self._window.start_s, self._window.end_s)
        for name, item in self._plot.curves.items():
            y = curves.get(name)
            if y is None or len(y) != len(x):
                item.clear()
                self._plot.data.pop(name, None)
                continue
            self._plot.data[name] = (x, y)
            self._set_points(item, x[part], y[part], to_axis)

    def _set_points(self, item: CurveItem, x: Floats, y: Floats, to_axis: Transform | None) -> None:
        if self.has_gaps:
            x, y = with_gaps(x, y)
        drawn = with_lone_points(y)
        item.setData(x, drawn if to_axis is None else to_axis(drawn))

    def draw_baseline(self, x: Floats, curves: Mapping[str, Floats], to_axis: Transform | None = None) -> None:
        """Draw the curves of the baseline; empty curves are removed."""
        part = around(x, self._window.start_s, self._window.end_s)
        data = {name: (x, y) for name, y in curves.items() if len(x) and len(y) == len(x)}
        self._plot.baseline_data = data
        for name, item in self._plot.baseline.items():
            if name in data:
                self._set_points(item, x[part], data[name][1][part], to_axis)
            else:
                item.clear()

    def visible_values(self) -> list[Floats]:
        """The values in the shown seconds, for each curve that is switched on and for its baseline."""
        parts = []
        for name, data in product(self._plot.styles, (self._plot.data, self._plot.baseline_data)):
            if name in data and self._plot.legend.is_on(name):
                parts.append(known_within(*data[name], self._window.start_s, self._window.end_s))
        return [part for part in parts if len(part)]

    def highest(self) -> float:
        """The highest value in the shown seconds; 0 without values."""
        return max((float(part.max()) for part in self.visible_values()), default=0.0)

    def newest_values(self) -> dict[str, float]:
        """Each curve's newest known value."""
        return values_at(self._plot.data, None)

    def show_values(self) -> None:
        """Show values in the legend: at the crosshair, else of the finished run, else the newest."""
        plot = self._plot
        if self.crosshair.isVisible():
            at_s = float(self.crosshair.value())
            values = {} if self._is_in_gap(at_s) else values_at(plot.data, at_s)
            plot.legend.show_values(values, values_until_end(plot.baseline_data, at_s))
        elif self.totals is not None:
            plot.legend.show_values(self.totals.values, self.totals.baseline)
        else:
            now_s = newest_moment(plot.data)
            plot.legend.show_values(self.newest_values(), values_until_end(plot.baseline_data, now_s))
        self._show_cursors()

    def _is_in_gap(self, at_s: float) -> bool:
        """Whether the window stood still at this moment, so that the curves have a gap there."""
        x, _ = next(iter(self._plot.data.values()), (None, None))
        return self.has_gaps and x is not None and is_in_gap(x, at_s)

    def _move_crosshair(self, at_s: float | None) -> None:
        self.crosshair.setVisible(at_s is not None)
        if at_s is not None:
            self.crosshair.setPos(at_s)
        self.show_values()

    def _show_cursors(self) -> None:
        """Show the cursors, and a table of the values at them."""
        window, plot = self._window, self._plot
        self.cursors.show(window.cursors, window.pointer_s, ())
        if self.cursors.compared is None or not self.cursors.has_table:
            return
        first, second = (values_at(plot.data, at_s) for at_s in self.cursors.compared)
        formats = {name: plot.legend.formatter_of(name) for name in plot.styles if plot.legend.is_shown(name)}
        texts = difference(first, second, formats)
        rows = [Row(plot.styles[name].color, plot.styles[name].label, *text) for name, text in texts.items()]
        self.cursors.show(window.cursors, window.pointer_s, rows)

    def _extend_menu(self, menu: QMenu, place: QPoint) -> None:
        """Add to the context menu what can be done at this moment of the run."""
        window = self._window
        at_s = self._navigation.second_at(self._plot.view.mapFrom(self._plot, place))
        before = menu.actions()[0]
        for text, key, act in (
            ("Place cursor here", "C", lambda: window.place_cursor(at_s)),
            ("Remove cursors", "Del", window.remove_cursors),
            ("Write note here…", "N", lambda: window.note_wanted.emit(at_s)),
            ("Show whole run", "Home", window.show_all),
            ("Back to live", "End", window.back_to_live),
        ):
            action = QAction(f"{text}\t{key}", menu)
            action.triggered.connect(lambda _=False, act=act: act())
            action.setEnabled(text != "Remove cursors" or bool(window.cursors))
            menu.insertAction(before, action)
        menu.insertSeparator(before)
