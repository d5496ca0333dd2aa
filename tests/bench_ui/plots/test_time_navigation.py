"""Wheel, drag and keys on a time plot move the time window of all plots."""

from __future__ import annotations

import pyqtgraph as pg
import pytest
from bench_ui.plots.markers import Markers
from bench_ui.plots.time_navigation import TimeNavigation
from bench_ui.plots.time_window import TimeWindow
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


def mouse(view: pg.PlotWidget, kind: QEvent.Type, place: QPoint) -> None:
    """Send an event of the left button to the view."""
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    where = view.viewport().mapToGlobal(place)
    QApplication.sendEvent(view.viewport(), QMouseEvent(kind, QPointF(place), QPointF(where), left, left, none))


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
        event = QWheelEvent(
            QPointF(place),
            QPointF(place),
            QPoint(),
            QPoint(0, delta),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(view.viewport(), event)
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
    markers.add(15.05, "peer left")
    moments: list[float | None] = []
    window.cursor_moved.connect(moments.append)
    mouse(view, QEvent.Type.MouseMove, place_of(view, 15.0))
    assert moments == [pytest.approx(15.0, abs=0.2)]
    assert view.toolTip() == "peer left"


def test_a_plot_can_describe_the_moment_under_the_pointer(view: pg.PlotWidget, window: TimeWindow) -> None:
    markers, described = Markers(), {15: "worker-1 was late", 18: ""}
    view.addItem(markers, ignoreBounds=True)
    TimeNavigation(view, window, markers, view, lambda at_s: described[round(at_s)])
    markers.add(15.05, "peer left")
    mouse(view, QEvent.Type.MouseMove, place_of(view, 15.0))
    assert view.toolTip() == "worker-1 was late\npeer left"
    mouse(view, QEvent.Type.MouseMove, place_of(view, 18.0))
    assert view.toolTip() == ""


def test_leaving_ends_the_crosshair(view: pg.PlotWidget, window: TimeWindow, qtbot: QtBot) -> None:
    navigation = TimeNavigation(view, window, Markers(), view)
    with qtbot.waitSignal(window.cursor_moved) as moved:
        navigation.leave()
    assert moved.args == [None]
