"""Docks in a narrow window."""

from __future__ import annotations

from bench_ui.window.narrow_window import NARROW_WINDOW, NarrowWindow
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow
from pytestqt.qtbot import QtBot

AREA = Qt.DockWidgetArea


def window_with_docks(qtbot: QtBot) -> tuple[QMainWindow, QDockWidget, QDockWidget, NarrowWindow]:
    window = QMainWindow()
    qtbot.addWidget(window)
    left, right = QDockWidget("left"), QDockWidget("right")
    window.addDockWidget(AREA.LeftDockWidgetArea, left)
    window.addDockWidget(AREA.RightDockWidgetArea, right)
    return window, left, right, NarrowWindow(window, left, right)


def test_docks_share_a_place_while_the_window_is_narrow(qtbot: QtBot) -> None:
    window, left, right, narrow = window_with_docks(qtbot)
    narrow.fit(NARROW_WINDOW)
    assert not narrow.is_stacked and window.dockWidgetArea(right) is AREA.RightDockWidgetArea
    narrow.fit(NARROW_WINDOW - 1)
    narrow.fit(NARROW_WINDOW - 2)
    assert narrow.is_stacked and window.tabifiedDockWidgets(left) == [right]
    narrow.fit(NARROW_WINDOW)
    assert not narrow.is_stacked and window.dockWidgetArea(right) is AREA.RightDockWidgetArea
    assert window.tabifiedDockWidgets(left) == []


def test_docks_that_the_user_moved_stay(qtbot: QtBot) -> None:
    window, left, right, narrow = window_with_docks(qtbot)
    window.addDockWidget(AREA.LeftDockWidgetArea, right)
    narrow.fit(NARROW_WINDOW - 1)
    assert not narrow.is_stacked and window.tabifiedDockWidgets(left) == []
    narrow.fit(NARROW_WINDOW)
    assert window.dockWidgetArea(right) is AREA.LeftDockWidgetArea
    window.addDockWidget(AREA.RightDockWidgetArea, right)
    narrow.fit(NARROW_WINDOW - 1)
    window.addDockWidget(AREA.BottomDockWidgetArea, right)
    narrow.fit(NARROW_WINDOW)
    assert window.dockWidgetArea(right) is AREA.BottomDockWidgetArea


def test_docks_that_are_hidden_meanwhile_come_back_beside_the_plots(qtbot: QtBot) -> None:
    window, left, right, narrow = window_with_docks(qtbot)
    for dock in (left, right):
        dock.hide()
    narrow.fit(NARROW_WINDOW - 1)
    assert narrow.is_stacked and window.dockWidgetArea(right) is AREA.LeftDockWidgetArea
    narrow.fit(NARROW_WINDOW)
    assert not narrow.is_stacked and window.dockWidgetArea(right) is AREA.RightDockWidgetArea
    for dock in (left, right):
        dock.show()
    assert window.tabifiedDockWidgets(left) == []
