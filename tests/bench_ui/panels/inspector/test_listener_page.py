"""The page of a listener: values, faults, and the default listener that the document does not name."""

from __future__ import annotations

from typing import Any

from bench_ui.panels.inspector.listener_page import ListenerPage
from bench_ui.panels.unit_request import UnitAction, UnitRequest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from bench_app.preset.documents import parse
from tests.bench_ui.panels.inspector.editing import EditedDocument
from tests.runs import preset


def page_of(qtbot: QtBot, *listeners: dict[str, Any], index: int = 0) -> tuple[ListenerPage, EditedDocument]:
    raw = preset({"socket_type": "PUSH"}, listeners=list(listeners) or None)
    edited = EditedDocument(parse(raw, "test"))
    page = ListenerPage(edited.edit, "PUSH")
    qtbot.addWidget(page)
    page.show_listener(edited.document, "h", index)
    return page, edited


def test_it_shows_the_listener(qtbot: QtBot) -> None:
    page, _ = page_of(qtbot, {"name": "quick"}, {"name": "slow", "delay_ms": 7}, index=1)
    assert page.findChildren(QLabel, "title")[0].text() == "h / slow"
    assert page.form.widget("delay_ms").text() == "7"


def test_an_edit_goes_to_its_listener(qtbot: QtBot) -> None:
    page, edited = page_of(qtbot, {"name": "quick"}, {"name": "slow"}, index=1)
    page.form.edited.emit("delay_ms", 3)
    page.connection.edited.emit("conflate", False)
    assert edited.raw["bench"]["listeners"]["h"][1] == {"name": "slow", "delay_ms": 3, "conflate": False}
    assert edited.raw["bench"]["listeners"]["h"][0] == {"name": "quick"}


def test_the_first_edit_of_the_default_listener_writes_it_down(qtbot: QtBot) -> None:
    page, edited = page_of(qtbot)
    page.form.edited.emit("delay_ms", 3)
    (written,) = edited.raw["bench"]["listeners"]["h"]
    assert written["delay_ms"] == 3 and written["name"] in page.findChildren(QLabel, "title")[0].text()


def test_a_wrong_edit_of_the_default_listener_is_marked(qtbot: QtBot) -> None:
    page, edited = page_of(qtbot)
    page.form.edited.emit("endpoint", "nowhere")
    assert page.form.fault_of("endpoint") != "" and "listeners" not in edited.raw["bench"]


def test_faults_are_for_a_run(qtbot: QtBot) -> None:
    page, _ = page_of(qtbot, {"name": "l"})
    assert not page.pause.isEnabled() and not page.kill.isEnabled()
    page.set_running(True)
    with qtbot.waitSignal(page.action_wanted) as paused:
        page.pause.click()
    assert paused.args == [UnitRequest(UnitAction.PAUSE, "h", "l")]
    with qtbot.waitSignal(page.action_wanted) as resumed:
        page.pause.click()
    assert resumed.args == [UnitRequest(UnitAction.RESUME, "h", "l")]
    with qtbot.waitSignal(page.action_wanted) as killed:
        page.kill.click()
    assert killed.args == [UnitRequest(UnitAction.KILL, "h", "l")]


def test_the_pause_button_follows_the_run_and_the_listener(qtbot: QtBot) -> None:
    page, edited = page_of(qtbot, {"name": "l"}, {"name": "m"})
    page.set_running(True)
    page.show_paused({("h", "l")})
    assert page.pause.isChecked()
    page.show_listener(edited.document, "h", 1)
    assert not page.pause.isChecked()
    page.show_paused({("h", "m")})
    page.set_running(False)
    assert not page.pause.isChecked()
