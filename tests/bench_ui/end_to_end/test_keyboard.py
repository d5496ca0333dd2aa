"""Focus and keys in the whole window."""

from __future__ import annotations

import pytest
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from bench_app.engine.session import Phase
from tests.bench_ui.driving import (
    InWindow,
    click,
    open_preset,
    until_ended,
    until_running,
)
from tests.runs import preset, until


def test_the_focus_goes_from_start_to_pause_and_back_and_passing_through_changes_nothing(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=30))
        window.activateWindow()
        bar = window.panels.run_bar
        bar.start.setFocus()
        click(bar.start)
        await until_running(window)
        assert window.focusWidget() is bar.pause
        bar.duration.setFocus()
        bar.pause.setFocus()
        assert not window.bench.editor.modified
        window.bench.run.stop()
        await until_ended(window)
        assert window.focusWidget() is bar.start

    in_window(scenario)


def test_esc_in_a_filter_takes_the_filter_back_and_stops_no_run(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=30))
        window.bench.start()
        await until_running(window)
        line = window.panels.events.filter_line
        line.setFocus()
        line.setText("nothing of this kind")
        QTest.keyClick(line, Qt.Key.Key_Escape)
        assert line.text() == "" and window.bench.run.phase is Phase.RUNNING
        assert window.bench.run.session is not None and not window.bench.run.session.interrupted
        window.bench.run.stop()
        await until_ended(window)

    in_window(scenario)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_space_presses_the_button_in_focus(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=30))
        window.activateWindow()
        await until(window.isActiveWindow)
        window.panels.run_bar.presets.setFocus()
        QTest.keyClick(window, Qt.Key.Key_Space)
        assert window.panel_layout.gallery_shown and not window.bench.run.running
        window.toggle_gallery()
        add = next(one for one in window.panels.handlers.findChildren(QToolButton) if one.text() == "+ Add")
        add.setFocus()
        QTest.keyClick(window, Qt.Key.Key_Space)
        await until(add.menu().isVisible)
        add.menu().close()
        assert not window.bench.run.running

    in_window(scenario)


def test_columns_and_folded_groups_are_as_the_user_left_them(in_window: InWindow) -> None:
    async def change(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        window.panels.runs.view.show_column(1, False)
        page = window.panels.inspector.handler_pages["PUSH"]
        page.groups[-1].fold.click()

    async def look(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        assert window.panels.runs.view.isColumnHidden(1)
        page = window.panels.inspector.handler_pages["PUSH"]
        assert [group.is_folded for group in page.groups] == [False, False, True]

    in_window(change)
    in_window(look)
