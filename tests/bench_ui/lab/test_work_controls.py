"""Start, Cancel and the progress of a work."""

from __future__ import annotations

from bench_ui.lab.lab_runner import Ending
from bench_ui.lab.work_controls import GO_ON, START, START_TIP, WorkControls
from pytestqt.qtbot import QtBot


def test_the_buttons_follow_the_work(qtbot: QtBot) -> None:
    controls = WorkControls("Sweep")
    qtbot.addWidget(controls)
    assert controls.start.isEnabled() and not controls.cancel.isEnabled() and controls.start.toolTip() == START_TIP
    controls.show_begun("8 runs")
    assert not controls.start.isEnabled() and controls.cancel.isEnabled()
    controls.show_progress(0.5, "4 of 8")
    assert controls.progress.value() == 500 and controls.message.text() == "4 of 8"
    controls.show_end(Ending.CANCELLED, "kept")
    assert controls.start.text() == GO_ON and controls.start.isEnabled() and controls.message.text() == "kept"
    controls.show_end(Ending.DONE, "")
    assert controls.start.text() == START


def test_a_refusal_is_in_the_tooltip(qtbot: QtBot) -> None:
    controls = WorkControls("Sweep")
    qtbot.addWidget(controls)
    controls.set_refusal("a run is under way")
    assert not controls.start.isEnabled() and controls.start.toolTip() == "a run is under way"
    controls.set_fault("no key")
    assert controls.start.toolTip() == "no key"
    controls.set_refusal("")
    controls.set_fault("")
    assert controls.start.isEnabled()
