"""Presentation mode."""

from __future__ import annotations

from bench_ui.window.main_window import MainWindow

from tests.bench_ui.driving import (
    InWindow,
    open_preset,
    until_ended,
    until_running,
)
from tests.runs import preset


def test_a_presentation_hides_the_docks_and_shows_them_again(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        window.presentation.toggle()
        assert window.presentation.active and not any(dock.isVisible() for dock in window.panel_layout.docks)
        window.presentation.toggle()
        assert not window.presentation.active and all(dock.isVisible() for dock in window.panel_layout.docks)

    in_window(scenario)


def test_buttons_stay_as_they_are_through_presentation_and_scheme(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        def enabled() -> tuple[bool, bool, bool]:
            bar = window.panels.run_bar
            return (bar.start.isEnabled(), bar.pause.isEnabled(), bar.stop.isEnabled())

        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=30))
        assert enabled() == (True, False, False)
        for _ in range(2):
            window.color_scheme.toggle()
            window.presentation.toggle()
            window.presentation.toggle()
            if window.bench.run.running:
                assert enabled() == (False, True, True)
            else:
                assert enabled() == (True, False, False)
                window.bench.start()
                await until_running(window)
        window.bench.run.stop()
        await until_ended(window)

    in_window(scenario)
