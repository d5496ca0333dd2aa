"""Layouts of the docks that the user saved under names: View menu -> **layouts** -> docks, settings."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QMainWindow, QMenu

from bench_ui.window import dialogs
from bench_ui.window.panel_layout import PanelLayout
from bench_ui.window.settings import DockLayout, WindowSettings


class Layouts:
    """Saves the places of the docks under a name, and brings them back.

    Attributes:
        menu: the layouts and what can be done with them.
    """

    def __init__(self, window: QMainWindow, panels: PanelLayout, settings: WindowSettings) -> None:
        self._window, self._panels, self._settings = window, panels, settings
        self._usual: QByteArray = window.saveState()
        self.menu = QMenu("&Layouts", window)
        self.menu.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.menu.clear()
        names = sorted(self._settings.layouts, key=str.casefold)
        for name in names:
            self.menu.addAction(name.replace("&", "&&"), partial(self.show, name))
        if names:
            self.menu.addSeparator()
        self.menu.addAction("Save this layout…", self._ask_name)
        delete = self.menu.addMenu("Delete")
        delete.setEnabled(bool(names))
        for name in names:
            delete.addAction(name.replace("&", "&&"), partial(self._settings.delete_layout, name))
        self.menu.addAction("Usual layout", self.reset)

    def _ask_name(self) -> None:
        dialogs.ask_text(self._window, "Name of this layout", "", lambda name: self.save(name) if name else None)

    def save(self, name: str) -> None:
        """Save the places of the docks under a name; a layout of this name is replaced."""
        closed = tuple(sorted(self._panels.closed_docks))
        self._settings.save_layout_as(name, DockLayout(self._window.saveState(), closed))

    def show(self, name: str) -> None:
        """Place the docks as they were saved under this name."""
        layout = self._settings.layouts.get(name)
        if layout is not None:
            self._place(layout)

    def reset(self) -> None:
        """Place the docks as in a new window."""
        self._place(DockLayout(self._usual))

    def _place(self, layout: DockLayout) -> None:
        self._panels.narrow.is_stacked = False
        self._window.restoreState(layout.state)
        self._panels.set_closed_docks(layout.closed)
        self._panels.fit_size(self._window.size())
