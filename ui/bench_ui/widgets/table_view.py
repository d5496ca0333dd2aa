"""How a table is shown: sorted by a click on a head, with columns to choose, menus and copying.

table -> table order -> **table view**
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QByteArray, QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from bench_ui.widgets.table_order import TableOrder
from bench_ui.widgets.tables import TextTable

LEAST_CHARACTERS = 24
"""The least width of the column that takes the spare room, in characters."""
ROW_MARGIN = 6
"""Pixels of a row above and below its text together."""
_ORDERS = {Qt.SortOrder.AscendingOrder: "smallest first", Qt.SortOrder.DescendingOrder: "largest first"}


class TableView(QTableView):
    """A view of a table that selects whole rows. Column ``stretch`` takes the spare room.

    A click on a head sorts by its column, a third click brings the table's own order back. The menu of the heads
    chooses columns; the menu of the rows also sorts and copies, so that the keyboard can do everything.

    Attributes:
        table: the table with all rows.
        order: the rows in their order on screen.
        add_entries: adds what can be done with the selected rows to the menu of the rows.
        giving_way: the columns that are hidden where the table would scroll sideways, the first one first. A column
            that the user shows again stays.
    """

    arranged = Signal()
    """The user chose columns, their widths or the order of the rows."""

    def __init__(self, table: TextTable, name: str, stretch: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = table
        self.order = TableOrder(table, self)
        self._stretch = stretch
        self.giving_way: Sequence[int] = ()
        self._gave_way: set[int] = set()
        """The columns that are hidden now for want of room."""
        self._kept: set[int] = set()
        """The columns that the user has shown, which do not give way."""
        self._is_fitting = False
        self.add_entries: Callable[[QMenu], None] = lambda menu: None
        self.setModel(self.order)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self._fit()
        self._set_up_heads(stretch)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy_rows)

    def _fit(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + ROW_MARGIN)

    def scale_columns(self, factor: float) -> None:
        """Make all columns wider or narrower, for text of another size."""
        heads = self.horizontalHeader()
        self._bring_back()
        for place in range(heads.count()):
            if heads.sectionResizeMode(place) is QHeaderView.ResizeMode.Interactive and not self.isColumnHidden(place):
                heads.resizeSection(place, round(heads.sectionSize(place) * factor))
        self._fit_stretched_column()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Give the spare room to its column, or none if there is little."""
        super().resizeEvent(event)
        self._fit_stretched_column()

    def _fit_stretched_column(self) -> None:
        """Keep a least width, to which Qt's own stretching pays no attention.

        Columns give way first; without any left, the table scrolls sideways.
        """
        heads, place = self.horizontalHeader(), self._stretch
        least = LEAST_CHARACTERS * self.fontMetrics().averageCharWidth()
        self._is_fitting = True
        self._bring_back()
        for other in self.giving_way:
            if self._width_of_others() + least <= self.viewport().width():
                break
            if other not in self._kept and not self.isColumnHidden(other):
                self._gave_way.add(other)
                self.setColumnHidden(other, True)
        self._is_fitting = False
        others = self._width_of_others()
        if self.viewport().width() - others >= least:
            heads.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
        elif heads.sectionResizeMode(place) is QHeaderView.ResizeMode.Stretch:
            heads.setSectionResizeMode(place, QHeaderView.ResizeMode.Interactive)
            heads.resizeSection(place, least)

    def _width_of_others(self) -> int:
        """The width of all columns but the one that takes the spare room."""
        heads = self.horizontalHeader()
        return sum(heads.sectionSize(other) for other in range(heads.count()) if other != self._stretch)

    def _bring_back(self) -> None:
        """Show the columns again that gave way."""
        was_fitting, self._is_fitting = self._is_fitting, True
        for place in self._gave_way:
            self.setColumnHidden(place, False)
        self._gave_way.clear()
        self._is_fitting = was_fitting

    def _tell_arranged(self) -> None:
        # What gives way for want of room is no choice of the user.
        if not self._is_fitting:
            self.arranged.emit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Give the rows the height of their text when its size changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _set_up_heads(self, stretch: int) -> None:
        heads = self.horizontalHeader()
        heads.setHighlightSections(False)
        heads.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        heads.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
        heads.setSectionsMovable(True)
        heads.setSortIndicatorClearable(True)
        heads.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        heads.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        heads.customContextMenuRequested.connect(lambda place: self._pop_up(self.columns_menu(), heads, place))
        self.show_usual_columns()
        for changed in (heads.sortIndicatorChanged, heads.sectionMoved, heads.sectionResized):
            changed.connect(lambda *_: self._tell_arranged())

    def _pop_up(self, menu: QMenu, widget: QWidget, place: QPoint) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(widget.mapToGlobal(place))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 (Qt's name)
        """Show the menu of the rows, at the pointer or, for the keyboard, at the current row."""
        place = event.pos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            place = self.visualRect(self.currentIndex()).bottomLeft()
        self._pop_up(self.rows_menu(), self.viewport(), place)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Select the current row with the first Up or Down. Qt would go to the next row, from an only one nowhere."""
        current = self.currentIndex()
        is_first = event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not self.selectionModel().hasSelection()
        if is_first and current.isValid():
            self.selectRow(current.row())
        else:
            super().keyPressEvent(event)

    def rows_menu(self) -> QMenu:
        """The menu of the selected rows."""
        menu = QMenu(self)
        self.add_entries(menu)
        if not menu.isEmpty():
            menu.addSeparator()
        copy = menu.addAction("Copy with headings", self.copy_rows)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setEnabled(bool(self.selected_rows()))
        menu.addAction("Select all", self.selectAll)
        menu.addSeparator()
        menu.addMenu(self._sorting_menu(menu))
        columns = self.columns_menu()
        columns.setTitle("Columns")
        menu.addMenu(columns)
        return menu

    def _sorting_menu(self, parent: QMenu) -> QMenu:
        menu = QMenu("Sort by", parent)
        for place, column in enumerate(self.table.columns):
            if not self.isColumnHidden(place):
                each = menu.addMenu(column.name)
                for order, text in _ORDERS.items():
                    each.addAction(text, partial(self.sortByColumn, place, order))
        menu.addSeparator()
        menu.addAction("As they came", partial(self.sortByColumn, -1, Qt.SortOrder.AscendingOrder))
        return menu

    def columns_menu(self) -> QMenu:
        """The menu that shows and hides columns. The last column that is shown cannot be hidden."""
        menu = QMenu(self)
        shown = [place for place in range(len(self.table.columns)) if not self.isColumnHidden(place)]
        for place, column in enumerate(self.table.columns):
            action: QAction = menu.addAction(column.name)
            action.setCheckable(True)
            action.setChecked(place in shown)
            action.setEnabled(shown != [place])
            action.toggled.connect(partial(self.show_column, place))
        menu.addSeparator()
        menu.addAction("Usual columns", self.show_usual_columns)
        return menu

    def show_column(self, place: int, shown: bool) -> None:
        """Show or hide a column, as the user chose."""
        self._gave_way.discard(place)
        (self._kept.add if shown else self._kept.discard)(place)
        self.setColumnHidden(place, not shown)
        self._fit_stretched_column()
        self.arranged.emit()

    def show_usual_columns(self) -> None:
        """Show the columns that a new window shows."""
        self._gave_way.clear()
        self._kept.clear()
        for place, column in enumerate(self.table.columns):
            self.setColumnHidden(place, column.is_optional)
        self._fit_stretched_column()
        self.arranged.emit()

    @property
    def key(self) -> str:
        """The name under which an arrangement is kept. Another set of columns has another name."""
        return "-".join([self.accessibleName(), *(column.name for column in self.table.columns)]).lower()

    @property
    def arrangement(self) -> QByteArray:
        """Columns with their widths and places, and the order of the rows, for :meth:`arrange`."""
        self._bring_back()
        arrangement = self.horizontalHeader().saveState()
        self._fit_stretched_column()
        return arrangement

    def arrange(self, arrangement: QByteArray) -> None:
        """Show columns and order as they were. Bytes that are no arrangement are ignored."""
        heads = self.horizontalHeader()
        self._gave_way.clear()
        heads.restoreState(arrangement)
        self._fit_stretched_column()
        self.sortByColumn(heads.sortIndicatorSection(), heads.sortIndicatorOrder())

    def row_of(self, index: QModelIndex) -> int:
        """The row of the table that a row on screen shows; -1 if there is none."""
        return self.order.mapToSource(index).row()

    def selected_rows(self) -> list[int]:
        """The rows of the table that are selected, in their order on screen."""
        chosen = sorted(self.selectionModel().selectedRows(), key=lambda index: index.row())
        return [self.row_of(index) for index in chosen]

    def select_row(self, row: int) -> None:
        """Select one row of the table."""
        self.selectRow(self.order.mapFromSource(self.table.index(row, 0)).row())

    def copy_rows(self) -> None:
        """Copy the selected rows to the clipboard below the headings: the shown columns, with a tab between cells."""
        heads = self.horizontalHeader()
        places = [heads.logicalIndex(place) for place in range(heads.count())]
        shown = [place for place in places if not self.isColumnHidden(place)]
        lines = [[self.table.columns[place].name for place in shown]]
        lines += [[self.table.rows[row][place] for place in shown] for row in self.selected_rows()]
        QGuiApplication.clipboard().setText("\n".join("\t".join(map(_one_line, line)) for line in lines))


def _one_line(cell: str) -> str:
    """A cell without the characters that would end it in a table."""
    return " ".join(cell.split("\t")).replace("\r", " ").replace("\n", " ")
