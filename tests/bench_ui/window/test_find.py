"""Ctrl+F goes to the line that searches the panel in focus."""

from __future__ import annotations

from bench_ui.widgets.table_tools import FilterLine
from bench_ui.window.find import Searchable, find
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.bench_ui.driving import InWindow, open_preset
from tests.runs import preset, until


def test_the_part_in_focus_is_searched_else_the_first_on_screen(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    buttons, parts = [QPushButton(), QPushButton()], []
    for button in buttons:
        part = QWidget()
        line = FilterLine("Filter")
        inner = QVBoxLayout(part)
        inner.addWidget(button)
        inner.addWidget(line)
        column.addWidget(part)
        parts.append(Searchable(line, (part,)))
    window.show()
    assert find(parts, buttons[1]) is parts[1].line
    assert find(parts, window) is find(parts, None) is parts[0].line
    parts[0].line.hide()
    assert find(parts, buttons[0]) is parts[1].line
    window.hide()
    assert find(parts, None) is None


def test_each_panel_of_the_window_has_its_search(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        panels, tabs = window.panels, window.panel_layout.tabs
        window.activateWindow()
        await until(window.isActiveWindow)

        def press() -> QWidget | None:
            QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
            return window.focusWidget()

        assert press() is panels.gallery.filter_line
        open_preset(window, preset({"socket_type": "PUSH"}))
        for place, lines in (
            (panels.handlers.tree, panels.handlers.filter_line),
            (panels.inspector.tabBar(), panels.settings.filter_line),
        ):
            place.setFocus()
            assert press() is lines
        for panel in (panels.events, panels.messages, panels.ledger, panels.runs):
            tabs.setCurrentWidget(panel)
            panel.view.setFocus()
            assert press() is panel.filter_line

    in_window(scenario)
