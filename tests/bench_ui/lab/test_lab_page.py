"""The tabs of the lab and the list of works."""

from __future__ import annotations

from pathlib import Path

from bench_ui.lab.lab_page import NO_WORKS, LabPage
from bench_ui.widgets.theme import DARK
from pytestqt.qtbot import QtBot

from tests.bench_ui.lab.entries import document, key, run, work_of


def test_an_unfinished_work_can_be_shown_and_goes_on(qtbot: QtBot, tmp_path: Path) -> None:
    page = LabPage()
    qtbot.addWidget(page)
    page.set_theme(DARK)
    page.show_document(document())
    page.list_works([])
    menu = page.earlier.menu()
    assert [action.text() for action in menu.actions()] == [NO_WORKS]
    work = work_of(tmp_path, results={key(10, 100): run()})
    page.list_works([work])
    assert "unfinished after 1" in menu.actions()[0].text()
    with qtbot.waitSignal(page.work_wanted, timeout=1000) as wanted:
        menu.actions()[0].trigger()
    assert wanted.args == [work]
    page.show_work(work, is_running=False)
    assert page.shown_tab == "sweep" and not page.go_on.isHidden()
    with qtbot.waitSignal(page.go_on_wanted, timeout=1000) as again:
        page.go_on.click()
    assert again.args == [work]
    page.set_refusal("a run is under way")
    assert not page.go_on.isEnabled() and not page.sweep.controls.start.isEnabled()
