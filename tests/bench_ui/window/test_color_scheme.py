"""Light and dark."""

from __future__ import annotations

from bench_ui.widgets.theme import DARK, LIGHT
from bench_ui.window.main_window import MainWindow
from bench_ui.window.settings import Scheme
from PySide6.QtWidgets import QLabel

from tests.bench_ui.driving import (
    InWindow,
    open_preset,
    until_ended,
)
from tests.runs import preset, until


def test_the_chosen_scheme_is_remembered(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        window.color_scheme.set_theme(LIGHT)
        window.color_scheme.toggle()
        assert window.color_scheme.theme is DARK and window.settings.scheme is Scheme.DARK

    in_window(scenario)

    async def again(window: MainWindow) -> None:
        assert window.color_scheme.theme is DARK

    in_window(again)


def test_another_scheme_keeps_changed_settings_bold_and_the_progress_where_it_is(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH", "linger": 7}, duration_s=0.3))
        window.bench.start()
        await until_ended(window)
        await until(lambda: window.panels.run_bar.state.progress == 1.0)
        form = next(iter(window.panels.inspector.handler_pages.values())).config
        labels = {label.text(): label for label in form.findChildren(QLabel)}
        for _ in range(2):
            window.color_scheme.toggle()
            assert labels["Linger"].font().bold() and not labels["Send timeout"].font().bold()
            assert window.panels.run_bar.state.progress == 1.0

    in_window(scenario)
