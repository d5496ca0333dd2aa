"""The consumer of the user in the inspector: what can be copied, and what can be asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bench_ui.panels.inspector.consumer_box import ConsumerBox
from bench_ui.panels.own_consumer import Language, OwnConsumer, snippet
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

CONSUMER = OwnConsumer("h", "", "SUB", "tcp://127.0.0.1:5572", False, ("t",))


@pytest.fixture
def box(qtbot: QtBot) -> ConsumerBox:
    made = ConsumerBox()
    qtbot.addWidget(made)
    made.show_consumer(CONSUMER)
    made.show()
    return made


def test_the_address_and_the_lines_are_copied(box: ConsumerBox, qtbot: QtBot) -> None:
    qtbot.mouseClick(box.copy_address, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == "tcp://127.0.0.1:5572"
    box.language.setCurrentText(Language.C.value)
    qtbot.mouseClick(box.copy_snippet, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == snippet(CONSUMER, Language.C)


def test_receipts_are_asked_for_where_there_are_none(box: ConsumerBox, qtbot: QtBot) -> None:
    with qtbot.waitSignal(box.count_wanted) as wanted:
        qtbot.mouseClick(box.count, Qt.MouseButton.LeftButton)
    assert wanted.args == ["h"]
    box.show_consumer(replace(CONSUMER, listener="mine", receipts="tcp://127.0.0.1:5599"))
    assert box.count.isHidden()
    assert "tcp://127.0.0.1:5599" in box.text.toPlainText()


def test_a_selection_in_the_lines_stays_while_the_figures_change(box: ConsumerBox) -> None:
    box.text.selectAll()
    box.show_consumer(replace(CONSUMER, connection="1 connected"))
    assert box.text.textCursor().hasSelection()
