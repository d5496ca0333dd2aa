"""A user without a mouse: opens a preset, changes a setting, runs it, stops it, and saves its result.

A program of its own, because Qt reads the scale of the screen before it starts. Its arguments are the preset, the file
for the result, and the folder for settings and kept runs.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bench_ui import app
from bench_ui.loop import run
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QToolButton, QWidget

from tests.bench_ui.driving import until_ended, until_running
from tests.runs import until

MORE_THAN_ALL = 300
PLAIN, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


async def press(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    """Press a key in what has the focus."""
    popup, dialog = QApplication.activePopupWidget(), QApplication.activeModalWidget()
    if popup is None and dialog is None:
        # The offscreen platform activates no window when a dialog closes.
        window.activateWindow()
        await until(window.isActiveWindow)
    focused = (dialog or window).focusWidget()
    QTest.keyClick(popup or focused or window, key, modifier)
    await asyncio.sleep(0)


async def go_to(window: MainWindow, widget: QWidget) -> None:
    """Press Tab until a widget has the focus; it is on screen then."""
    for _ in range(MORE_THAN_ALL):
        if window.focusWidget() is widget:
            assert not widget.visibleRegion().isEmpty(), "the focus is where nobody can see it"
            return
        await press(window, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab never leads to {widget.accessibleName()}")


async def type_name(window: MainWindow, file: Path) -> None:
    """Type the name of a file in the dialog that opens."""
    await until(lambda: isinstance(QApplication.activeModalWidget(), QFileDialog))
    QApplication.activeModalWidget().findChild(QLineEdit).setText(str(file))
    await press(window, Qt.Key.Key_Return)


async def use(window: MainWindow, preset: Path, result: Path) -> None:
    """Everything that the user does."""
    panels, bar, tabs = window.panels, window.panels.run_bar, window.panel_layout.tabs
    await press(window, Qt.Key.Key_O, CTRL)
    await type_name(window, preset)
    await until(lambda: window.bench.editor.document is not None)
    assert window.bench.editor.document is not None
    field = next(iter(panels.inspector.handler_pages.values())).config.widget("high_water_mark")
    await go_to(window, field)
    await press(window, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(field, "20")
    await press(window, Qt.Key.Key_Return)
    assert window.bench.editor.document.raw["output"]["handlers"]["h"]["config"]["high_water_mark"] == 20
    await go_to(window, bar.start)
    await press(window, Qt.Key.Key_Space)
    await until_running(window)
    await press(window, Qt.Key.Key_Period, CTRL)
    await until_ended(window)
    await window.run_store.flush()
    await go_to(window, tabs.tabBar())
    while tabs.currentWidget() is not panels.runs:
        await press(window, Qt.Key.Key_Right)
    export = next(one for one in panels.runs.tools.findChildren(QToolButton) if one.text() == "Export")
    await go_to(window, panels.runs.view)
    await press(window, Qt.Key.Key_Down)
    await go_to(window, export)
    await press(window, Qt.Key.Key_Space)
    await until(lambda: QApplication.activePopupWidget() is export.menu())
    wanted = next(action for action in export.menu().actions() if action.text() == "Result as JSON…")
    while export.menu().activeAction() is not wanted:
        await press(window, Qt.Key.Key_Down)
    await press(window, Qt.Key.Key_Return)
    await type_name(window, result)
    await until(result.exists)


async def main(preset: Path, result: Path, folder: Path) -> int:
    """Show the window, use it, and close it."""
    window = MainWindow(QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat), folder / "runs.sqlite")
    window.resize(1280, 720)
    window.show()
    try:
        await use(window, preset, result)
    finally:
        window.bench.editor.undo_stack.setClean()
        window.close()
        await window.closed.wait()
        window.deleteLater()
    return 0


if __name__ == "__main__":
    sys.exit(run(app.make_app(), main(*map(Path, sys.argv[1:]))))
