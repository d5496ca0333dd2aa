"""A plot over time: what it draws, and which values its legend shows."""

from __future__ import annotations

import numpy as np
import pytest
from bench_ui.plots.plot import Plot
from bench_ui.plots.run_totals import CurveTotals
from bench_ui.plots.time_window import TimeWindow
from bench_ui.plots.timeline import Timeline
from bench_ui.widgets.theme import DARK
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.bench_ui.plots.plots import shown_plot

X = np.arange(100.0)
CURVES = {"offered": X * 10, "lost": np.zeros(100)}


class PaintCounter(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        self.count += event.type() == QEvent.Type.Paint
        return False


@pytest.fixture
def plot(qtbot: QtBot) -> Plot:
    return shown_plot(qtbot)


@pytest.fixture
def window() -> TimeWindow:
    window = TimeWindow()
    window.look_at(10.0, 20.0)
    return window


@pytest.fixture
def timeline(plot: Plot, window: TimeWindow) -> Timeline:
    timeline = Timeline(plot, window)
    timeline.follow_window()
    return timeline


def legend(plot: Plot) -> dict[str, tuple[str, str]]:
    return {name: (entry.value, entry.baseline) for name, entry in plot.legend.entries.items()}


def test_the_view_gets_the_visible_part_and_the_plot_all_data(plot: Plot, timeline: Timeline) -> None:
    timeline.draw(X, CURVES)
    x, y = plot.curves["offered"].getData()
    assert (x[0], x[-1]) == (9, 20) and y[0] == 90
    assert len(plot.data["offered"][0]) == 100
    timeline.draw(X, {"offered": X})
    assert plot.curves["lost"].getData()[0] is None and "lost" not in plot.data


def test_values_are_transformed_for_the_axis_only(plot: Plot, timeline: Timeline) -> None:
    timeline.draw(X, CURVES, lambda y: y / 10)
    assert plot.curves["offered"].getData()[1][0] == 9
    assert plot.data["offered"][1][9] == 90


def test_the_view_follows_the_window(plot: Plot, timeline: Timeline, window: TimeWindow) -> None:
    assert plot.view.viewRange()[0] == pytest.approx([10, 20])
    window.shift(30.0)
    timeline.follow_window()
    assert plot.view.viewRange()[0] == pytest.approx([40, 50])


def test_a_view_that_would_move_by_less_than_a_pixel_stays(plot: Plot, timeline: Timeline, window: TimeWindow) -> None:
    pixel_s = 10.0 / plot.view.getViewBox().width()
    shown = plot.view.viewRange()[0]
    window.shift(pixel_s * 0.6)
    timeline.follow_window()
    assert plot.view.viewRange()[0] == shown
    window.shift(pixel_s * 0.6)
    timeline.follow_window()
    assert plot.view.viewRange()[0] == pytest.approx([10 + pixel_s * 1.2, 20 + pixel_s * 1.2])


def test_a_step_of_the_time_axis_is_painted_once(
    plot: Plot, timeline: Timeline, window: TimeWindow, qapp: QApplication
) -> None:
    timeline.draw(X, CURVES)
    qapp.processEvents()
    paints = PaintCounter(plot.view.viewport())
    window.shift(3.0)
    timeline.follow_window()
    for _ in range(5):
        qapp.processEvents()
    assert paints.count == 1


def test_visible_values_are_of_curves_that_are_on_and_of_the_baseline(plot: Plot, timeline: Timeline) -> None:
    timeline.draw(X, CURVES)
    assert timeline.highest() == 190
    timeline.draw_baseline(X, {"offered": X * 20})
    assert timeline.highest() == 380
    plot.legend.entries["offered"].click()
    assert timeline.highest() == 0
    assert [len(part) for part in timeline.visible_values()] == [10]


def test_an_empty_baseline_is_removed(plot: Plot, timeline: Timeline) -> None:
    timeline.draw_baseline(X, {"offered": X})
    timeline.draw_baseline(np.empty(0), {"offered": np.empty(0)})
    assert plot.baseline_data == {} and plot.baseline["offered"].getData()[0] is None


def test_the_legend_shows_the_newest_values(plot: Plot, timeline: Timeline) -> None:
    timeline.draw(X, CURVES)
    timeline.draw_baseline(X[:50], {"offered": X[:50]})
    timeline.show_values()
    assert legend(plot) == {"offered": ("990", ""), "lost": ("0", "")}, "the baseline was over at 49 s"
    assert timeline.newest_values() == {"offered": 990, "lost": 0}


def test_the_crosshair_shows_the_values_of_its_moment(plot: Plot, timeline: Timeline, window: TimeWindow) -> None:
    timeline.draw(X, CURVES)
    timeline.draw_baseline(X, {"offered": X * 2})
    window.cursor_moved.emit(12.0)
    assert timeline.crosshair.isVisible() and timeline.crosshair.value() == 12
    assert legend(plot)["offered"] == ("120", "24")
    window.cursor_moved.emit(None)
    assert not timeline.crosshair.isVisible() and legend(plot)["offered"] == ("990", "198")


def test_a_time_in_which_the_window_stood_still_is_a_gap(plot: Plot, timeline: Timeline, window: TimeWindow) -> None:
    x = np.concatenate((np.arange(10.0, 13.0, 0.25), np.arange(17.0, 20.0, 0.25)))
    timeline.draw(x, {"offered": x * 10})
    drawn_x, drawn_y = plot.curves["offered"].getData()
    (gap,) = drawn_x[np.isnan(drawn_y)]
    assert 12.75 < gap < 17.0 and len(plot.data["offered"][0]) == len(x)
    timeline.draw_baseline(x, {"offered": x})
    assert np.isnan(plot.baseline["offered"].getData()[1]).any()
    for at_s, value in ((15.0, ""), (17.0, "170"), (12.0, "120")):
        window.cursor_moved.emit(at_s)
        assert legend(plot)["offered"][0] == value
    timeline.has_gaps = False
    timeline.draw(x, {"offered": x * 10})
    assert not np.isnan(plot.curves["offered"].getData()[1]).any()


def test_after_the_run_the_legend_shows_totals_unless_there_is_a_crosshair(
    plot: Plot, timeline: Timeline, window: TimeWindow
) -> None:
    timeline.draw(X, CURVES)
    timeline.totals = CurveTotals({"offered": 500}, {"offered": 400})
    timeline.show_values()
    assert legend(plot) == {"offered": ("500", "400"), "lost": ("", "")}
    window.cursor_moved.emit(12.0)
    assert legend(plot)["offered"] == ("120", "")


def test_markers_have_the_colour_of_the_theme(plot: Plot, timeline: Timeline) -> None:
    plot.set_theme(DARK)
    assert timeline.markers.theme is DARK


def test_a_menu_that_closes_removes_the_crosshair(plot: Plot, timeline: Timeline, window: TimeWindow) -> None:
    window.cursor_moved.emit(12.0)
    plot.pointer_left.emit()
    assert not timeline.crosshair.isVisible()


def test_two_cursors_show_the_values_at_both_and_the_difference(
    plot: Plot, timeline: Timeline, window: TimeWindow
) -> None:
    timeline.draw(X, CURVES)
    window.place_cursor(12.0)
    window.cursor_moved.emit(15.0)
    offered, _ = timeline.cursors.rows
    assert (offered.name, offered.values, offered.difference) == ("offered", "120 → 150", "+30")
    window.place_cursor(20.0)
    plot.legend.entries["lost"].click()
    timeline.show_values()
    assert [row.values for row in timeline.cursors.rows] == ["120 → 200"]
    window.remove_cursors()
    assert timeline.cursors.rows == () and timeline.cursors.moments == ()


def test_the_menu_of_a_plot_acts_at_the_place_where_it_opened(
    plot: Plot, timeline: Timeline, window: TimeWindow
) -> None:
    window.newest_s = 90.0
    place = plot.view.geometry().center()
    actions = {action.text().partition("\t")[0]: action for action in plot.menu(place).actions()}
    assert not actions["Remove cursors"].isEnabled()
    noted: list[float] = []
    window.note_wanted.connect(noted.append)
    for text in ("Place cursor here", "Write note here…", "Show whole run"):
        actions[text].trigger()
    (at_s,) = noted
    assert 10.0 < at_s < 20.0 and window.cursors == (at_s,)
    assert window.end_s == pytest.approx(91.8)
    actions["Back to live"].trigger()
    assert window.following and "Copy picture" in actions


def test_a_large_plot_keeps_room_for_labels_above_its_curves(plot: Plot, timeline: Timeline) -> None:
    plot.vertical.fit(0.0, 720.0)
    plot.set_large(True)
    assert plot.vertical.shown == pytest.approx((0.0, 1000.0))
    plot.set_large(False)
    assert plot.vertical.shown == pytest.approx((0.0, 720.0))
