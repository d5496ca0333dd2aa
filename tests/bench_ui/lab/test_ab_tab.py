"""The tab of A and B."""

from __future__ import annotations

from pathlib import Path

import msgspec
from bench_ui.lab.ab_tab import AbTab
from bench_ui.lab.lab_runner import Ending
from bench_ui.lab.question import Question
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


def test_a_work_without_a_value_of_one_side_shows_that_of_the_preset(qtbot: QtBot, tmp_path: Path) -> None:
    tab = AbTab()
    qtbot.addWidget(tab)
    tab.show_document(document())
    tab.begin(work_of(tmp_path, Question("ab", ["--b", f"{HWM}=7"])), is_running=False)
    assert (tab.key.currentData(), tab.of_a.text(), tab.of_b.text()) == (HWM, "1000", "7")
    assert tab.result.text().startswith(f"A: the preset as it is. B: {HWM}=7. ")


def test_a_work_that_the_form_cannot_show_is_named_and_its_b_applied(qtbot: QtBot, tmp_path: Path) -> None:
    tab = AbTab()
    qtbot.addWidget(tab)
    tab.show_document(document())
    wanted: list[SettingsRequest] = []
    tab.settings_wanted.connect(wanted.append)
    question = Question("ab", ["--b", f"{HWM}=7", "--b", "bench.io_threads=2", "--b", "plane=python"])
    tab.begin(work_of(tmp_path, question), is_running=False)
    assert (tab.of_a.text(), tab.of_b.text()) == ("", "") and not tab.controls.start.isEnabled()
    assert "bench.io_threads=2" in tab.result.text()
    tab.apply.click()
    assert wanted[0].settings == [(HWM, 7), ("bench.io_threads", 2)]


def test_another_key_forgets_the_b_of_the_work(qtbot: QtBot, tmp_path: Path) -> None:
    tab = AbTab()
    qtbot.addWidget(tab)
    tab.show_document(document())
    tab.begin(work_of(tmp_path, Question("ab", ["--b", f"{HWM}=7"])), is_running=False)
    wanted: list[SettingsRequest] = []
    tab.settings_wanted.connect(wanted.append)
    other = next(row for row in range(tab.key.count()) if tab.key.itemData(row) != HWM)
    tab.key.setCurrentIndex(other)
    tab.apply.click()
    assert all(path != HWM for request in wanted for path, _ in request.settings)
