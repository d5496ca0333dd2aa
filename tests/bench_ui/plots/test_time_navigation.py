"""Wheel, drag and keys on a time plot move the time window of all plots."""

from __future__ import annotations

import pyqtgraph as pg
import pytest
from bench_ui.plots.mark import Mark
from bench_ui.plots.markers import Markers
from bench_ui.plots.time_navigation import TimeNavigation
from bench_ui.plots.time_window import TimeWindow
from bench_ui.plots.vertical_scale import VerticalRange
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot


@pytest.fixture
def view(qtbot: QtBot) -> pg.PlotWidget:
    plot = pg.PlotWidget()
    qtbot.addWidget(plot)
    plot.setMouseEnabled(x=False, y=False)
    plot.resize(400, 200)
    plot.setXRange(10, 20, padding=0)
    plot.show()
    return plot


@pytest.fixture
def window() -> TimeWindow:
    window = TimeWindow()
    window.look_at(10.0, 20.0)
    return window


@pytest.fixture
def markers(view: pg.PlotWidget, window: TimeWindow) -> Markers:
    markers = Markers()
    view.addItem(markers, ignoreBounds=True)
    TimeNavigation(view, window, markers, view)
    return markers


def span(window: TimeWindow) -> tuple[float, float]:
    return window.start_s, window.end_s


def place_of(view: pg.PlotWidget, at_s: float) -> QPoint:
    return view.mapFromScene(view.getViewBox().mapViewToScene(QPointF(at_s, 0.5)))


NONE = Qt.KeyboardModifier.NoModifier


def mouse(view: pg.PlotWidget, kind: QEvent.Type, place: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
    """Send an event of the left button to the view."""
    left = Qt.MouseButton.LeftButton
    where = view.viewport().mapToGlobal(place)
    QApplication.sendEvent(view.viewport(), QMouseEvent(kind, QPointF(place), QPointF(where), left, left, keys))


def wheel(view: pg.PlotWidget, place: QPoint, delta: int, keys: Qt.KeyboardModifier = NONE) -> None:
    """Turn the wheel over a place."""
    at, no_button, phase = QPointF(place), Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, at, QPoint(), QPoint(0, delta), no_button, keys, phase, False)
    QApplication.sendEvent(view.viewport(), event)


@pytest.mark.usefixtures("markers")
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (Qt.Key.Key_Left, (7.5, 17.5)),
        (Qt.Key.Key_Right, (12.5, 22.5)),
        (Qt.Key.Key_Plus, (12.5, 17.5)),
        (Qt.Key.Key_Minus, (5.0, 25.0)),
    ],
)
def test_keys_shift_and_zoom(
    key: Qt.Key, expected: tuple[float, float], view: pg.PlotWidget, window: TimeWindow, qtbot: QtBot
) -> None:
    qtbot.keyClick(view, key)
    assert span(window) == expected


@pytest.mark.usefixtures("markers")
def test_end_and_a_double_click_go_live(view: pg.PlotWidget, window: TimeWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert window.following
    window.look_at(10.0, 20.0)
    mouse(view, QEvent.Type.MouseButtonDblClick, QPoint(100, 100))
    assert window.following


@pytest.mark.usefixtures("markers")
def test_the_wheel_zooms_around_the_pointer(view: pg.PlotWidget, window: TimeWindow) -> None:
    place = place_of(view, 12.0)
    for delta, length in ((120, 8.0), (-120, 10.0)):
        wheel(view, place, delta)
        assert window.end_s - window.start_s == pytest.approx(length)
    assert window.start_s == pytest.approx(10.0, abs=0.2)


@pytest.mark.usefixtures("markers")
def test_a_drag_goes_back_in_time_and_a_click_does_not(view: pg.PlotWidget, window: TimeWindow) -> None:
    start = place_of(view, 12.0)
    mouse(view, QEvent.Type.MouseButtonPress, start)
    mouse(view, QEvent.Type.MouseMove, start + QPoint(2, 0))
    assert span(window) == (10.0, 20.0)
    mouse(view, QEvent.Type.MouseMove, place_of(view, 17.0))
    assert span(window) == (pytest.approx(5.0, abs=0.2), pytest.approx(15.0, abs=0.2))
    mouse(view, QEvent.Type.MouseButtonRelease, place_of(view, 17.0))
    before = span(window)
    mouse(view, QEvent.Type.MouseMove, start)
    assert span(window) == before


def test_the_pointer_is_shown_in_all_plots_with_the_marks_near_it(
    view: pg.PlotWidget, window: TimeWindow, markers: Markers
) -> None:
    markers.add(Mark(15.05, "peer left"))
    moments: list[float | None] = []
    window.cursor_moved.connect(moments.append)
    mouse(view, QEvent.Type.MouseMove, place_of(view, 15.0))
    assert moments == [pytest.approx(15.0, abs=0.2)]
    assert view.toolTip() == "peer left"


def test_a_plot_can_describe_the_moment_under_the_pointer(view: pg.PlotWidget, window: TimeWindow) -> None:
    markers, described = Markers(), {15: "worker-1 was late", 18: ""}
    view.addItem(markers, ignoreBounds=True)
    TimeNavigation(view, window, markers, view, lambda at_s: described[round(at_s)])
    markers.add(Mark(15.05, "peer left"))
    mouse(view, QEvent.Type.MouseMove, place_of(view, 15.0))
    assert view.toolTip() == "worker-1 was late\npeer left"
    mouse(view, QEvent.Type.MouseMove, place_of(view, 18.0))
    assert view.toolTip() == ""


def test_leaving_ends_the_crosshair(view: pg.PlotWidget, window: TimeWindow, qtbot: QtBot) -> None:
    navigation = TimeNavigation(view, window, Markers(), view)
    with qtbot.waitSignal(window.cursor_moved) as moved:
        navigation.leave()
    assert moved.args == [None]


@pytest.fixture
def vertical(view: pg.PlotWidget, window: TimeWindow) -> VerticalRange:
    vertical = VerticalRange(view)
    vertical.fit(0.0, 100.0)
    TimeNavigation(view, window, Markers(), view, vertical=vertical)
    return vertical


def draw_box(view: pg.PlotWidget, first: tuple[float, float], last: tuple[float, float]) -> None:
    """Drag with Shift from one time and value to another."""
    places = [view.mapFromScene(view.getViewBox().mapViewToScene(QPointF(*point))) for point in (first, last)]
    shift = Qt.KeyboardModifier.ShiftModifier
    mouse(view, QEvent.Type.MouseButtonPress, places[0], shift)
    mouse(view, QEvent.Type.MouseMove, places[1], shift)
    mouse(view, QEvent.Type.MouseButtonRelease, places[1], shift)


def test_a_box_zooms_in_time_and_height_and_the_way_back_is_a_double_click(
    view: pg.PlotWidget, window: TimeWindow, vertical: VerticalRange
) -> None:
    draw_box(view, (12.0, 80.0), (16.0, 30.0))
    assert span(window) == (pytest.approx(12.0, abs=0.2), pytest.approx(16.0, abs=0.2))
    assert vertical.chosen == (pytest.approx(30.0, abs=2), pytest.approx(80.0, abs=2))
    mouse(view, QEvent.Type.MouseButtonDblClick, QPoint(100, 100))
    assert window.following and vertical.chosen is None and vertical.shown == (0, 100)


def test_a_flat_box_zooms_in_time_only_a_narrow_one_in_height_only_and_a_click_not_at_all(
    view: pg.PlotWidget, window: TimeWindow, vertical: VerticalRange
) -> None:
    draw_box(view, (16.0, 50.0), (12.0, 50.0))
    assert span(window) == (pytest.approx(12.0, abs=0.2), pytest.approx(16.0, abs=0.2)) and vertical.chosen is None
    before = span(window)
    draw_box(view, (14.0, 80.0), (14.0, 30.0))
    assert span(window) == before and vertical.chosen is not None
    vertical.release()
    draw_box(view, (14.0, 50.0), (14.0, 50.0))
    assert span(window) == before and vertical.chosen is None


def test_the_wheel_with_ctrl_or_on_the_axis_zooms_in_height(
    view: pg.PlotWidget, window: TimeWindow, vertical: VerticalRange
) -> None:
    place = view.mapFromScene(view.getViewBox().mapViewToScene(QPointF(15.0, 0.0)))
    wheel(view, place, 120, Qt.KeyboardModifier.ControlModifier)
    assert span(window) == (10.0, 20.0)
    low, high = vertical.shown
    assert low == pytest.approx(0.0, abs=1) and high == pytest.approx(80.0, abs=1)
    wheel(view, QPoint(3, place.y()), -120)
    assert vertical.shown[1] == pytest.approx(100.0, abs=1) and span(window) == (10.0, 20.0)


def test_keys_zoom_in_height_and_show_the_whole_run(
    view: pg.PlotWidget, window: TimeWindow, vertical: VerticalRange, qtbot: QtBot
) -> None:
    window.newest_s = 100.0
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert vertical.shown == (pytest.approx(10.0), pytest.approx(90.0))
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert vertical.shown == (pytest.approx(0.0), pytest.approx(100.0))
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert span(window) == (0.0, 102.0) and vertical.chosen is None


@pytest.mark.usefixtures("markers")
def test_cursors_are_placed_and_moved_by_mouse_and_by_keys(
    view: pg.PlotWidget, window: TimeWindow, qtbot: QtBot
) -> None:
    mouse(view, QEvent.Type.MouseButtonPress, place_of(view, 12.0), Qt.KeyboardModifier.ControlModifier)
    mouse(view, QEvent.Type.MouseMove, place_of(view, 17.0))
    assert span(window) == (10.0, 20.0), "no drag"
    qtbot.keyClick(view, Qt.Key.Key_C)
    assert window.cursors == (pytest.approx(12.0, abs=0.2), pytest.approx(17.0, abs=0.2))
    before = window.cursors[1]
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert window.cursors[1] == pytest.approx(before + 0.1)
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert window.cursors == ()
    window.cursor_moved.emit(None)
    qtbot.keyClick(view, Qt.Key.Key_C)
    assert window.cursors == (15.0,), "without a pointer in the middle"


@pytest.mark.usefixtures("markers")
def test_a_key_asks_for_a_note(view: pg.PlotWidget, window: TimeWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.note_wanted) as wanted:
        qtbot.keyClick(view, Qt.Key.Key_N)
    assert wanted.args == [15.0]
