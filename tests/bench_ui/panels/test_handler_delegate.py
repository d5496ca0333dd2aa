"""How a row is painted: its height follows the address, its light the state."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bench_ui.panels.handler_delegate import ROW, STATE_COLORS, Detail, RowDelegate
from bench_ui.panels.handler_rows import Row
from bench_ui.widgets.theme import DARK, LIGHT
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from bench_app.transport.connection import ConnectionState

HANDLER = Row("h", "", "PUSH", "h", "127.0.0.1:5555", "bound", ConnectionState.BOUND, rate="100/s")


@pytest.fixture
def tree(qtbot: QtBot) -> QTreeWidget:
    found = QTreeWidget()
    found.setHeaderHidden(True)
    found.setUniformRowHeights(False)
    found.setItemDelegate(RowDelegate(found))
    found.setObjectName("handlers")
    qtbot.addWidget(found)
    found.resize(400, 200)
    QTreeWidgetItem(found)
    found.show()
    return found


def show(tree: QTreeWidget, row: Row, width: int = 400) -> QImage:
    tree.resize(width, 200)
    tree.topLevelItem(0).setData(0, ROW, row)
    tree.scheduleDelayedItemsLayout()
    tree.executeDelayedItemsLayout()
    return tree.viewport().grab().toImage()


def height(tree: QTreeWidget, row: Row, width: int = 400) -> int:
    show(tree, row, width)
    return tree.visualItemRect(tree.topLevelItem(0)).height()


def colors(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(60) for y in range(image.height())}


def test_every_state_of_a_connection_has_a_colour() -> None:
    assert set(STATE_COLORS) == set(ConnectionState)


@pytest.mark.parametrize("state", ConnectionState)
def test_the_light_has_the_colour_of_the_state(tree: QTreeWidget, state: ConnectionState) -> None:
    assert LIGHT.color(STATE_COLORS[state]).name() in colors(show(tree, replace(HANDLER, state=state)))


def test_a_disabled_handler_has_no_light(tree: QTreeWidget) -> None:
    bound = LIGHT.color(STATE_COLORS[ConnectionState.BOUND]).name()
    assert bound not in colors(show(tree, replace(HANDLER, enabled=False)))


def test_a_long_address_takes_more_lines_in_a_narrow_tree(tree: QTreeWidget) -> None:
    without = height(tree, replace(HANDLER, endpoint=""))
    one = height(tree, HANDLER)
    real = ("127.0.0.1:40001", "127.0.0.1:40002")
    both = replace(HANDLER, endpoint="analytics-server.example:5555", real_endpoints=real)
    assert without < one
    assert height(tree, both, width=700) == one
    narrow = height(tree, both, width=180)
    assert narrow - one == 2 * (one - without), "the preset's address, and one line for each real one"


def test_a_paused_unit_shows_no_rate(tree: QTreeWidget) -> None:
    assert show(tree, HANDLER) != show(tree, replace(HANDLER, paused=True))


def test_another_theme_repaints_in_its_colours(tree: QTreeWidget) -> None:
    delegate = tree.itemDelegate()
    assert isinstance(delegate, RowDelegate)
    delegate.theme = DARK
    assert DARK.color("queue").name() in colors(show(tree, HANDLER))


def test_an_item_without_a_row_paints_nothing(tree: QTreeWidget) -> None:
    tree.topLevelItem(0).setData(0, ROW, None)
    assert not tree.viewport().grab().isNull()


def test_a_row_is_as_high_as_what_it_shows(tree: QTreeWidget) -> None:
    delegate = tree.itemDelegate()
    assert isinstance(delegate, RowDelegate)
    heights = []
    for details in ({Detail.RATE}, {Detail.ADDRESS}, {Detail.ADDRESS, Detail.STATE}):
        delegate.details = frozenset(details)
        heights.append(height(tree, HANDLER))
    assert heights[0] < heights[1] < heights[2]
