"""Layouts of the docks, saved under names."""

from __future__ import annotations

from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt

from tests.bench_ui.driving import InWindow, open_preset
from tests.runs import preset

AREA = Qt.DockWidgetArea


def entries(window: MainWindow) -> list[str]:
    window.layouts.menu.aboutToShow.emit()
    return [action.text() for action in window.layouts.menu.actions() if action.text()]


def test_layouts_are_saved_chosen_deleted_and_come_back(in_window: InWindow) -> None:
    async def save(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        handlers, settings, below = window.panel_layout.docks
        assert entries(window) == ["Save this layout…", "Delete", "Usual layout"]
        window.addDockWidget(AREA.LeftDockWidgetArea, settings)
        window.panel_layout.set_closed(below, True)
        window.layouts.save("tuning")
        window.layouts.reset()
        assert window.dockWidgetArea(settings) is AREA.RightDockWidgetArea and below.isVisible()
        window.panel_layout.set_closed(handlers, True)
        window.layouts.save("plain")

    async def look(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        handlers, settings, below = window.panel_layout.docks
        assert entries(window)[:2] == ["plain", "tuning"]
        window.layouts.show("tuning")
        assert window.dockWidgetArea(settings) is AREA.LeftDockWidgetArea
        assert [dock.isVisible() for dock in (handlers, settings, below)] == [True, True, False]
        window.layouts.show("plain")
        assert [dock.isVisible() for dock in (handlers, settings, below)] == [False, True, True]
        window.settings.delete_layout("plain")
        window.layouts.show("plain")
        assert entries(window)[0] == "tuning"

    in_window(save)
    in_window(look)
