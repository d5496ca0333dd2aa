"""The tab of the recommendation."""

from __future__ import annotations

from pathlib import Path

import msgspec
from bench_ui.lab.hwm_tab import HwmTab
from bench_ui.lab.lab_runner import Ending
from bench_ui.lab.question import Question
from bench_ui.lab.trial_request import SettingsRequest
from bench_ui.widgets.theme import DARK
from pytestqt.qtbot import QtBot

from bench_app.lab.hwm import HwmResult
from bench_app.preset.documents import parse
from tests.bench_ui.lab.entries import HWM, document, work_of
from tests.bench_ui.lab.test_hwm_progress import burst
from tests.runs import preset


def test_a_recommendation_can_be_applied(qtbot: QtBot, tmp_path: Path) -> None:
    tab = HwmTab()
    qtbot.addWidget(tab)
    tab.set_theme(DARK)
    tab.show_document(document())
    tab.stall.setValue(0.5)
    assert tab.question == Question("hwm", ["--handler", "h", "--proof", "20", "--stall", "0.5"])
    work = work_of(tmp_path, tab.question)
    tab.begin(work, is_running=True)
    tab.take(burst(100, 0))
    assert "1 runs" in tab.controls.message.text() and not tab.panel.charts[0].isHidden()
    found = HwmResult(
        preset="p",
        handler="h",
        recommended={HWM: 51},
        reason="Because.",
        backlog=50,
        stall_s=0.5,
        burst=20,
        capacity=25,
        step=1,
        memory_bytes=64_000,
        oldest_s=1.0,
        proof=None,
        notes=[],
    )
    work.result.write_bytes(msgspec.json.encode(found))
    tab.end(Ending.DONE, "")
    assert tab.panel.result.text().endswith(f"{HWM} = 51")
    wanted: list[SettingsRequest] = []
    tab.settings_wanted.connect(wanted.append)
    tab.panel.apply.click()
    assert wanted[0].settings == [(HWM, 51)]


def test_a_req_needs_no_mark(qtbot: QtBot) -> None:
    tab = HwmTab()
    qtbot.addWidget(tab)
    tab.show_document(parse(preset({"socket_type": "REQ"}), "test"))
    assert "needs no mark" in tab.controls.start.toolTip()
