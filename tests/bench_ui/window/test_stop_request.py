"""Stop asks first if the run is a long one; Esc stops no run."""

from __future__ import annotations

import pytest
from bench_ui.window import stop_request
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from tests.bench_ui.driving import InWindow, click, open_preset, until_ended, until_running
from tests.runs import preset


def test_a_long_run_stops_only_after_a_question(in_window: InWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=60))
        window.bench.start()
        await until_running(window)
        session = window.bench.run.session
        assert session is not None
        monkeypatch.setattr(stop_request, "LONG_RUN_S", 0.0)
        for answer, stops in (("Cancel", False), ("Stop", True)):
            click(window.panels.run_bar.stop)
            box = window.findChildren(QMessageBox)[-1]
            assert "Stop the run after" in box.text()
            next(button for button in box.buttons() if button.text().replace("&", "") == answer).click()
            assert session.interrupted is stops
        await until_ended(window)

    in_window(scenario)


def test_esc_closes_the_gallery_then_the_presentation_and_stops_no_run(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=60))
        window.bench.start()
        await until_running(window)
        session = window.bench.run.session
        assert session is not None
        window.presentation.toggle()
        window.toggle_gallery()
        QTest.keyClick(window, Qt.Key.Key_Escape)
        assert not window.panel_layout.gallery_shown and window.presentation.active
        QTest.keyClick(window, Qt.Key.Key_Escape)
        assert not window.presentation.active
        QTest.keyClick(window, Qt.Key.Key_Escape)
        assert window.bench.run.running and not session.interrupted
        QTest.keyClick(window, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
        assert session.interrupted
        await until_ended(window)

    in_window(scenario)
