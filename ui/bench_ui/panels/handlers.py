"""The handlers with their listeners: type, state light, endpoint, rate; and what can be done with each."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QMenu,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bench_app.engine.view import HandlerView
from bench_app.model import PATTERNS
from bench_app.preset.documents import Document
from bench_app.transport.connection import ConnectionState, ConnectionStatus
from bench_ui.panels.handler_delegate import ROW, RowDelegate
from bench_ui.panels.handler_rows import Row, rows_of
from bench_ui.panels.unit_request import UnitAction, UnitRequest
from bench_ui.scope import Scope
from bench_ui.widgets import number_format
from bench_ui.widgets.theme import LIGHT, Theme


class HandlersPanel(QWidget):
    """The tree, and the buttons above it."""

    scope_changed = Signal()
    add_wanted = Signal(str)
    """A socket type."""
    listener_wanted = Signal(str)
    """A handler's name."""
    duplicate_wanted = Signal(str)
    remove_wanted = Signal(object)
    """A list of (handler, listener) pairs; listener "" is the handler itself."""
    enable_wanted = Signal(object, bool)
    action_wanted = Signal(object)
    """With a UnitRequest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.running = False
        self._items: dict[tuple[str, str], QTreeWidgetItem] = {}
        self.tree = QTreeWidget()
        # Its rows paint their own selection; the style sheet knows it by this name.
        self.tree.setObjectName("handlers")
        self.tree.setHeaderHidden(True)
        self.tree.setIndentation(14)
        self.tree.setUniformRowHeights(False)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setAccessibleName("Handlers and their listeners")
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(
            lambda place: self.menu().popup(self.tree.viewport().mapToGlobal(place))
        )
        self._delegate = RowDelegate(self.tree)
        self.tree.setItemDelegate(self._delegate)
        self.tree.itemSelectionChanged.connect(self.scope_changed)
        self.tree.viewport().installEventFilter(self)
        add = QToolButton()
        add.setText("+ Add")
        add.setToolTip("Add a handler (Ctrl+N), or a listener to the selected one")
        add.setAccessibleName("Add a handler or listener")
        add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        add.setMenu(self._add_menu())
        remove = self._button("Remove", "Remove what is selected (Del); Ctrl+Z brings it back", self.remove_selected)
        more = self._button("⋯", "What can be done with what is selected", lambda: None)
        more.clicked.connect(lambda: self.menu().popup(more.mapToGlobal(more.rect().bottomLeft())))
        more.setAccessibleName("More actions")
        row = QHBoxLayout()
        row.setContentsMargins(8, 6, 8, 4)
        row.setSpacing(4)
        for button in (add, remove):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.tree, 1)
        delete = QAction("Remove", self, shortcut=QKeySequence(QKeySequence.StandardKey.Delete))
        delete.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        delete.triggered.connect(self.remove_selected)
        self.addAction(delete)

    def _button(self, text: str, tip: str, act: object) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.clicked.connect(act)
        return button

    def _add_menu(self) -> QMenu:
        menu = QMenu(self)
        for socket_type in PATTERNS:
            menu.addAction(f"{socket_type} handler", partial(self.add_wanted.emit, socket_type))
        menu.addSeparator()
        menu.addAction("Listener for the selected handler", self._add_listener)
        return menu

    def _add_listener(self) -> None:
        names = [handler for handler, _ in self.selected()] or [handler for handler, _ in self._items]
        if names:
            self.listener_wanted.emit(names[0])

    def selected(self) -> list[tuple[str, str]]:
        """(handler, listener) of each selected line, in the tree's order."""
        return [key for key, item in self._items.items() if item.isSelected()]

    @property
    def rows(self) -> list[Row]:
        """What the lines of the tree show, from top to bottom."""
        return [item.data(0, ROW) for item in self._items.values()]

    def remove_selected(self) -> None:
        """Ask for what is selected to go."""
        if chosen := self.selected():
            self.remove_wanted.emit(chosen)

    @property
    def scope(self) -> Scope:
        """What the plots are to show: the selected handlers, or all."""
        chosen = self.selected()
        if len(chosen) == 1 and chosen[0][1]:
            return Scope((chosen[0][0],), chosen[0][1])
        names = dict.fromkeys(handler for handler, _ in chosen or self._items)
        return Scope(tuple(names), everything=not chosen)

    def select(self, handler: str, listener: str = "") -> None:
        """Select one line."""
        item = self._items.get((handler, listener))
        if item is not None:
            self.tree.setCurrentItem(item)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """How many lines an address takes depends on the width."""
        if event.type() == QEvent.Type.Resize:
            self.tree.scheduleDelayedItemsLayout()
        return bool(super().eventFilter(watched, event))

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self.theme = self._delegate.theme = theme
        self.tree.viewport().update()

    def show_document(self, document: Document | None) -> None:
        """The tree of a document; what was selected stays selected where it is still there."""
        chosen = self.selected()
        self.tree.blockSignals(True)
        rows = rows_of(document)
        if [(row.handler, row.listener) for row in rows] != list(self._items):
            self.tree.clear()
            self._items = {}
            parent: QTreeWidgetItem | None = None
            for row in rows:
                item = QTreeWidgetItem(parent if row.listener and parent is not None else self.tree)
                if not row.listener:
                    parent = item
                self._items[(row.handler, row.listener)] = item
            self.tree.expandAll()
        for row in rows:
            self._show(row)
        for key in chosen:
            if key in self._items:
                self._items[key].setSelected(True)
        self.tree.blockSignals(False)
        if self.selected() != chosen:
            self.scope_changed.emit()

    def refresh(self, views: list[HandlerView], paused: set[tuple[str, str]]) -> None:
        """States and rates of a run."""
        for view in views:
            self._update((view.name, ""), view.status, view.offered_rate, paused, view.endpoint.replace("tcp://", ""))
            for listener in view.listeners:
                self._update((view.name, listener.name), listener.status, listener.received_rate, paused)

    def _update(
        self,
        key: tuple[str, str],
        status: ConnectionStatus,
        rate: float,
        paused: set[tuple[str, str]],
        endpoint: str = "",
    ) -> None:
        item = self._items.get(key)
        if item is None:
            return
        row: Row = item.data(0, ROW)
        self._show(
            Row(
                handler=row.handler,
                listener=row.listener,
                badge=row.badge,
                name=row.name,
                # A row that shows two addresses keeps the one of the preset in front.
                wanted=row.wanted if row.used else endpoint or row.wanted,
                used=endpoint if row.used else "",
                state=status.state,
                sentence=_in_words(status),
                rate=number_format.rate(rate),
                paused=key in paused,
            )
        )

    def _show(self, row: Row) -> None:
        item = self._items[(row.handler, row.listener)]
        before: Row | None = item.data(0, ROW)
        if before == row:
            return
        item.setData(0, ROW, row)
        if before is not None and before.endpoint != row.endpoint:
            # It may take more lines than before.
            self.tree.scheduleDelayedItemsLayout()
        where = f"\n{row.endpoint}" if row.endpoint else ""
        unit = "Messages received" if row.listener else "Events offered"
        item.setToolTip(0, f"{row.badge} {row.name}{where}\n{row.sentence}\n{unit} a second, over the last second.")
        words = f"{row.badge} {row.name}, {row.sentence}, {row.rate}"
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, words)

    def menu(self) -> QMenu:
        """What can be done with what is selected."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chosen = self.selected()
        handlers = [handler for handler, listener in chosen if not listener]
        if len(chosen) == 1:
            handler, listener = chosen[0]
            row: Row = self._items[chosen[0]].data(0, ROW)
            if self.running:
                if row.paused:
                    self._offer(menu, "Go on", UnitRequest(UnitAction.RESUME, handler, listener))
                else:
                    self._offer(menu, "Pause", UnitRequest(UnitAction.PAUSE, handler, listener))
                if row.state == ConnectionState.GAVE_UP:
                    self._offer(menu, "Connect again", UnitRequest(UnitAction.RECONNECT, handler))
                if not listener:
                    self._offer(menu, "Stop this handler", UnitRequest(UnitAction.STOP, handler))
                kill = UnitRequest(UnitAction.KILL, handler, listener)
                self._offer(menu, "Kill its worker process (a fault)", kill)
            elif not listener:
                self._offer(menu, "Run this handler alone", UnitRequest(UnitAction.START_ALONE, handler))
                self._offer(menu, "Measure capacity", UnitRequest(UnitAction.MEASURE_CAPACITY, handler))
            menu.addSeparator()
            if not listener:
                menu.addAction("Add a listener", lambda: self.listener_wanted.emit(handler))
                menu.addAction("Duplicate", lambda: self.duplicate_wanted.emit(handler))
            self._offer(menu, "Rename…", UnitRequest(UnitAction.RENAME, handler, listener))
        if handlers:
            menu.addAction("Enable", lambda: self.enable_wanted.emit(handlers, True))
            menu.addAction("Disable", lambda: self.enable_wanted.emit(handlers, False))
        if chosen:
            menu.addAction("Remove", self.remove_selected)
        else:
            for action in self._add_menu().actions():
                menu.addAction(action)
        return menu

    def _offer(self, menu: QMenu, text: str, request: UnitRequest) -> None:
        menu.addAction(text, lambda: self.action_wanted.emit(request))


def _in_words(status: ConnectionStatus) -> str:
    has_more = status.message and status.message != status.label
    return f"{status.label}: {status.message}" if has_more else status.label
