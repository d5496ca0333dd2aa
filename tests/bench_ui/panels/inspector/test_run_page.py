"""The page of the run."""

from __future__ import annotations

from bench_ui.panels.inspector.run_page import RunPage
from PySide6.QtWidgets import QLabel
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


def test_it_lists_the_checks(qtbot: QtBot) -> None:
    page = RunPage(lambda assignments, text, merge: [])
    qtbot.addWidget(page)

    def texts() -> list[str]:
        return [label.text() for label in page.findChildren(QLabel)]

    page.show_run(parse(preset({"socket_type": "PUSH"}, checks=["h: lost == 0", "h: offered > 0"]), "test"))
    assert "h: lost == 0\nh: offered > 0" in texts()
    page.show_run(parse(preset({"socket_type": "PUSH"}), "test"))
    assert any(text.startswith("none: ") for text in texts())
