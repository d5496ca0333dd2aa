"""The size of all text."""

from __future__ import annotations

import pytest
from bench_ui import app as ui_app
from bench_ui.window.main_window import MainWindow
from bench_ui.window.text_size import SIZES
from PySide6.QtWidgets import QApplication

from tests.bench_ui.driving import InWindow, open_preset
from tests.runs import preset


def test_all_text_grows_and_shrinks_by_steps_and_comes_back_as_chosen(in_window: InWindow) -> None:
    usual = QApplication.font().pointSizeF()

    async def change(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        size, bar = window.text_size, window.panels.run_bar
        width, sheet = bar.duration.width(), ui_app.make_app().styleSheet()
        size.choose(200)
        assert bar.start.font().pointSizeF() == pytest.approx(2 * usual)
        assert bar.duration.width() > 1.5 * width
        assert ui_app.make_app().styleSheet() != sheet, "remarks grow, too"
        size.percent = SIZES[-1]
        size.step(1)
        assert size.percent == SIZES[-1], "there is no larger one"
        size.percent = 175
        size.step(-1)

    async def look(window: MainWindow) -> None:
        assert window.text_size.percent == 150
        assert QApplication.font().pointSizeF() == pytest.approx(1.5 * usual)

    in_window(change)
    assert QApplication.font().pointSizeF() == usual
    in_window(look)
