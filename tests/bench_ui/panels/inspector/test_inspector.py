"""The tabs of the inspector follow the selection; their pages are made once per socket type."""

from __future__ import annotations

import pytest
from bench_ui.forms.row import Row
from bench_ui.panels.inspector import Inspector
from bench_ui.panels.unit_request import UnitAction, UnitRequest
from bench_ui.scope import Scope
from bench_ui.widgets.theme import DARK
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from bench_app.preset.documents import Document, parse
from tests.bench_ui.panels.documents import document_of
from tests.bench_ui.panels.inspector.editing import EditedDocument
from tests.runs import preset


@pytest.fixture
def document() -> Document:
    return document_of(push={}, req={"config": {"socket_type": "REQ"}})


@pytest.fixture
def inspector(qtbot: QtBot, document: Document) -> Inspector:
    found = Inspector(EditedDocument(document).edit)
    qtbot.addWidget(found)
    found.show_document(document, Scope(("push",)))
    return found


def tab(inspector: Inspector) -> str:
    return inspector.tabText(inspector.currentIndex())


def title(inspector: Inspector, socket_type: str) -> str:
    return inspector.handler_pages[socket_type].findChildren(QLabel, "title")[0].text()


def test_it_shows_the_first_selected_handler(inspector: Inspector, document: Document) -> None:
    assert tab(inspector) == "Handler" and title(inspector, "PUSH") == "push"
    inspector.show_document(document, Scope(("req", "push")))
    assert title(inspector, "REQ") == "req"


def test_a_selected_listener_has_its_tab(inspector: Inspector, document: Document) -> None:
    name = inspector.listener_pages["PUSH"].findChildren(QLabel, "title")[0].text().split(" / ")[1]
    inspector.show_document(document, Scope(("push",), name))
    assert tab(inspector) == "Listener"
    inspector.setCurrentIndex(3)
    inspector.show_document(document, Scope(("push",), name))
    assert tab(inspector) == "Run", "an edit does not turn the tabs"
    inspector.show_document(document, Scope(("push",), name))
    inspector.setCurrentIndex(2)
    inspector.show_document(document, Scope(("req",)))
    assert tab(inspector) == "Handler"


def test_without_a_handler_nothing_can_be_edited(inspector: Inspector) -> None:
    inspector.show_document(None, Scope())
    assert not any(inspector.widget(place).isEnabled() for place in range(inspector.count()))


def test_pages_that_the_document_may_need_are_made_ahead(inspector: Inspector, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: set(inspector.handler_pages) == set(inspector.listener_pages) == {"PUSH", "REQ"})
    assert tab(inspector) == "Handler" and title(inspector, "PUSH") == "push"


def test_a_page_that_is_made_in_a_run_knows_of_it(inspector: Inspector, document: Document) -> None:
    inspector.set_running(True)
    inspector.show_document(document, Scope(("req",)))
    assert not inspector.handler_pages["REQ"].capacity.isEnabled()
    assert inspector.listener_pages["REQ"].kill.isEnabled()
    inspector.set_running(False)
    assert inspector.handler_pages["REQ"].capacity.isEnabled()


def test_requests_of_pages_are_passed_on(inspector: Inspector, qtbot: QtBot) -> None:
    with qtbot.waitSignal(inspector.action_wanted) as asked:
        inspector.handler_pages["PUSH"].capacity.click()
    assert asked.args == [UnitRequest(UnitAction.MEASURE_CAPACITY, "push")]


def test_a_new_handler_is_turned_to(inspector: Inspector) -> None:
    inspector.setCurrentIndex(3)
    inspector.show_handler_page()
    assert tab(inspector) == "Handler"


def test_a_paused_listener_is_shown_as_paused(inspector: Inspector) -> None:
    inspector.set_running(True)
    page = inspector.listener_pages["PUSH"]
    name = page.findChildren(QLabel, "title")[0].text().split(" / ")[1]
    inspector.show_paused({("push", name)})
    assert page.pause.isChecked()


def test_bold_labels_survive_another_theme(inspector: Inspector, qtbot: QtBot) -> None:
    inspector.show_document(document_of(push={"config": {"socket_type": "PUSH", "linger": 7}}), Scope(("push",)))
    rows = [row for row in inspector.findChildren(Row) if row.label.text() == "Linger"]
    for row in rows:
        font = row.label.font()
        font.setBold(False)
        row.label.setFont(font)
    inspector.set_theme(DARK)
    assert any(row.label.font().bold() for row in rows)


def test_an_inspector_that_is_held_back_makes_its_pages_when_it_is_released(qtbot: QtBot, document: Document) -> None:
    inspector = Inspector(EditedDocument(document).edit)
    qtbot.addWidget(inspector)
    inspector.hold()
    inspector.show_document(document, Scope(("push",)))
    assert not inspector.handler_pages
    inspector.release()
    assert list(inspector.handler_pages) == ["PUSH"]


def test_a_consumer_of_the_user_is_in_place_of_a_listener(qtbot: QtBot) -> None:
    raw = preset({"socket_type": "PUB"}, uri="zmq://tcp://127.0.0.1:5555", handler={"paired": False})
    own = parse(raw, "test")
    inspector = Inspector(EditedDocument(own).edit)
    qtbot.addWidget(inspector)
    inspector.show_document(own, Scope(("h",), is_own_consumer=True))
    assert tab(inspector) == "Listener"
    page = inspector.consumer_page
    assert page is not None
    assert "tcp://127.0.0.1:5555" in page.box.text.toPlainText()
    with qtbot.waitSignal(inspector.count_wanted) as wanted:
        page.box.count.click()
    assert wanted.args == ["h"]
