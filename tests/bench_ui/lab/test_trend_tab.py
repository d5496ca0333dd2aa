"""The tab of the trend."""

from __future__ import annotations

from pathlib import Path

from bench_ui.lab.trend_tab import TrendTab
from bench_ui.widgets.theme import DARK
from pytestqt.qtbot import QtBot

from tests.bench_ui.lab.test_history import history_of


def test_a_history_is_drawn_and_another_file_is_refused(qtbot: QtBot, tmp_path: Path) -> None:
    tab = TrendTab()
    qtbot.addWidget(tab)
    tab.set_theme(DARK)
    tab.show_file(history_of(tmp_path))
    assert not tab.plot.isHidden() and tab.metrics.currentText() == "rate"
    assert (
        tab.note.text().startswith("history.jsonl: 3 points from 2026-11-01 on; last 53.5 /s (")
        and "1 change shown" in tab.note.text()
    )
    assert list(tab._line.getData()[1]) == [103.5, 53.5, 53.5]
    tab.resize(800, 500)
    assert not tab.grab().isNull()
    tab.show_file(tmp_path)
    assert "could not be read" in tab.note.text()
