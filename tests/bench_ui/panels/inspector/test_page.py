"""How an edit of a form reaches the document, and what a form says about its fields."""

from __future__ import annotations

import pytest
from bench_ui.panels.inspector.page import (
    RECREATES,
    RESTARTS,
    apply_edit,
    group_form,
    heading,
    mark_field,
    note,
    page_column,
    plain_group_form,
)
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from bench_app.errors import Fault
from bench_app.model import HandlerBench, HandlerConfig, HandlerSpec
from bench_app.model.key_info import Group
from tests.bench_ui.panels.documents import document_of
from tests.bench_ui.panels.inspector.editing import EditedDocument


def notes(form: QWidget) -> set[str]:
    return {label.text() for label in form.findChildren(QLabel, "note") if label.text()}


def test_an_edit_sets_one_value_and_names_itself(qtbot: QtBot) -> None:
    edited = EditedDocument(document_of(h={}))
    form = group_form(HandlerConfig, Group.SOCKET, "PUSH")
    qtbot.addWidget(form)
    path = ("output", "handlers", "h", "config", "queue_size")
    apply_edit(edited.edit, form, path, "queue_size", 7)
    assert edited.raw["output"]["handlers"]["h"]["config"]["queue_size"] == 7
    assert edited.texts == ["change config.queue_size"]
    assert edited.merges == ["output.handlers.h.config.queue_size"], "edits of one value are one step of undo"
    assert form.fault_of("queue_size") == ""


def test_a_wrong_edit_is_marked_and_changes_nothing(qtbot: QtBot) -> None:
    edited = EditedDocument(document_of(h={}))
    before = edited.document
    form = group_form(HandlerSpec, Group.HANDLER)
    qtbot.addWidget(form)
    apply_edit(edited.edit, form, ("output", "handlers", "h", "uri"), "uri", "http://nowhere")
    assert edited.document is before and "zmq://" in form.fault_of("uri")
    apply_edit(edited.edit, form, ("output", "handlers", "h", "uri"), "uri", "zmq://inproc://x")
    assert form.fault_of("uri") == ""


def test_all_faults_of_an_edit_are_at_the_edited_field(qtbot: QtBot) -> None:
    form = group_form(HandlerSpec, Group.HANDLER)
    qtbot.addWidget(form)
    mark_field(form, "uri", [Fault("a", expected="one thing", value="1"), Fault("b", expected="another", value="2")])
    assert form.fault_of("uri") == "must be one thing; must be another"


def test_a_field_says_what_its_change_does_in_a_run(qtbot: QtBot) -> None:
    form = group_form(HandlerConfig, Group.SOCKET, "PUSH")
    qtbot.addWidget(form)
    assert notes(form) == {RECREATES, RESTARTS}
    plain = plain_group_form(HandlerBench, Group.CONNECTION, "PUSH")
    qtbot.addWidget(plain)
    assert notes(plain) == set()


@pytest.mark.parametrize(("pattern", "has_topic"), [("PUB", True), ("PUSH", False), ("REQ", False)])
def test_a_form_has_the_keys_that_the_pattern_can_use(qtbot: QtBot, pattern: str, has_topic: bool) -> None:
    form = group_form(HandlerConfig, Group.SOCKET, pattern)
    qtbot.addWidget(form)
    assert ("topic" in form.fields) is has_topic
    assert ("request_timeout" in form.fields) is (pattern == "REQ")


def test_headings_and_notes_wrap(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column = page_column(page)
    for label in (heading("The run"), note("In a run each change recreates the socket.")):
        column.addWidget(label)
        assert label.wordWrap()
