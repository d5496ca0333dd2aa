"""Tables of text: the model, the view, and copying. Events, messages, ledger and runs are such tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from bench_ui.widgets.plain_text import plain_tip

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column:
    """A column's heading and tooltip. Numbers are aligned to the right."""

    heading: str
    tooltip: str = ""
    is_number: bool = False


class TextTable(QAbstractTableModel):
    """Rows of text under headings.

    Attributes:
        rows: the rows. A row may have more cells than the table has columns; the further cells are not shown.
        color_of: returns the colour of a cell by row and column, or None for the normal colour of text.
    """

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self.rows: list[Sequence[str]] = []
        self.color_of: Callable[[int, int], QColor | None] = lambda row, column: None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 (Qt's name and signature)
        """The number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 (Qt's name and signature)
        """The number of columns."""
        return len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, tooltip, alignment or colour."""
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.rows[row][column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{self.rows[row][column]}\n{self._columns[column].tooltip}".strip())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(self._columns[column])
        if role == Qt.ItemDataRole.ForegroundRole:
            return self.color_of(row, column)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """A column's heading, tooltip or alignment."""
        if orientation == Qt.Orientation.Vertical:
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.heading
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tooltip
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def replace(self, rows: list[Sequence[str]]) -> None:
        """Show other rows. If their number is the same, selection and scroll position stay."""
        if len(rows) != len(self.rows):
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        elif rows != self.rows:
            self.rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, self.columnCount() - 1))

    def append(self, row: Sequence[str], most: int) -> None:
        """Add a row at the end. From ``most`` rows on, the oldest tenth is dropped first."""
        if len(self.rows) >= most:
            drop = max(1, most // 10)
            self.beginRemoveRows(QModelIndex(), 0, drop - 1)
            del self.rows[:drop]
            self.endRemoveRows()
        self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows))
        self.rows.append(row)
        self.endInsertRows()


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def table_view(model: QAbstractItemModel, name: str, stretch: int, parent: QWidget | None = None) -> QTableView:
    """A view of a table. It selects whole rows and copies them with Ctrl+C; column ``stretch`` takes the spare room."""
    view = QTableView(parent)
    view.setModel(model)
    view.setAccessibleName(name)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setShowGrid(False)
    view.setTabKeyNavigation(False)
    view.setWordWrap(False)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(view.fontMetrics().height() + 6)
    header = view.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
    copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), view)
    copy.setContext(Qt.ShortcutContext.WidgetShortcut)
    copy.activated.connect(lambda: copy_rows(view))
    return view


def copy_rows(view: QTableView) -> None:
    """Copy the selected rows to the clipboard, with a tab between cells."""
    model = view.model()
    rows = sorted({index.row() for index in view.selectionModel().selectedIndexes()})
    lines = ["\t".join(str(model.index(row, c).data()) for c in range(model.columnCount())) for row in rows]
    QGuiApplication.clipboard().setText("\n".join(lines))
