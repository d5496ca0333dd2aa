"""The map of a sweep: colours, marks, and choosing a cell."""

from __future__ import annotations

import pytest
from bench_ui.lab.heat_map import HeatMap, scale_colors
from bench_ui.lab.heat_view import heat_view
from bench_ui.widgets.theme import DARK, LIGHT, contrast
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from tests.bench_ui.lab.entries import P50, filled


@pytest.fixture
def heat(qtbot: QtBot) -> HeatMap:
    found = HeatMap()
    qtbot.addWidget(found)
    found.resize(600, 400)
    found.show_view(heat_view(filled(), P50, 0, current=2))
    return found


def color_at(heat: HeatMap, number: int) -> QColor:
    place = heat.place_of(number)
    assert place is not None
    # Beside the middle, where the value is written.
    return QColor(heat.grab().toImage().pixel(int(place.center().x()), int(place.bottom() - 12)))


def test_a_larger_value_is_brighter_and_the_text_is_readable() -> None:
    colors = scale_colors()
    steps = [contrast(color, QColor("black")) for color in colors[::15]]
    assert steps == sorted(steps)
    assert all(max(contrast(color, QColor(text)) for text in ("white", "black")) >= 4.5 for color in colors)


def test_cells_have_the_colours_of_their_values(heat: HeatMap) -> None:
    assert color_at(heat, 0) == scale_colors()[0]
    assert color_at(heat, 2) == scale_colors()[255]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_an_invalid_cell_is_hatched(heat: HeatMap, theme: object) -> None:
    heat.theme = LIGHT if theme is LIGHT else DARK
    place = heat.place_of(3)
    assert place is not None
    image = heat.grab(place.toRect()).toImage()
    colors = {image.pixel(x, image.height() // 2) for x in range(4, image.width() - 4)}
    assert heat.theme.color("overflow").rgb() in colors and heat.theme.color("window").rgb() in colors


def test_a_click_chooses_and_a_double_click_asks_for_the_settings(heat: HeatMap, qtbot: QtBot) -> None:
    chosen: list[int] = []
    clicked: list[int] = []
    wanted: list[int] = []
    heat.cell_chosen.connect(chosen.append)
    heat.cell_clicked.connect(clicked.append)
    heat.settings_wanted.connect(wanted.append)
    place = heat.place_of(1)
    assert place is not None
    qtbot.mouseClick(heat, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    qtbot.mouseDClick(heat, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    assert chosen[0] == 1 and wanted == [1]
    clicked.clear()
    qtbot.mouseClick(heat, Qt.MouseButton.RightButton, pos=place.center().toPoint())
    assert not clicked


def test_keys_do_the_same(heat: HeatMap, qtbot: QtBot) -> None:
    opened: list[int] = []
    wanted: list[int] = []
    heat.cell_opened.connect(opened.append)
    heat.settings_wanted.connect(wanted.append)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(heat, key)
    qtbot.keyClick(heat, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert opened == [1] and wanted == [1]


def test_an_empty_map_is_drawn(qtbot: QtBot) -> None:
    empty = HeatMap()
    qtbot.addWidget(empty)
    assert not empty.grab().isNull() and empty.cell_at(empty.rect().center()) is None
