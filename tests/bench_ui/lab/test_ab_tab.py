"""The tab of A and B."""

from __future__ import annotations

from pathlib import Path

import msgspec
from bench_ui.lab.ab_tab import AbTab
from bench_ui.lab.lab_runner import Ending
from bench_ui.lab.trial_request import SettingsRequest
from bench_ui.widgets.theme import DARK
from pytestqt.qtbot import QtBot

from tests.bench_ui.lab.entries import HWM, document, run, work_of
from tests.bench_ui.lab.test_ab_progress import entry, filled


def test_a_question_names_one_key_with_two_values(qtbot: QtBot, tmp_path: Path) -> None:
    tab = AbTab()
    qtbot.addWidget(tab)
    tab.set_theme(DARK)
    tab.show_document(document())
    assert tab.question.options == ["--a", f"{HWM}=1000", "--b", f"{HWM}=500", "--pairs", "10", "--duration", "2"]
    tab.of_b.setText("-5")
    assert not tab.controls.start.isEnabled()
    tab.of_b.setText("2000")
    assert tab.controls.start.isEnabled()
    wanted: list[SettingsRequest] = []
    tab.settings_wanted.connect(wanted.append)
    tab.apply.click()
    assert wanted[0].settings == [(HWM, 2000)]

    work = work_of(tmp_path, tab.question)
    tab.begin(work, is_running=True)
    tab.take(entry("a", run(1.0)))
    assert "1 of 20 runs" in tab.controls.message.text() and tab.metrics.table.rows == []
    tab.take(entry("b", run(1.0)))
    assert len(tab.metrics.table.rows) > 2
    found = filled().comparison
    work.result.write_bytes(msgspec.json.encode(found))
    tab.end(Ending.DONE, "")
    assert "9 pairs" in tab.result.text()
