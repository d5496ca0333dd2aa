"""The page of the run."""

from __future__ import annotations

from bench_ui.panels.inspector.run_page import RunPage
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from bench_app.preset.documents import parse
from tests.bench_ui.panels.inspector.editing import EditedDocument
from tests.runs import preset


def test_it_shows_and_edits_the_run(qtbot: QtBot) -> None:
    edited = EditedDocument(parse(preset({"socket_type": "PUSH"}, duration_s=3), "test"))
    page = RunPage(edited.edit)
    qtbot.addWidget(page)
    page.show_run(edited.document)
    assert page.form.widget("duration_s").text() == "3"
    page.form.edited.emit("duration_s", 9)
    assert edited.raw["bench"]["duration_s"] == 9


def test_the_checks_are_shown_and_entered_when_the_focus_leaves_them(qtbot: QtBot) -> None:
    edited = EditedDocument(parse(preset({"socket_type": "PUSH"}, checks=["h: lost == 0"]), "test"))
    page = RunPage(edited.edit)
    qtbot.addWidget(page)
    page.show()
    with qtbot.waitActive(page):
        page.activateWindow()
    page.show_run(edited.document)
    assert page.checks.toPlainText() == "h: lost == 0"

    def enter(text: str) -> None:
        page.checks.setFocus()
        page.checks.setPlainText(text)
        page.form.widget("duration_s").setFocus()

    enter("h: lost == 0")
    assert edited.texts == [], "passing through is no edit"
    enter("h: lost == 0\n\n drops < 5 ")
    assert edited.raw["bench"]["checks"] == ["h: lost == 0", "drops < 5"]
    page.show_run(edited.document)
    enter("nonsense > 1")
    assert "nonsense" not in str(edited.raw) and page.fault and page.checks.property("fault")
    page.checks.setFocus()
    qtbot.keyClick(page.checks, Qt.Key.Key_Escape)
    assert page.fault == "" and page.checks.lines == ["h: lost == 0", "drops < 5"]
