"""The commands of the window call their function by key, wherever the focus is."""

from __future__ import annotations

from bench_ui.window.commands import Command, Commands, MenuName
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMainWindow
from pytestqt.qtbot import QtBot


def test_a_key_calls_its_function_and_the_list_of_keys_has_its_name(qtbot: QtBot) -> None:
    window, line = QMainWindow(), QLineEdit()
    window.setCentralWidget(line)
    qtbot.addWidget(window)
    called: list[str] = []
    commands = Commands(
        window,
        [
            Command(MenuName.FILE, "Save…", lambda: called.append("save"), QKeySequence.StandardKey.Save),
            Command(MenuName.VIEW, "Presentation", lambda: called.append("presentation"), "F11"),
            Command(MenuName.HELP, "About", lambda: called.append("about")),
        ],
    )
    window.show()
    window.activateWindow()
    with qtbot.waitActive(window):
        line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_F11)
    QTest.keyClick(line, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert called == ["presentation", "save"]
    assert commands.list_of_keys == [("Save", "Ctrl+S"), ("Presentation", "F11")]
    commands.action(commands.all[2]).trigger()
    assert called[-1] == "about"
