"""The tools beside the tabs."""

from __future__ import annotations

from bench_ui.widgets.table_tools import FILTER_WIDTH, SHORT_FILTER_WIDTH, FilterLine, ToolsStack, tools_row
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot


def test_esc_clears_the_filter_and_then_belongs_to_the_window(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    line = FilterLine("Filter events")
    QVBoxLayout(window).addWidget(line)
    pressed: list[bool] = []
    QShortcut(Qt.Key.Key_Escape, window, activated=lambda: pressed.append(True))
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    line.setFocus()
    line.setText("lost")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == "" and pressed == []
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert pressed == [True]


def test_a_filter_line_has_a_name(qtbot: QtBot) -> None:
    line = FilterLine("Filter events")
    qtbot.addWidget(line)
    assert line.accessibleName() == line.placeholderText() == "Filter events"


def test_a_row_of_tools_narrows_its_filter_and_then_gives_way_by_rank(qtbot: QtBot) -> None:
    line, first, last, hidden = FilterLine("Filter"), QLabel("gives way first"), QLabel("stays"), QLabel("is hidden")
    tools = tools_row(line, first, last, hidden, by_rank=[hidden, first])
    qtbot.addWidget(tools)
    hidden.hide()
    needed = tools.sizeHint().width()
    tools.fit(needed - 50)
    assert line.width() == FILTER_WIDTH - 50 and not first.isHidden()
    tools.fit(needed - FILTER_WIDTH)
    assert line.width() == SHORT_FILTER_WIDTH and first.isHidden() and not last.isHidden()
    tools.fit(needed)
    assert line.width() == FILTER_WIDTH and not first.isHidden() and hidden.isHidden()


def test_the_stack_is_as_wide_as_the_shown_tools(qtbot: QtBot) -> None:
    stack = ToolsStack()
    qtbot.addWidget(stack)
    assert stack.sizeHint().width() <= 0
    narrow, wide = tools_row(), tools_row(QLabel("a rather long text that needs room"))
    stack.addWidget(narrow)
    stack.addWidget(wide)
    stack.setCurrentWidget(narrow)
    before = stack.minimumSizeHint().width()
    stack.setCurrentWidget(wide)
    assert stack.minimumSizeHint().width() > before
