"""From the first click to a kept run."""

from __future__ import annotations

import numpy as np
import pytest
from bench_ui.window.main_window import MainWindow
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from tests.bench_ui.driving import (
    InWindow,
    click,
    until_ended,
    until_running,
)
from tests.runs import until


@pytest.mark.usefixtures("well_known_ports")
def test_one_click_from_the_gallery_to_moving_plots_one_more_to_a_changed_hwm_and_a_kept_run(
    in_window: InWindow,
) -> None:
    async def scenario(window: MainWindow) -> None:
        assert window.panel_layout.gallery_shown
        card = next(
            card
            for card in window.panels.gallery.findChildren(QAbstractButton)
            if card.accessibleName().startswith("Basic publisher")
        )
        click(card)
        assert not window.panel_layout.gallery_shown
        await until_running(window)
        await until(lambda: len(window.panels.board.latency.data.get("p99", ([], []))[0]) > 5)
        _, p99 = window.panels.board.latency.data["p99"]
        assert np.isfinite(p99).any() and p99[np.isfinite(p99)][0] > 1000
        # The second click changes a high-water mark in the run.
        field = next(iter(window.panels.inspector.handler_pages.values())).config.widget("high_water_mark")
        QTest.mouseClick(field, Qt.MouseButton.LeftButton)
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(field, "20")
        QTest.keyClick(field, Qt.Key.Key_Return)
        await until(lambda: any("the socket was recreated" in text for text in window.panels.events.messages))
        window.bench.run.stop()
        await until_ended(window)
        await window.run_store.flush()
        assert [run.preset for run in window.panels.runs.summaries] == ["basic-publisher"]

    in_window(scenario)
