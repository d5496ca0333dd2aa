"""Tables of text: columns and rows. Events, messages, ledger and runs are such tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from bench_ui.widgets.plain_text import plain_tip

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        heading, tooltip: what its head shows.
        is_number: its cells are aligned to the right, and sorted as numbers.
        is_optional: it is hidden until the user chooses it.
        title: its name in the menu of columns; "" for the heading.
    """

    heading: str
    tooltip: str = ""
    is_number: bool = False
    is_optional: bool = False
    title: str = ""

    @property
    def name(self) -> str:
        """The name of the column for the user."""
        return self.title or self.heading


class TextTable(QAbstractTableModel):
    """Rows of text under headings.

    Attributes:
        rows: the rows. A row may have more cells than the table has columns; the further cells are not shown.
        columns: the columns.
        head_of: returns the first row of a row's group, which is the row itself unless rows belong together.
        color_of: returns the colour of a cell by row and column, or None for the normal colour of text.
    """

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: list[Sequence[str]] = []
        self.head_of: Callable[[int], int] = lambda row: row
        self.color_of: Callable[[int, int], QColor | None] = lambda row, column: None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 (Qt's name and signature)
        """The number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 (Qt's name and signature)
        """The number of columns."""
        return len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, tooltip, alignment or colour."""
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.rows[row][column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{self.rows[row][column]}\n{self.columns[column].tooltip}".strip())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(self.columns[column])
        if role == Qt.ItemDataRole.ForegroundRole:
            return self.color_of(row, column)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """A column's heading, tooltip or alignment."""
        if orientation == Qt.Orientation.Vertical:
            return None
        column = self.columns[section]
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
