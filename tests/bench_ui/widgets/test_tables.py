"""Tables of text: what a cell shows, which rows stay, what is copied."""

from __future__ import annotations

import pytest
from bench_ui.widgets.table_view import TableView
from bench_ui.widgets.tables import Column, TextTable
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.usefixtures("qapp")
COLUMNS = (Column("name", "Who"), Column("count", "How many", is_number=True))
ROLE = Qt.ItemDataRole
RED = QColor("#ff0000")


def table(*rows: tuple[str, ...]) -> TextTable:
    model = TextTable(COLUMNS)
    model.replace(list(rows))
    return model


def test_a_cell_has_text_tooltip_side_and_colour() -> None:
    model = table(("a", "1"))
    model.color_of = lambda row, column: RED if column == 1 else None
    cell = model.index(0, 1)
    assert cell.data() == "1" and cell.data(ROLE.ToolTipRole) == "1\nHow many"
    assert cell.data(ROLE.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert model.index(0, 0).data(ROLE.TextAlignmentRole) & Qt.AlignmentFlag.AlignLeft
    assert cell.data(ROLE.ForegroundRole) == RED and model.index(0, 0).data(ROLE.ForegroundRole) is None


def test_a_heading_has_text_tooltip_and_side() -> None:
    model = table()
    horizontal = Qt.Orientation.Horizontal
    assert model.headerData(1, horizontal) == "count"
    assert model.headerData(1, horizontal, ROLE.ToolTipRole) == "How many"
    assert model.headerData(1, horizontal, ROLE.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert model.headerData(0, Qt.Orientation.Vertical) is None


def test_cells_beyond_the_columns_are_not_shown() -> None:
    model = table(("a", "1", "hidden"))
    assert (model.rowCount(), model.columnCount()) == (1, 2)
    assert model.rows[0][2] == "hidden"


def test_a_column_has_a_name_even_without_a_heading() -> None:
    assert Column("count").name == "count" and Column("", title="baseline").name == "baseline"


def test_as_many_rows_keep_the_selection_and_others_do_not(qtbot: QtBot) -> None:
    model = table(("a", "1"), ("b", "2"))
    view = TableView(model, "Counts", stretch=0)
    qtbot.addWidget(view)
    view.selectRow(1)
    changed = QSignalSpy(model.dataChanged)
    model.replace([("a", "1"), ("b", "3")])
    assert changed.count() == 1
    assert [index.row() for index in view.selectionModel().selectedRows()] == [1]
    model.replace([("a", "1"), ("b", "3")])
    assert changed.count() == 1, "nothing changed"
    model.replace([("a", "1")])
    assert view.selectionModel().selectedRows() == []


def test_a_full_table_drops_the_oldest_tenth() -> None:
    model = table(*((str(number), "") for number in range(20)))
    model.append(("new", ""), most=20)
    assert len(model.rows) == 19
    assert model.rows[0][0] == "2" and model.rows[-1][0] == "new"
