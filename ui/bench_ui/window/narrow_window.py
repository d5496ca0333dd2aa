"""In a narrow window the settings share the place of the handlers: window size -> **narrow window** -> docks."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

NARROW_WINDOW = 1080
"""A window narrower than this has no room for plots between two docks, in pixels."""
SIDE_WIDTHS = (236, 300)
"""The widths of the docks left and right of the plots at first, in pixels."""


class NarrowWindow:
    """Puts two docks behind each other where the window is narrow, and beside the plots again where it is wide.

    Docks that the user placed elsewhere stay there.

    Attributes:
        is_stacked: True while this object keeps the docks behind each other.
    """

    def __init__(self, window: QMainWindow, left: QDockWidget, right: QDockWidget) -> None:
        self.is_stacked = False
        self._window, self._left, self._right = window, left, right

    def fit(self, width: int) -> None:
        """Place the docks for this width of the window."""
        if width < NARROW_WINDOW:
            self._stack()
        else:
            self.unstack()

    def _stack(self) -> None:
        areas = [self._window.dockWidgetArea(dock) for dock in (self._left, self._right)]
        own = [Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea]
        if self.is_stacked or areas != own or self._left.isFloating() or self._right.isFloating():
            return
        self._window.tabifyDockWidget(self._left, self._right)
        self._left.raise_()
        self.is_stacked = True

    def unstack(self) -> None:
        """Put the docks beside the plots again, if this object stacked them and the user left them there."""
        if not self.is_stacked:
            return
        self.is_stacked = False
        # Qt names only docks that can be seen, and the gallery hides them.
        is_hidden = self._right.isHidden() and not self._right.isFloating()
        if is_hidden or self._right in self._window.tabifiedDockWidgets(self._left):
            self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self._right)
            self._window.resizeDocks([self._left, self._right], SIDE_WIDTHS, Qt.Orientation.Horizontal)
