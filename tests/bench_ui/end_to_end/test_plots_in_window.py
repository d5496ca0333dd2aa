"""Looking back in the plots, and writing them to files."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.bench_ui.driving import (
    InWindow,
    click,
    open_preset,
    until_ended,
    until_running,
)
from tests.runs import preset, until


def test_looking_back_while_the_run_goes_on_and_back_to_live(in_window: InWindow) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, rate=300, duration_s=20))
        window.bench.start()
        await until_running(window)
        view = window.panels.board.latency.view
        view.setFocus()
        QTest.keyClick(view, Qt.Key.Key_Left)
        assert not window.panels.board.time.following and window.panels.board.live.isVisibleTo(window)
        where = (window.panels.board.time.start_s, window.panels.board.time.end_s)
        frames = window.refresher.ticks
        await until(lambda: window.refresher.ticks > frames + 10)
        assert (window.panels.board.time.start_s, window.panels.board.time.end_s) == where
        spans = {tuple(plot.view.viewRange()[0]) for plot in window.panels.board.time_plots if plot.isVisible()}
        assert spans == {where}
        click(window.panels.board.live)
        assert window.panels.board.time.following
        # Not by QTest: it handles all waiting events at once, and a task woken inside another task never continues.
        place = QPointF(view.width() // 2, view.height() // 2)
        buttons = (Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(view.viewport(), QMouseEvent(QEvent.Type.MouseMove, place, place, *buttons))
        window.panels.board.time.cursor_moved.emit(0.5)
        assert (
            window.panels.board.latency.timeline.crosshair.isVisible()
            and window.panels.board.drops.timeline.crosshair.isVisible()
        )
        window.bench.run.stop()
        await until_ended(window)

    in_window(scenario)


def test_plots_are_written_as_png_svg_and_csv(in_window: InWindow, tmp_path: Path) -> None:
    async def scenario(window: MainWindow) -> None:
        open_preset(window, preset({"socket_type": "PUSH"}, duration_s=1.0))
        window.bench.start()
        await until_ended(window)
        plot = window.panels.board.throughput
        plot.png()(tmp_path / "a.png")
        plot.svg()(tmp_path / "a.svg")
        plot.csv()(tmp_path / "a.csv")
        assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (tmp_path / "a.svg").read_text()
        assert (tmp_path / "a.csv").read_text().startswith("at_s,offered_per_s,accepted_per_s,received_per_s\n0.")
        for write in (plot.png(), plot.svg(), plot.csv()):
            with pytest.raises(OSError):
                write(tmp_path / "no" / "a")
            # /dev/full behaves as a full disk does.
            with pytest.raises(OSError):
                write(Path("/dev/full"))

    in_window(scenario)
