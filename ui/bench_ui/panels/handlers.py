"""The tree of handlers and listeners, and the actions on them.

document and views -> rows -> **handlers panel** -> selection and requests -> window
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QResizeEvent
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
from bench_ui.panels.handler_delegate import ROW, USUAL_DETAILS, Detail, RowDelegate
from bench_ui.panels.handler_groups import GROUPED_FROM, group_row
from bench_ui.panels.handler_menu import Entry, rename_entry, unit_entries
from bench_ui.panels.handler_rows import (
    COPIED_HEADINGS,
    Row,
    consumer_in_run,
    handler_in_run,
    left_out_rows,
    listener_in_run,
    rows_of,
)
from bench_ui.panels.own_consumer import OWN_CONSUMER
from bench_ui.scope import Scope
from bench_ui.widgets.plain_text import plain_tip
from bench_ui.widgets.table_tools import FilterLine
from bench_ui.widgets.theme import LIGHT, Theme


class _Tree(QTreeWidget):
    """Lays its lines out again when its width changes: an address may then need another number of lines."""

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """The width may be another one."""
        self.scheduleDelayedItemsLayout()
        super().resizeEvent(event)


class HandlersPanel(QWidget):
    """The tree and the buttons above it. The panel emits signals, and the window carries them out.

    A line of the tree is a (handler, listener) pair; the listener is "" for the handler itself.

    Attributes:
        tree: the tree.
        filter_line: the text that the shown lines contain.
        running: True during a run, in which the menu offers other actions.
        theme: the colours.
    """

    scope_changed = Signal()
    """Other lines are selected."""
    add_wanted = Signal(str)
    """With the socket type of a new handler."""
    listener_wanted = Signal(str)
    """With the name of the handler that gets a new listener."""
    duplicate_wanted = Signal(str)
    """With a handler's name."""
    remove_wanted = Signal(object)
    """With a list of (handler, listener) pairs."""
    enable_wanted = Signal(object, bool)
    """With a list of handlers' names, and False to disable them."""
    action_wanted = Signal(object)
    """With a UnitRequest."""
    count_wanted = Signal(str)
    """With a handler whose own consumer is to be counted by receipts."""
    details_changed = Signal()
    """The user chose what the lines show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.running = False
        self._items: dict[tuple[str, str], QTreeWidgetItem] = {}
        self._groups: dict[str, QTreeWidgetItem] = {}
        """The rows above many handlers, by socket type; empty for few handlers."""
        self._left_out: list[QTreeWidgetItem] = []
        """The rows of handlers that are not for ZeroMQ, at the end. They cannot be selected."""
        self._structure: list[tuple[str, str, str]] = []
        self._rates: dict[str, float] = {}
        """The events that each handler of the run offers a second."""
        self.tree = _Tree()
        # The delegate paints the selection; a rule of the style sheet for this name turns Qt's own off.
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
        add = QToolButton()
        add.setText("+ Add")
        add.setToolTip("Add a handler (Ctrl+N), or a listener to the selected one")
        add.setAccessibleName("Add a handler or listener")
        add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        add.setMenu(self._add_menu())
        remove = self._button("Remove", "Remove the selection (Del); Ctrl+Z restores it", self.remove_selected)
        more = self._button("⋯", "Actions on the selection", lambda: None)
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
        self.filter_line = FilterLine("Find a handler")
        self.filter_line.fill_room()
        self.filter_line.textChanged.connect(lambda _: self._show_matching())
        search = QHBoxLayout()
        search.setContentsMargins(8, 0, 8, 4)
        search.addWidget(self.filter_line)
        column.addLayout(row)
        column.addLayout(search)
        column.addWidget(self.tree, 1)
        copy = QAction("Copy", self.tree, shortcut=QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy_selected)
        self.tree.addAction(copy)
        delete = QAction("Remove", self, shortcut=QKeySequence(QKeySequence.StandardKey.Delete))
        delete.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        delete.triggered.connect(self.remove_selected)
        self.addAction(delete)

    @property
    def details(self) -> frozenset[Detail]:
        """What the lines show beside light, badge and name."""
        return self._delegate.details

    def show_details(self, details: Iterable[Detail]) -> None:
        """Choose what the lines show beside light, badge and name."""
        self._delegate.details = frozenset(details)
        self.tree.scheduleDelayedItemsLayout()
        self.tree.viewport().update()

    def _choose_details(self, details: Iterable[Detail]) -> None:
        self.show_details(details)
        self.details_changed.emit()

    def _details_menu(self, parent: QMenu) -> QMenu:
        menu = QMenu("Columns", parent)
        for detail in Detail:
            action = menu.addAction(detail.value)
            action.setCheckable(True)
            action.setChecked(detail in self.details)
            action.triggered.connect(lambda _=False, detail=detail: self._choose_details(self.details ^ {detail}))
        menu.addSeparator()
        menu.addAction("Usual columns", lambda: self._choose_details(USUAL_DETAILS))
        return menu

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
        """The selected lines, from top to bottom. A selected group stands for its handlers."""
        groups = {socket_type for socket_type, item in self._groups.items() if item.isSelected()}
        return [
            key
            for key, item in self._items.items()
            if item.isSelected() or (groups and not key[1] and self._row(key).badge in groups)
        ]

    @property
    def rows(self) -> list[Row]:
        """The lines of the tree, from top to bottom."""
        return [self._row(key) for key in self._items]

    def remove_selected(self) -> None:
        """Ask the window to remove the selected lines."""
        if chosen := [key for key in self.selected() if not self._is_own_consumer(key)]:
            self.remove_wanted.emit(chosen)

    def copy_selected(self) -> None:
        """Copy the selected lines to the clipboard below headings, with a tab between cells."""
        lines = [COPIED_HEADINGS, *(self._row(key).copied_cells for key in self.selected())]
        QGuiApplication.clipboard().setText("\n".join("\t".join(cells) for cells in lines))

    @property
    def scope(self) -> Scope:
        """The selected handlers, or the selected listener; all handlers if nothing is selected."""
        chosen = self.selected()
        if len(chosen) == 1 and self._is_own_consumer(chosen[0]):
            return Scope((chosen[0][0],), is_own_consumer=True)
        if len(chosen) == 1 and chosen[0][1]:
            return Scope((chosen[0][0],), chosen[0][1])
        names = dict.fromkeys(handler for handler, _ in chosen or self._items)
        return Scope(tuple(names), everything=not chosen)

    def select(self, handler: str, listener: str = "") -> None:
        """Select one line; nothing if there is no such line."""
        item = self._items.get((handler, listener))
        if item is not None:
            # Otherwise Qt would look at Ctrl and Shift, which may be held for something else.
            select = QItemSelectionModel.SelectionFlag
            self.tree.setCurrentItem(item, 0, select.ClearAndSelect | select.Rows)

    def clear_selection(self) -> None:
        """Select nothing, which means all handlers."""
        self.tree.clearSelection()

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self.theme = self._delegate.theme = theme
        self.tree.viewport().update()

    def show_document(self, document: Document | None) -> None:
        """Show the handlers of a document. Selected lines stay selected if the document still has them."""
        chosen = self.selected()
        self.tree.blockSignals(True)
        rows, left_out = rows_of(document), left_out_rows(document)
        is_grouped = sum(not row.listener for row in rows) >= GROUPED_FROM
        structure = [(row.handler, row.listener, row.badge if is_grouped else "") for row in rows]
        structure += [(row.handler, row.endpoint, row.status) for row in left_out]
        if structure != self._structure:
            self._structure = structure
            self._make_items(rows, is_grouped)
            self._add_left_out(left_out)
        for row in rows:
            self._show(row)
        self._rates.clear()
        self._show_groups()
        for key in chosen:
            if key in self._items:
                self._items[key].setSelected(True)
        self.tree.blockSignals(False)
        self._show_matching()
        if self.selected() != chosen:
            self.scope_changed.emit()

    def _make_items(self, rows: list[Row], is_grouped: bool) -> None:
        """Make the lines of the tree. In groups the listeners are folded, so that the handlers are below each other."""
        self.tree.clear()
        self._items, self._groups = {}, {}
        if is_grouped:
            for badge in dict.fromkeys(row.badge for row in rows if not row.listener):
                self._groups[badge] = QTreeWidgetItem(self.tree)
        parent: QTreeWidgetItem | None = None
        for row in rows:
            if row.listener and parent is not None:
                item = QTreeWidgetItem(parent)
            else:
                parent = item = QTreeWidgetItem(self._groups[row.badge] if is_grouped else self.tree)
            self._items[(row.handler, row.listener)] = item
        if is_grouped:
            self.tree.expandToDepth(0)
        else:
            self.tree.expandAll()

    def _add_left_out(self, rows: list[Row]) -> None:
        self._left_out = []
        for row in rows:
            item = QTreeWidgetItem(self.tree)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            item.setData(0, ROW, row)
            item.setToolTip(0, plain_tip(f"{row.name}\n{row.status}\n{row.endpoint}. Saving keeps it as it is."))
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, row.accessible_text)
            self._left_out.append(item)

    def _show_groups(self) -> None:
        for socket_type, item in self._groups.items():
            rows = [row for key in self._items if not key[1] and (row := self._row(key)).badge == socket_type]
            self._show_in(item, group_row(socket_type, rows, self._rates))

    def _show_matching(self) -> None:
        """Hide the lines that the filter leaves out. A handler and its listeners are shown together."""
        wanted = self.filter_line.text().casefold()
        rows = self.rows
        found = {row.handler for row in rows if wanted in row.searched_text}
        for (handler, _), item in self._items.items():
            item.setHidden(handler not in found)
        for socket_type, item in self._groups.items():
            item.setHidden(not any(row.badge == socket_type for row in rows if row.handler in found))
        for item in self._left_out:
            item.setHidden(wanted not in item.data(0, ROW).searched_text)
        handlers = {row.handler for row in rows}
        self.filter_line.show_count(len(found), len(handlers))

    def refresh(self, views: Sequence[HandlerView], paused: set[tuple[str, str]], with_groups: bool = True) -> None:
        """Show the states and rates of handlers in a run. ``paused`` are (handler, listener) pairs.

        ``with_groups``: show the sums of the groups, too. With many handlers, only the last of several calls does.
        """
        # One repaint for all lines: with hundreds of them, a signal for each change takes longer than a frame.
        self.tree.model().blockSignals(True)
        self._show_views(views, paused)
        if self._groups and with_groups:
            self._show_groups()
        self.tree.model().blockSignals(False)
        self.tree.viewport().update()

    def _show_views(self, views: Sequence[HandlerView], paused: set[tuple[str, str]]) -> None:
        for view in views:
            key = (view.name, "")
            if key in self._items:
                self._show(handler_in_run(self._row(key), view, key in paused))
            if (view.name, OWN_CONSUMER) in self._items and not view.listeners:
                self._show(consumer_in_run(self._row((view.name, OWN_CONSUMER)), view))
            for listener in view.listeners:
                key = (view.name, listener.name)
                if key in self._items:
                    self._show(listener_in_run(self._row(key), listener, key in paused))
            self._rates[view.name] = view.offered_rate

    def _is_own_consumer(self, key: tuple[str, str]) -> bool:
        """Whether a line is a consumer of the user that no listener counts."""
        return key[1] == OWN_CONSUMER and self._row(key).name == OWN_CONSUMER

    def _row(self, key: tuple[str, str]) -> Row:
        row: Row = self._items[key].data(0, ROW)
        return row

    def _show(self, row: Row) -> None:
        self._show_in(self._items[(row.handler, row.listener)], row)

    def _show_in(self, item: QTreeWidgetItem, row: Row) -> None:
        before: Row | None = item.data(0, ROW)
        if before == row:
            return
        item.setData(0, ROW, row)
        if before is not None and before.endpoint_text != row.endpoint_text:
            # The new address may need another number of lines.
            self.tree.scheduleDelayedItemsLayout()
        if before is None or before.tooltip != row.tooltip:
            item.setToolTip(0, plain_tip(row.tooltip))
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, row.accessible_text)

    def menu(self) -> QMenu:
        """A menu of the actions on the selected units; it deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chosen = self.selected()
        if len(chosen) == 1:
            self._add_unit_entries(menu, self._row(chosen[0]))
        if handlers := [handler for handler, listener in chosen if not listener]:
            menu.addAction("Enable", lambda: self.enable_wanted.emit(handlers, True))
            menu.addAction("Disable", lambda: self.enable_wanted.emit(handlers, False))
        if chosen:
            menu.addAction("Remove", self.remove_selected)
            menu.addSeparator()
            menu.addAction("Copy with headings", self.copy_selected).setShortcut(QKeySequence.StandardKey.Copy)
        else:
            for action in self._add_menu().actions():
                menu.addAction(action)
        menu.addSeparator()
        menu.addMenu(self._details_menu(menu))
        return menu

    def _add_unit_entries(self, menu: QMenu, row: Row) -> None:
        if self._is_own_consumer((row.handler, row.listener)):
            menu.addAction("Copy address", partial(_copy_address, row))
            menu.addAction("Count it by receipts", partial(self.count_wanted.emit, row.handler))
            menu.addSeparator()
            return
        for entry in unit_entries(row, self.running):
            self._add_entry(menu, entry)
        menu.addSeparator()
        if not row.listener:
            menu.addAction("Add a listener", lambda: self.listener_wanted.emit(row.handler))
            menu.addAction("Duplicate", lambda: self.duplicate_wanted.emit(row.handler))
        self._add_entry(menu, rename_entry(row))

    def _add_entry(self, menu: QMenu, entry: Entry) -> None:
        menu.addAction(entry.text, lambda: self.action_wanted.emit(entry.request))


def _copy_address(row: Row) -> None:
    QGuiApplication.clipboard().setText(f"tcp://{row.endpoint}" if "://" not in row.endpoint else row.endpoint)
