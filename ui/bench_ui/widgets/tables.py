"""A plain table model over rows of text: what events, messages, ledger and runs are shown with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStackedWidget,
    QTableView,
    QWidget,
)

Index = QModelIndex | QPersistentModelIndex


class FilterLine(QLineEdit):
    """What is typed here filters a table; Esc takes it back, and only an empty one leaves Esc to the window."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(name)
        self.setAccessibleName(name)
        self.setClearButtonEnabled(True)
        self.setFixedWidth(260)

    def event(self, event: QEvent) -> bool:
        """Esc, before it is a shortcut of the window."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self.text():
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.clear()
                return True
        return super().event(event)


class Rows(QAbstractTableModel):
    """Rows of cells. ``headings`` are (text, tooltip); a heading whose text ends in a tab is aligned to the right."""

    def __init__(self, headings: Sequence[tuple[str, str]], parent: Any = None) -> None:
        super().__init__(parent)
        self._headings = [(text.rstrip("\t"), tip, text.endswith("\t")) for text, tip in headings]
        self.rows: list[Sequence[str]] = []
        self.color_of: Callable[[int, int], QColor | None] = lambda row, column: None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 (Qt's name and signature)
        """How many rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 (Qt's name and signature)
        """How many columns there are."""
        return len(self._headings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, tooltip, alignment or colour."""
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.rows[row][column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{self.rows[row][column]}\n{self._headings[column][1]}".strip()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self._headings[column][2] else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self.color_of(row, column)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """A heading."""
        if orientation == Qt.Orientation.Vertical:
            return None
        text, tip, right = self._headings[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def replace(self, rows: list[Sequence[str]]) -> None:
        """Show other rows; keeps the view where it is when there are as many."""
        if len(rows) != len(self.rows):
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        elif rows != self.rows:
            self.rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, self.columnCount() - 1))

    def append(self, row: Sequence[str], most: int) -> None:
        """Add a row at the end, and forget the oldest beyond ``most``."""
        if len(self.rows) >= most:
            drop = max(1, most // 10)
            self.beginRemoveRows(QModelIndex(), 0, drop - 1)
            del self.rows[:drop]
            self.endRemoveRows()
        self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows))
        self.rows.append(row)
        self.endInsertRows()


def table(model: QAbstractTableModel | Any, name: str, stretch: int, parent: QWidget | None = None) -> QTableView:
    """A view that selects whole rows, whose column ``stretch`` takes the room, and that copies with Ctrl+C."""
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


class ToolsStack(QStackedWidget):
    """The tools of the table that is shown; no wider than those, so that the tabs beside them have room."""

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Of what is shown."""
        shown = self.currentWidget()
        return QSize() if shown is None else shown.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Of what is shown."""
        return self.sizeHint()


def tools_row(*widgets: QWidget) -> QWidget:
    """What belongs to a table, in a row that has its place beside the tabs."""
    tools = QWidget()
    row = QHBoxLayout(tools)
    row.setContentsMargins(0, 2, 8, 2)
    row.setSpacing(4)
    row.addStretch(1)
    for widget in widgets:
        row.addWidget(widget)
    return tools


def copy_rows(view: QTableView) -> None:
    """The selected rows to the clipboard, tab between cells."""
    model = view.model()
    rows = sorted({index.row() for index in view.selectionModel().selectedIndexes()})
    lines = ["\t".join(str(model.index(row, c).data()) for c in range(model.columnCount())) for row in rows]
    QGuiApplication.clipboard().setText("\n".join(lines))
