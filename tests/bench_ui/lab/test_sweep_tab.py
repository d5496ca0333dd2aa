"""The tab of the sweep shows what the journal has."""

from __future__ import annotations

from pathlib import Path

from bench_ui.lab.lab_runner import Ending
from bench_ui.lab.sweep_tab import SweepTab
from bench_ui.lab.trial_request import SettingsRequest, TrialRequest
from bench_ui.widgets.theme import DARK
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.bench_ui.lab.entries import HWM, INVALID, RATE, document, entries, key, run, work_of


def test_a_sweep_fills_its_map_and_a_cell_leads_to_its_run_and_its_settings(qtbot: QtBot, tmp_path: Path) -> None:
    tab = SweepTab()
    qtbot.addWidget(tab)
    tab.set_theme(DARK)
    tab.show_document(document())
    asked: list[object] = []
    tab.question_asked.connect(asked.append)
    tab.controls.start.click()
    assert len(asked) == 1

    results = {key(10, 100): run(1.0), key(10, 200): run(2.0, lost=5), key(1000, 100): INVALID}
    work = work_of(tmp_path, results=results)
    tab.begin(work, is_running=True)
    for entry in entries(work):
        tab.take(entry)
    tab.draw()
    assert tab.picture.currentWidget() is tab.map
    assert "3 of 8 runs, 1 invalid" in tab.controls.message.text()
    assert [row[2] for row in tab.runs.table.rows] == ["pass", "pass", "invalid"]

    tab.choose(1)
    assert "drops 5" in tab.detail.text()
    tab.metrics.setCurrentText("rate")
    assert tab.runs.table.rows[1][3] == "99.5 /s" and "rate" in tab.detail.text()
    tab.over.setCurrentText("drops")
    assert tab.picture.currentWidget() is tab.curve and tab.detail.text().endswith("; drops 5")
    tab.over.setCurrentIndex(0)
    assert tab.picture.currentWidget() is tab.map
    requests: list[object] = []
    tab.run_wanted.connect(requests.append)
    tab.settings_wanted.connect(requests.append)
    tab.open_run.click()
    tab.apply.click()
    opened, applied = requests
    assert opened.place == entries(work)[1].place and opened.name == "sweep 10, 200"  # type: ignore[attr-defined]
    assert applied.settings == [(HWM, 10), (RATE, 200)]  # type: ignore[attr-defined]

    tab.end(Ending.DONE, "")
    assert tab.controls.message.text() == "3 runs, 1 of them invalid."


def test_a_click_opens_the_run_of_a_cell_and_a_double_click_applies_its_settings_alone(
    qtbot: QtBot, tmp_path: Path
) -> None:
    tab = SweepTab()
    qtbot.addWidget(tab)
    tab.show_document(document())
    work = work_of(tmp_path, results={key(10, 100): run(1.0), key(10, 200): run(2.0), key(1000, 100): run(3.0)})
    tab.begin(work, is_running=False)
    for entry in entries(work):
        tab.take(entry)
    tab.draw()
    requests: list[object] = []
    tab.run_wanted.connect(requests.append)
    tab.settings_wanted.connect(requests.append)
    tab.resize(900, 700)
    tab.grab()

    def click(number: int, times: int) -> None:
        place = tab.map.place_of(number)
        assert place is not None
        at = place.center().toPoint()
        qtbot.mouseClick(tab.map, Qt.MouseButton.LeftButton, pos=at)
        assert "= 200" in tab.detail.text() or number != 1
        if times == 2:
            qtbot.mouseDClick(tab.map, Qt.MouseButton.LeftButton, pos=at)

    # The first click of the double click does not open the run that another click would.
    click(0, times=2)
    with qtbot.waitSignal(tab.run_wanted):
        click(1, times=1)
    applied, opened = requests
    assert isinstance(applied, SettingsRequest) and applied.settings == [(HWM, 10), (RATE, 100)]
    assert isinstance(opened, TrialRequest) and opened.name == "sweep 10, 200"

    # Enter does not wait, and the click before it opens nothing once more. A cell without a run opens nothing.
    requests.clear()
    click(1, times=1)
    qtbot.keyClick(tab.map, Qt.Key.Key_Return)
    click(3, times=1)
    with qtbot.waitSignal(tab.run_wanted):
        click(2, times=1)
    assert [request.name for request in requests] == ["sweep 10, 200", "sweep 1,000, 100"]  # type: ignore[attr-defined]
