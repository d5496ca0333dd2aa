"""The page of a handler."""

from __future__ import annotations

import pytest
from bench_ui.panels.inspector.handler_page import HandlerPage
from bench_ui.panels.unit_request import UnitAction, UnitRequest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from tests.bench_ui.panels.documents import document_of
from tests.bench_ui.panels.inspector.editing import EditedDocument


@pytest.fixture
def edited() -> EditedDocument:
    return EditedDocument(document_of(h={"config": {"socket_type": "PUSH", "queue_size": 77}}))


@pytest.fixture
def page(qtbot: QtBot, edited: EditedDocument) -> HandlerPage:
    found = HandlerPage(edited.edit, "PUSH")
    qtbot.addWidget(found)
    found.show_handler(edited.document, "h")
    return found


def text(page: HandlerPage, form: str, field: str) -> str:
    box = getattr(page, form).widget(field)
    assert isinstance(box, QLineEdit)
    return box.text()


def test_it_shows_the_handler(page: HandlerPage) -> None:
    assert page.findChildren(QLabel, "title")[0].text() == "h"
    assert text(page, "config", "queue_size") == "77"
    assert text(page, "spec", "uri") == "zmq://tcp://127.0.0.1:*"


@pytest.mark.parametrize(
    ("form", "field", "value", "path"),
    [
        ("config", "queue_size", 5, ("output", "handlers", "h", "config", "queue_size")),
        ("spec", "enabled", False, ("output", "handlers", "h", "enabled")),
        ("bench", "framing", "joined", ("bench", "handlers", "h", "framing")),
        ("connection", "immediate", False, ("bench", "handlers", "h", "immediate")),
    ],
)
def test_an_edit_goes_to_its_place_in_the_document(
    page: HandlerPage, edited: EditedDocument, form: str, field: str, value: object, path: tuple[str, ...]
) -> None:
    getattr(page, form).edited.emit(field, value)
    found = edited.raw
    for key in path:
        found = found[key]
    assert found == value


def test_capacity_is_measured_without_a_run_only(page: HandlerPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.action_wanted) as asked:
        page.capacity.click()
    assert asked.args == [UnitRequest(UnitAction.MEASURE_CAPACITY, "h")]
    page.set_running(True)
    assert not page.capacity.isEnabled() and "disturb" in page.capacity.toolTip()
    page.set_running(False)
    assert page.capacity.isEnabled()
