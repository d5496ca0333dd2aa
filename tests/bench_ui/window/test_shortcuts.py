"""Keys of the window call their function wherever the focus is."""

from __future__ import annotations

from bench_ui.window.shortcuts import Shortcut, add_shortcuts
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMainWindow
from pytestqt.qtbot import QtBot


def test_a_key_calls_its_function_and_its_action_has_the_name(qtbot: QtBot) -> None:
    window, line = QMainWindow(), QLineEdit()
    window.setCentralWidget(line)
    qtbot.addWidget(window)
    called: list[str] = []
    shortcuts = [
        Shortcut("Save", QKeySequence.StandardKey.Save, lambda: called.append("save")),
        Shortcut("Presentation", "F11", lambda: called.append("presentation")),
    ]
    add_shortcuts(window, shortcuts)
    window.show()
    window.activateWindow()
    with qtbot.waitActive(window):
        line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_F11)
    QTest.keyClick(line, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert called == ["presentation", "save"]
    assert [action.text() for action in window.actions()] == ["Save", "Presentation"]
