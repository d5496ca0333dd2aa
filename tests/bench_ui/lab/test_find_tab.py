"""The tab of the search for the highest rate."""

from __future__ import annotations

from pathlib import Path

import msgspec
from bench_ui.lab.find_tab import FindTab
from bench_ui.lab.lab_runner import Ending
from bench_ui.lab.question import Question
from bench_ui.lab.trial_request import SettingsRequest
from bench_ui.widgets.theme import DARK
from pytestqt.qtbot import QtBot

from bench_app.lab.find import result_of
from tests.bench_ui.lab.entries import document, work_of
from tests.bench_ui.lab.test_find_progress import entry, filled


def test_the_question_is_that_of_the_command(qtbot: QtBot) -> None:
    tab = FindTab()
    qtbot.addWidget(tab)
    tab.show_document(document())
    assert tab.question == Question("find", ["--loss", "0", "--loss", "0.005", "--max-time", "60", "--trial", "2"])
    tab.check.setText("latency.nothing < 5")
    assert not tab.controls.start.isEnabled()
    tab.check.setText("latency.response.p99_ms < 5")
    tab.losses.setText("")
    assert tab.question.options[:2] == ["--goal", "latency.response.p99_ms < 5"]
    tab.check.setText("")
    assert "at least one goal" in tab.controls.start.toolTip()


def test_the_found_rate_can_be_applied(qtbot: QtBot, tmp_path: Path) -> None:
    tab = FindTab()
    qtbot.addWidget(tab)
    tab.set_theme(DARK)
    tab.show_document(document())
    work = work_of(tmp_path, Question("find", ["--loss", "0", "--trial", "2"]))
    tab.begin(work, is_running=True)
    tab.take(entry(1000.0, 0))
    assert "1 trials" in tab.controls.message.text() and len(tab.panel.trials.table.rows) == 1
    opened: list[object] = []
    tab.run_wanted.connect(opened.append)
    tab.panel.trial_wanted.emit(0)
    assert len(opened) == 1
    work.result.write_bytes(msgspec.json.encode(result_of("p", filled().search, "done", 8.0)))
    tab.end(Ending.DONE, "")
    assert "it carries 1,000 events/s" in tab.panel.result.text()
    wanted: list[SettingsRequest] = []
    tab.settings_wanted.connect(wanted.append)
    tab.panel.apply.click()
    load = {"shape": "constant", "rate": 1000.0}
    assert wanted[0].settings == [(("bench", "sources", "events", "load"), load)]
