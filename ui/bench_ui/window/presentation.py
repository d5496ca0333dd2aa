"""Presentation mode: flow strip, plots and big numbers only, readable from three metres."""

from __future__ import annotations

from PySide6.QtWidgets import QMainWindow

from bench_ui.window.panel_layout import PanelLayout
from bench_ui.window.panels import Panels
from bench_ui.window.settings import WindowSettings


class Presentation:
    """Switches presentation mode on and off; the docks come back where they were."""

    def __init__(self, window: QMainWindow, panels: Panels, layout: PanelLayout, settings: WindowSettings) -> None:
        self._window, self._panels, self._layout, self._settings = window, panels, layout, settings

    @property
    def active(self) -> bool:
        """True while presentation mode is on."""
        return self._layout.presenting

    def toggle(self) -> None:
        """Switch presentation mode on or off."""
        active = not self.active
        if active:
            self._settings.save_layout(self._window)
        self._layout.set_presenting(active)
        self._window.statusBar().setVisible(not active)
        self._window.menuBar().setVisible(not active)
        self.apply_sizes()
        if active:
            self._window.showFullScreen()
        else:
            self._window.showNormal()
            self._settings.restore_docks(self._window)

    def apply_sizes(self) -> None:
        """Give the panels their sizes again. A new style sheet takes away the fonts that were set before it."""
        for part in (self._panels.run_bar, self._panels.flow, self._panels.board):
            part.set_large(self.active)
