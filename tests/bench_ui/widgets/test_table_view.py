"""The view of a table: sorting, columns, menus, copying."""

from __future__ import annotations

import pytest
from bench_ui.widgets.table_view import TableView
from bench_ui.widgets.tables import Column, TextTable
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

COLUMNS = (Column("name"), Column("p99", is_number=True), Column("", title="mark", is_optional=True))


@pytest.fixture
def view(qtbot: QtBot) -> TableView:
    table = TextTable(COLUMNS)
    table.replace([("a", "1.2 ms", "x"), ("c", "–", ""), ("b", "900 µs", ""), ("d", "1 s", "")])
    found = TableView(table, "Latencies", stretch=0)
    qtbot.addWidget(found)
    found.resize(400, 200)
    found.show()
    return found


def names(view: TableView) -> list[str]:
    return [str(view.order.index(row, 0).data()) for row in range(view.order.rowCount())]


def entry(menu: QMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == text)


def submenu(menu: QMenu, title: str) -> QMenu:
    return next(one for one in menu.findChildren(QMenu) if one.title() == title)


def click_head(view: TableView, column: int) -> None:
    heads = view.horizontalHeader()
    place = heads.rect().center()
    place.setX(heads.sectionViewportPosition(column) + heads.sectionSize(column) // 2)
    QTest.mouseClick(heads.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_clicks_on_a_head_sort_by_it_and_at_last_bring_back_the_order(view: TableView) -> None:
    assert names(view) == ["a", "c", "b", "d"]
    click_head(view, 1)
    assert names(view) == ["c", "b", "a", "d"]
    click_head(view, 1)
    assert names(view) == ["d", "a", "b", "c"]
    click_head(view, 1)
    assert names(view) == ["a", "c", "b", "d"]


def test_the_first_arrow_key_selects_the_row_that_has_the_focus(view: TableView) -> None:
    view.setFocus(Qt.FocusReason.TabFocusReason)
    for row in (0, 1):
        QTest.keyClick(view, Qt.Key.Key_Down)
        assert view.selected_rows() == [row]


def test_the_menu_sorts_without_a_pointer(view: TableView) -> None:
    menu = view.rows_menu()
    entry(submenu(submenu(menu, "Sort by"), "p99"), "largest first").trigger()
    assert names(view) == ["d", "a", "b", "c"]
    entry(submenu(view.rows_menu(), "Sort by"), "As they came").trigger()
    assert names(view) == ["a", "c", "b", "d"]


def test_columns_are_chosen_in_a_menu_and_one_always_stays(view: TableView) -> None:
    assert [view.isColumnHidden(place) for place in range(3)] == [False, False, True]
    entry(view.columns_menu(), "mark").trigger()
    entry(view.columns_menu(), "p99").trigger()
    entry(view.columns_menu(), "name").trigger()
    assert [view.isColumnHidden(place) for place in range(3)] == [True, True, False]
    assert not entry(view.columns_menu(), "mark").isEnabled()
    entry(view.columns_menu(), "Usual columns").trigger()
    assert [view.isColumnHidden(place) for place in range(3)] == [False, False, True]


def test_columns_and_order_come_back(view: TableView, qtbot: QtBot) -> None:
    arranged: list[bool] = []
    view.arranged.connect(lambda: arranged.append(True))
    view.show_column(2, True)
    view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert arranged
    other = TableView(view.table, "Latencies", stretch=0)
    qtbot.addWidget(other)
    other.arrange(view.arrangement)
    assert not other.isColumnHidden(2) and names(other) == ["c", "b", "a", "d"]


def test_what_is_no_arrangement_is_ignored(view: TableView) -> None:
    for odd in (QByteArray(b"nonsense"), QByteArray()):
        view.arrange(odd)
        assert names(view) == ["a", "c", "b", "d"]
        assert [view.isColumnHidden(place) for place in range(3)] == [False, False, True]


def test_an_arrangement_is_kept_under_the_name_of_its_columns(view: TableView) -> None:
    assert view.key == "latencies-name-p99-mark"


def test_rows_are_copied_as_they_are_shown_below_their_headings(view: TableView) -> None:
    view.table.replace([("a\tb\nc", "1", "x"), ("d", "2", "")])
    view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    view.selectAll()
    view.activateWindow()
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "name\tp99\nd\t2\na b c\t1"
    view.horizontalHeader().moveSection(1, 0)
    view.clearSelection()
    view.select_row(1)
    view.copy_rows()
    assert QGuiApplication.clipboard().text() == "p99\tname\n2\td"


def test_a_selected_row_is_a_row_of_the_table(view: TableView) -> None:
    view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    view.selectRow(0)
    assert view.selected_rows() == [3] and view.row_of(view.currentIndex()) == 3
    view.clearSelection()
    assert view.selected_rows() == [] and not entry(view.rows_menu(), "Copy with headings").isEnabled()


def test_the_menu_of_the_rows_begins_with_the_actions_of_the_panel(view: TableView) -> None:
    view.add_entries = lambda menu: menu.addAction("Open") and None
    assert view.rows_menu().actions()[0].text() == "Open"


def test_rows_and_columns_grow_with_the_text(view: TableView) -> None:
    view.setColumnWidth(1, 80)
    height = view.rowHeight(0)
    font = view.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    view.setFont(font)
    assert view.rowHeight(0) > 1.6 * height
    view.scale_columns(1.5)
    assert view.columnWidth(1) == 120


def test_the_column_with_the_spare_room_keeps_a_least_width(view: TableView) -> None:
    view.setColumnWidth(1, 80)
    wide = view.columnWidth(0)
    view.setColumnWidth(1, 390)
    view.resize(401, 200)
    assert 60 < view.columnWidth(0) < wide
    view.setColumnWidth(1, 80)
    view.resize(400, 200)
    assert view.columnWidth(0) == wide


def test_columns_give_way_where_the_table_would_scroll_sideways(view: TableView) -> None:
    arranged: list[bool] = []
    view.arranged.connect(lambda: arranged.append(True))
    view.giving_way = [1]
    view.setColumnWidth(1, 180)
    arranged.clear()
    view.resize(240, 200)
    assert view.isColumnHidden(1) and not view.horizontalScrollBar().maximum()
    other = TableView(view.table, "Latencies", stretch=0)
    other.arrange(view.arrangement)
    assert not other.isColumnHidden(1), "what gave way is not remembered as the choice of the user"
    assert view.isColumnHidden(1)
    view.resize(400, 200)
    assert not view.isColumnHidden(1) and view.columnWidth(1) == 180


def test_a_column_that_the_user_shows_again_stays(view: TableView) -> None:
    view.giving_way = [1]
    view.setColumnWidth(1, 180)
    view.resize(240, 200)
    entry(view.columns_menu(), "p99").trigger()
    assert not view.isColumnHidden(1)
    view.resize(230, 200)
    assert not view.isColumnHidden(1)
    view.show_usual_columns()
    assert view.isColumnHidden(1)
