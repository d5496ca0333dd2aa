"""The order of a table's rows, and which rows pass its filter: table -> **table order** -> table view."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from bench_ui.widgets.tables import TextTable

Index = QModelIndex | QPersistentModelIndex

_UNITS = {
    "": 1.0,
    "%": 1.0,
    "ns": 1e-9,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "B": 1.0,
    "kB": 1e3,
    "MB": 1e6,
    "GB": 1e9,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
}
_NUMBER = re.compile(r"[≥★ ]*(-?[\d,]*\.?\d+)\s*([a-zA-Zµ%]*)(?:/s)?")
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)")
_DIGITS = re.compile(r"(\d+)")


def number_of(text: str) -> float:
    """The number that a cell shows, in the base unit; minus infinity if it shows none, so that it comes first.

    Of a range the first number counts.
    """
    text = text.strip().partition(" to ")[0]
    if clock := _CLOCK.fullmatch(text):
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3])
    found = _NUMBER.fullmatch(text)
    if found is None or found[2] not in _UNITS:
        return -math.inf
    return float(found[1].replace(",", "")) * _UNITS[found[2]]


def words_of(text: str) -> list[tuple[int, str]]:
    """The parts of a text to sort by: ``run 2`` comes before ``run 10``, and capital letters do not matter."""
    return [(int(part), "") if part.isdecimal() else (0, part.casefold()) for part in _DIGITS.split(text) if part]


class TableOrder(QSortFilterProxyModel):
    """The rows of a table in the order that the user chose, without those that the filter leaves out.

    Rows of one group stay together: a listener stays below its handler, and is shown if its handler passes the filter.

    Attributes:
        table: the table with all rows.
    """

    def __init__(self, table: TextTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table = table
        self._wanted = ""
        self.setSourceModel(table)

    def show_only(self, text: str) -> None:
        """Show only rows with a cell that contains this text; "" shows all rows."""
        self._wanted = text.casefold()
        # This makes Qt ask about every row again, in all versions of Qt; the answer does not use Qt's own filter.
        self.setFilterFixedString(text)

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:  # noqa: N802 (Qt's name)
        """Whether the row, its head, or a row of which it is the head contains the text."""
        if not self._wanted or self._contains(row):
            return True
        head = self.table.head_of(row)
        if head != row:
            return self._contains(head)
        following = range(row + 1, len(self.table.rows))
        group = next((end for end in following if self.table.head_of(end) != row), len(self.table.rows))
        return any(self._contains(one) for one in range(row + 1, group))

    def _contains(self, row: int) -> bool:
        return any(self._wanted in cell.casefold() for cell in self.table.rows[row][: self.table.columnCount()])

    def lessThan(self, left: Index, right: Index) -> bool:  # noqa: N802 (Qt's name)
        """Compare two rows by the heads of their groups. Rows of a group, or with equal cells, keep their order."""
        one, other = left.row(), right.row()
        heads = self.table.head_of(one), self.table.head_of(other)
        if heads[0] != heads[1]:
            keys = [self._key(head, left.column()) for head in heads]
            if keys[0] != keys[1]:
                return bool(keys[0] < keys[1])
            one, other = heads
        # Qt turns the answer around for a descending order, in which these rows must keep their order, too.
        return one < other if self.sortOrder() is Qt.SortOrder.AscendingOrder else one > other

    def _key(self, row: int, column: int) -> tuple[float, list[tuple[int, str]]]:
        text = self.table.rows[row][column]
        return (number_of(text), []) if self.table.columns[column].is_number else (0.0, words_of(text))
