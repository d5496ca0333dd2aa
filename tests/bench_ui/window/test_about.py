"""The Help menu: versions and keys."""

from __future__ import annotations

import zmq
from bench_ui.window.main_window import MainWindow
from PySide6.QtWidgets import QDialog, QMessageBox, QTableView

from bench_app import __version__
from tests.bench_ui.driving import InWindow


def choose(window: MainWindow, text: str) -> None:
    (command,) = (command for command in window.commands.all if command.text == text)
    window.commands.action(command).trigger()


def test_about_names_the_versions(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        choose(window, "About")
        (box,) = window.findChildren(QMessageBox)
        assert __version__ in box.text() and zmq.zmq_version() in box.text() and "data plane" in box.text()
        box.close()

    in_window(scenario)


def test_the_list_of_keys_is_that_of_the_commands(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        choose(window, "Keys")
        (dialog,) = window.findChildren(QDialog)
        (table,) = dialog.findChildren(QTableView)
        model = table.model()
        rows = [tuple(model.index(row, column).data() for column in (0, 1)) for row in range(model.rowCount())]
        assert rows == window.commands.list_of_keys
        dialog.close()

    in_window(scenario)
