"""Presentation mode."""

from __future__ import annotations

from bench_ui.presentation.ending import BUSY_TEXT
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bench_app.preset import documents
from tests.bench_ui.driving import (
    InWindow,
    open_preset,
    short_run,
    until_ended,
    until_running,
)
from tests.runs import preset, until


def test_a_presentation_hides_the_docks_and_shows_them_again(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}))
        window.presentation.toggle()
        assert window.presentation.active and not any(dock.isVisible() for dock in window.panel_layout.docks)
        window.presentation.toggle()
        assert not window.presentation.active and all(dock.isVisible() for dock in window.panel_layout.docks)

    in_window(scenario)


def test_a_run_that_has_ended_is_drawn_when_the_presentation_begins(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, short_run(200))
        window.bench.start()
        await until_ended(window)
        assert window.panels.scene.balance == ""
        window.presentation.toggle()
        assert "80 sent = 80 received" in window.panels.scene.balance

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


def test_a_demo_is_told_in_large_letters_and_by_keys(in_window: InWindow) -> None:
    """Also back, next and replay; the run itself goes on meanwhile."""
    steps = [
        {"at_s": "next", "caption": "{h: lost} lost so far", "show": "drops"},
        {"at_s": "next", "set": {"bench.listeners.h[0].delay_ms": 1}, "caption": "slower", "show": "h"},
        {"at_s": "next", "act": "end"},
        {"at_s": "end", "caption": "over"},
    ]
    raw = preset({"socket_type": "PUSH"}, duration_s=60, listeners=[{"name": "a"}], title="Demo: t", timeline=steps)

    async def scenario(window: MainWindow) -> None:
        presentation, panels = window.presentation, window.panels

        def press(key: Qt.Key) -> None:
            QTest.keyClick(window.focusWidget() or window, key)

        document = documents.parse(raw, "test")
        # The click on the card of the gallery.
        panels.gallery.start_wanted.emit(document)
        assert presentation.active and window.bench.run.running
        assert panels.caption_bar.caption == "T" and not panels.flow.isVisible()
        await until_running(window)
        assert panels.caption_bar.caption == "T", "a step that waits for a key waits"
        press(Qt.Key.Key_PageDown)
        await until(lambda: panels.caption_bar.caption == "0 lost so far")
        assert [plot for plot in panels.board.plots if plot.isVisible()] == [panels.board.drops]
        press(Qt.Key.Key_Space)
        await until(lambda: window.bench.run.session.paused)
        press(Qt.Key.Key_Space)
        await until(lambda: not window.bench.run.session.paused)
        # The focus on a plot or on a button takes no key away from the story.
        panels.board.drops.view.setFocus()
        press(Qt.Key.Key_PageDown)
        await until(lambda: panels.caption_bar.caption == "slower")
        press(Qt.Key.Key_PageUp)
        assert (panels.caption_bar.caption, panels.caption_bar.progress) == ("0 lost so far", "1 of 3")
        press(Qt.Key.Key_PageDown)
        assert panels.caption_bar.caption == "slower"
        press(Qt.Key.Key_PageDown)
        await until_ended(window)
        assert panels.caption_bar.caption == "over"
        # The second where the machine of the test was busy.
        assert panels.scene.verdict in ("PASS: the ledger balances", f"the ledger balances; {BUSY_TEXT}")
        assert window.bench.editor.document == document, "steps do not change the document"
        press(Qt.Key.Key_R)
        await until_running(window)
        assert panels.caption_bar.caption == "T" and panels.scene.verdict == ""
        presentation.toggle()
        assert panels.flow.isVisible() and not panels.scene.isVisible()
        # It was as small as the screen of the offscreen platform.
        window.resize(1280, 720)
        assert sum(plot.isVisible() for plot in panels.board.plots) == 5
        window.bench.run.stop()
        await until_ended(window)

    in_window(scenario)


def test_a_plot_that_a_step_shows_first_has_large_letters_too(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        board = window.panels.board
        window.resize(1280, 900)
        open_preset(window, preset({"socket_type": "PUSH"}))
        window.presentation.toggle()
        await until(lambda: board.has_plots and board.throughput.isVisible())
        assert not board.latency.isVisible()
        board.show_only(("latency",))
        await until(board.latency.isVisible)
        assert board.latency.growth == board.throughput.growth > 1.0
        assert board.latency.heading.font() == board.throughput.heading.font()
        window.presentation.toggle()

    in_window(scenario)
