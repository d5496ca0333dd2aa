"""The right side of a search."""

from __future__ import annotations

from bench_ui.lab.lanes import Lane, LaneChart
from bench_ui.lab.search_panel import SearchPanel
from bench_ui.widgets.theme import DARK
from pytestqt.qtbot import QtBot

from tests.bench_ui.lab.entries import INVALID, run


def test_trials_come_as_rows_and_a_result_can_be_applied(qtbot: QtBot) -> None:
    panel = SearchPanel("Search", 1, "nothing yet")
    qtbot.addWidget(panel)
    panel.set_theme(DARK)
    assert panel.result.text() == "nothing yet" and not panel.apply.isEnabled() and panel.charts[0].isHidden()
    panel.show_charts([LaneChart([Lane("a")], "x")])
    assert not panel.charts[0].isHidden()
    panel.add_trial("1,000/s: nothing lost", run())
    panel.add_trial("2,000/s", INVALID)
    assert list(panel.trials.table.rows[1]) == ["2", "2,000/s", "invalid", "the machine was busy"]
    panel.trials.select_row(1)
    with qtbot.waitSignal(panel.trial_wanted, timeout=1000) as wanted:
        panel.trials.doubleClicked.emit(panel.trials.currentIndex())
    assert wanted.args == [1]
    panel.show_result(["1,000 events/s"], "rate 1,000")
    with qtbot.waitSignal(panel.apply_wanted, timeout=1000):
        panel.apply.click()
