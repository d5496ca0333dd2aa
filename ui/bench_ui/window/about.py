"""What the Help menu shows: the versions of the parts of the bench, and the list of keys."""

from __future__ import annotations

import platform
from collections.abc import Sequence

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QMessageBox, QVBoxLayout, QWidget

from bench_app import __version__
from bench_app.data_plane.plane import active
from bench_ui.widgets.table_view import TableView
from bench_ui.widgets.tables import Column, TextTable
from bench_ui.window import dialogs

KEYS_SIZE = (420, 460)


def versions() -> str:
    """The versions of the bench and of the parts that a report of a fault should name."""
    # Imported here, because the window must open soon.
    from importlib.metadata import version

    plane = active().report
    return "\n".join(
        [
            f"ZMQ Test Bench {__version__}",
            "",
            f"data plane: {plane.name}" + (f" ({plane.reason})" if plane.reason else ""),
            f"libzmq {plane.libzmq}, pyzmq {version('pyzmq')}",
            f"PySide6 {pyside_version}, Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        ]
    )


def show_about(parent: QWidget) -> None:
    """Show the versions. The user can select and copy them."""
    box = QMessageBox(parent)
    box.setWindowTitle("About ZMQ Test Bench")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(versions())
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    dialogs.open_dialog(box)


def show_keys(parent: QWidget, keys: Sequence[tuple[str, str]]) -> None:
    """Show the commands with their keys."""
    dialog = QDialog(parent)
    dialog.setWindowTitle("Keys")
    dialog.resize(*KEYS_SIZE)
    table = TextTable([Column("command"), Column("key")], dialog)
    table.rows = [list(entry) for entry in keys]
    column = QVBoxLayout(dialog)
    column.addWidget(TableView(table, "Keys", 0))
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    column.addWidget(buttons)
    dialogs.open_dialog(dialog)
