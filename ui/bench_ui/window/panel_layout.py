"""Where the panels are: gallery or plots in the centre, docks at the left and right, tabs below."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QStackedWidget, QTabWidget, QWidget

from bench_ui.plots.board import board_column
from bench_ui.widgets.table_tools import ToolsStack
from bench_ui.window.narrow_window import SIDE_WIDTHS, NarrowWindow
from bench_ui.window.panels import Panels

LEAST_BELOW, BELOW_SHARE = 156, 0.22
"""The least height in pixels of the tabs below the plots, and their share of the window's height."""
LEAST_LINES = 24
"""A window that is lower than so many lines of text has no flow strip. The head and the ledger have its numbers."""
EDGE_MARGIN = 8
"""The room in pixels between the plots and an edge of the window that has no dock."""


class Dock(QDockWidget):
    """A dock that says when the user closes it."""

    closed = Signal()
    """The user has closed the dock."""

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """Say so."""
        super().closeEvent(event)
        self.closed.emit()


class Tabs(QTabWidget):
    """Tabs that say when they get another width, before they place their corner widget."""

    resizing = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Say so."""
        self.resizing.emit()
        super().resizeEvent(event)


class PanelLayout(QStackedWidget):
    """The centre of the window, which shows the gallery, the plots or the lab, and the docks around it.

    Attributes:
        docks: handlers at the left, settings at the right, tabs below.
        narrow: places the docks where the window is narrow.
        tabs: events, messages, ledger and runs.
        presenting: True while only flow strip and plots are shown.
        closed_docks: the object names of the docks that the user closed. They stay closed until the user opens them.
    """

    closed_docks_changed = Signal()

    def __init__(self, window: QMainWindow, panels: Panels) -> None:
        super().__init__(window)
        self.presenting = False
        self.closed_docks: set[str] = set()
        self._window = window
        self._gallery, self._flow = panels.gallery, panels.flow
        self._plots = board_column(
            panels.board, panels.banner, panels.caption_bar, panels.scene, panels.flow, below=panels.story_controls
        )
        self.addWidget(self._gallery)
        self.addWidget(self._plots)
        self._lab: QWidget | None = None
        window.addToolBar(panels.run_bar)
        window.addToolBarBreak()
        window.addToolBar(panels.advice)
        # Qt shows a bar that is added.
        panels.advice.hide()
        window.setCentralWidget(self)
        self.tabs = Tabs()
        self._tools = ToolsStack()
        self._make_tabs(panels)
        self.docks = [
            self._dock("Handlers", panels.handlers, Qt.DockWidgetArea.LeftDockWidgetArea),
            self._dock("Settings", panels.settings, Qt.DockWidgetArea.RightDockWidgetArea),
            self._dock("Run", self.tabs, Qt.DockWidgetArea.BottomDockWidgetArea),
        ]
        # An empty title bar, because each tab has a title already.
        self.docks[2].setTitleBarWidget(QWidget(self.docks[2]))
        window.resizeDocks(self.docks[:2], SIDE_WIDTHS, Qt.Orientation.Horizontal)
        self.narrow = NarrowWindow(window, self.docks[0], self.docks[1])
        self._below_height = LEAST_BELOW
        window.resizeDocks(self.docks[2:], [LEAST_BELOW], Qt.Orientation.Vertical)
        self.show_docks()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._uncover)

    def _make_tabs(self, panels: Panels) -> None:
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.setAccessibleName("Events, messages, ledger, runs")
        self.tabs.tabBar().setAccessibleName("Events, messages, ledger, runs")
        for panel, name in (
            (panels.events, "Events"),
            (panels.messages, "Messages"),
            (panels.ledger, "Ledger"),
            (panels.runs, "Runs"),
        ):
            self.tabs.addTab(panel, name)
            self._tools.addWidget(panel.tools)
        self._tools.room_of = lambda: self.tabs.width() - self.tabs.tabBar().sizeHint().width()
        self.tabs.resizing.connect(self._tools.fit)
        # The tools are beside the tabs, so that they take no room from the tables.
        self.tabs.setCornerWidget(self._tools, Qt.Corner.TopRightCorner)
        self.tabs.currentChanged.connect(self._show_tools)

    def _show_tools(self, index: int) -> None:
        self._tools.setCurrentIndex(index)
        self._tools.fit()
        # A QTabWidget lays out its corner widget only when it is resized itself.
        QApplication.sendEvent(self.tabs, QResizeEvent(self.tabs.size(), self.tabs.size()))

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> Dock:
        dock = Dock(title, self._window)
        dock.setObjectName(f"dock-{title.lower()}")
        dock.setWidget(widget)
        # In place of toggleViewAction(), which takes a dock that the gallery hides for one that the user closed.
        dock.closed.connect(lambda: self.set_closed(dock, True))
        self._window.addDockWidget(area, dock)
        for moved in (dock.dockLocationChanged, dock.topLevelChanged):
            moved.connect(lambda *_: self._fit_margins())
        return dock

    @property
    def gallery_shown(self) -> bool:
        """True while the gallery is in the centre."""
        return self.currentWidget() is self._gallery

    @property
    def plots_shown(self) -> bool:
        """True while the plots are in the centre."""
        return self.currentWidget() is self._plots

    @property
    def lab_shown(self) -> bool:
        """True while the lab is in the centre."""
        return self._lab is not None and self.currentWidget() is self._lab

    def show_lab(self, lab: QWidget) -> None:
        """Show the lab in the centre, without docks: its pictures need the room."""
        if self._lab is None:
            self._lab = lab
            self.addWidget(lab)
        self.setCurrentWidget(lab)
        self.show_docks()

    def show_gallery(self) -> None:
        """Show the presets in the centre, without docks, and let the next key search them."""
        self.setCurrentWidget(self._gallery)
        self._gallery.filter_line.setFocus()
        self.show_docks()

    def show_plots(self) -> None:
        """Show banner, flow strip and plots in the centre, with docks unless presenting."""
        self.setCurrentWidget(self._plots)
        self.show_docks()

    def toggle_dock(self, number: int) -> None:
        """Close a dock, or open it again; a dock behind another one comes to the front.

        Beside the gallery and in the presentation there are no docks.
        """
        dock = self.docks[number]
        if not self.plots_shown or self.presenting:
            return
        is_open = dock.objectName() not in self.closed_docks
        if is_open and dock.visibleRegion().isEmpty():
            dock.raise_()
        else:
            self.set_closed(dock, is_open)

    def _uncover(self, _: QWidget | None, focused: QWidget | None) -> None:
        """Bring a dock to the front whose field gets the focus: Tab also goes into one that another dock covers."""
        for dock in self.docks:
            if focused is not None and dock.isAncestorOf(focused) and dock.visibleRegion().isEmpty():
                dock.raise_()

    def set_closed(self, dock: QDockWidget, closed: bool) -> None:
        """Close a dock until the user opens it, or open it."""
        if closed:
            self.closed_docks.add(dock.objectName())
        else:
            self.closed_docks.discard(dock.objectName())
        self.show_docks()
        if not closed:
            # In place of the dock that it shares its place with.
            dock.raise_()
        self.closed_docks_changed.emit()

    def set_closed_docks(self, names: Iterable[str]) -> None:
        """Close these docks, by object name, and open the others."""
        self.closed_docks = set(names)
        self.show_docks()
        self.closed_docks_changed.emit()

    def show_docks(self) -> None:
        """Show the docks beside the plots, and hide them beside the gallery and the lab."""
        if not self.presenting:
            for dock in self.docks:
                dock.setVisible(self.plots_shown and dock.objectName() not in self.closed_docks)
            self._fit_margins()

    def _fit_margins(self) -> None:
        """Keep the plots away from the edges of the window where no dock is beside them."""
        beside = {self._window.dockWidgetArea(one) for one in self.docks if not (one.isHidden() or one.isFloating())}
        left, right = (
            0 if area in beside else EDGE_MARGIN
            for area in (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea)
        )
        self._plots.setContentsMargins(left, 0, right, 0)

    def set_presenting(self, presenting: bool) -> None:
        """Show only flow strip and plots, with a margin; False shows the docks again."""
        self.presenting = presenting
        self.show_docks()
        if presenting:
            for dock in self.docks:
                dock.hide()
        self._fit_margins()
        if presenting:
            self.setCurrentWidget(self._plots)

    @property
    def has_room_for_flow(self) -> bool:
        """False in a window that is so low for its text that the flow strip would leave no room for a plot."""
        return self._window.height() >= LEAST_LINES * self._window.fontMetrics().height()

    def fit_size(self, size: QSize) -> None:
        """Fit docks and tabs to the size of the window, except those that the user placed or sized."""
        if self.presenting:
            return
        self.narrow.fit(size.width())
        self._flow.setVisible(self.has_room_for_flow)
        self._fit_margins()
        below = self.docks[2]
        if below.isHidden() or below.height() == self._below_height:
            self._below_height = max(LEAST_BELOW, int(size.height() * BELOW_SHARE))
            self._window.resizeDocks([below], [self._below_height], Qt.Orientation.Vertical)
