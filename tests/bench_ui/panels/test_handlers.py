"""The tree of handlers: selection, states of a run, and requests."""

from __future__ import annotations

import pytest
from bench_ui.panels.handler_delegate import ROW, USUAL_DETAILS, Detail
from bench_ui.panels.handler_rows import LEFT_OUT
from bench_ui.panels.handlers import HandlersPanel
from bench_ui.panels.own_consumer import OWN_CONSUMER
from bench_ui.panels.unit_request import UnitAction, UnitRequest
from bench_ui.scope import Scope
from bench_ui.widgets.theme import DARK
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from pytestqt.qtbot import QtBot

from bench_app.preset.documents import parse
from tests.bench_ui.panels.documents import document_of
from tests.bench_ui.panels.views import live_handler
from tests.runs import preset


@pytest.fixture
def panel(qtbot: QtBot) -> HandlersPanel:
    found = HandlersPanel()
    qtbot.addWidget(found)
    found.show_document(document_of(h={}, other={"config": {"socket_type": "REQ"}}))
    found.resize(300, 300)
    found.show()
    return found


def menu(panel: HandlersPanel) -> list[str]:
    return [action.text() for action in panel.menu().actions() if action.text()]


def test_nothing_selected_is_everything(panel: HandlersPanel) -> None:
    assert panel.selected() == []
    assert panel.scope == Scope(("h", "other"), everything=True)


def test_the_scope_is_what_is_selected(panel: HandlersPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.scope_changed):
        panel.select("h")
    assert panel.scope == Scope(("h",))
    listener = panel.rows[1].listener
    panel.select("h", listener)
    assert panel.scope == Scope(("h",), listener)
    panel.select("h", "gone")
    assert panel.scope == Scope(("h",), listener)
    panel.tree.selectAll()
    assert panel.scope == Scope(("h", "other"))


def test_the_selection_stays_while_the_document_changes(panel: HandlersPanel, qtbot: QtBot) -> None:
    panel.select("other")
    with qtbot.assertNotEmitted(panel.scope_changed):
        panel.show_document(document_of(new={}, other={"config": {"socket_type": "PUB", "topic": "t"}}))
    assert panel.selected() == [("other", "")]
    with qtbot.waitSignal(panel.scope_changed):
        panel.show_document(document_of(new={}))
    assert panel.selected() == []


def test_a_run_updates_the_rows_of_its_units(panel: HandlersPanel) -> None:
    listener = panel.rows[1].listener
    panel.refresh([live_handler("PUSH", **{listener: 30})], paused={("h", listener)})
    handler, below, other, _ = panel.rows
    assert (handler.rate, handler.status, handler.paused) == ("100/s", "bound: 1 peer", False)
    assert (below.rate, below.paused) == ("30/s", True)
    assert other.rate == ""
    item = panel.tree.topLevelItem(0)
    assert item.toolTip(0) == handler.tooltip
    assert item.data(0, Qt.ItemDataRole.AccessibleTextRole) == handler.accessible_text


def test_the_menu_offers_what_fits_the_selection(panel: HandlersPanel) -> None:
    assert menu(panel) == ["PUB handler", "PUSH handler", "REQ handler", "Listener for the selected handler", "Columns"]
    panel.select("h")
    without_run = ["Run this handler alone", "Measure capacity", "Add a listener", "Duplicate", "Rename…"]
    assert menu(panel) == [*without_run, "Enable", "Disable", "Remove", "Copy with headings", "Columns"]
    panel.running = True
    assert menu(panel)[:3] == ["Pause", "Stop this handler", "Kill and restart (a fault)"]
    panel.tree.selectAll()
    assert menu(panel) == ["Enable", "Disable", "Remove", "Copy with headings", "Columns"]


def test_the_menu_chooses_what_the_lines_show(panel: HandlersPanel, qtbot: QtBot) -> None:
    def entries() -> dict[str, QAction]:
        columns = next(action.menu() for action in panel.menu().actions() if action.text() == "Columns")
        return {action.text(): action for action in columns.actions()}

    assert [text for text, action in entries().items() if action.isChecked()] == ["rate", "address"]
    with qtbot.waitSignal(panel.details_changed):
        entries()["state"].trigger()
    entries()["address"].trigger()
    assert panel.details == {Detail.RATE, Detail.STATE}
    entries()["Usual columns"].trigger()
    assert panel.details == USUAL_DETAILS


def test_the_menu_sends_requests(panel: HandlersPanel, qtbot: QtBot) -> None:
    panel.select("h")
    opened = panel.menu()
    with qtbot.waitSignal(panel.action_wanted) as asked:
        next(action for action in opened.actions() if action.text() == "Rename…").trigger()
    assert asked.args == [UnitRequest(UnitAction.RENAME, "h")]
    with qtbot.waitSignal(panel.enable_wanted) as disabled:
        next(action for action in opened.actions() if action.text() == "Disable").trigger()
    assert disabled.args == [["h"], False]


def test_del_asks_to_remove_the_selected_units(panel: HandlersPanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(panel.remove_wanted):
        panel.remove_selected()
    panel.select("h")
    with qtbot.waitActive(panel):
        panel.activateWindow()
    panel.tree.setFocus()
    with qtbot.waitSignal(panel.remove_wanted) as removed:
        qtbot.keyClick(panel.tree, Qt.Key.Key_Delete)
    assert removed.args == [[("h", "")]]


def test_another_theme_reaches_the_rows(panel: HandlersPanel) -> None:
    panel.set_theme(DARK)
    assert panel.theme is DARK


def test_a_search_shows_handlers_with_their_listeners_and_counts_them(panel: HandlersPanel) -> None:
    def shown() -> list[str]:
        top = (panel.tree.topLevelItem(place) for place in range(panel.tree.topLevelItemCount()))
        return [
            row.name
            for item, row in zip(top, [r for r in panel.rows if not r.listener], strict=True)
            if not item.isHidden()
        ]

    panel.filter_line.setText("OTHER")
    assert shown() == ["other"] and panel.filter_line.count == "1 of 2"
    panel.filter_line.setText("PULL")
    assert shown() == ["h"], "a listener is found with its handler"
    panel.show_document(document_of(h={}, other={}, new={}))
    assert shown() == ["h", "other", "new"] and panel.filter_line.count == "3 of 3"
    panel.filter_line.clear()
    assert panel.filter_line.count == ""


def test_selected_lines_are_copied_below_headings(panel: HandlersPanel) -> None:
    panel.select("other")
    panel.copy_selected()
    head, line = QGuiApplication.clipboard().text().split("\n")
    assert head.split("\t") == ["handler", "listener", "socket type", "address", "state", "rate"]
    assert line.split("\t")[:3] == ["other", "", "REQ"]
    assert "Copy with headings" in menu(panel)


def test_the_users_own_consumer_is_a_line_that_cannot_be_removed(panel: HandlersPanel, qtbot: QtBot) -> None:
    raw = preset({"socket_type": "PUB"}, uri="zmq://tcp://127.0.0.1:5555", handler={"paired": False})
    panel.show_document(parse(raw, "test"))
    panel.select("h", OWN_CONSUMER)
    assert panel.scope == Scope(("h",), is_own_consumer=True)
    with qtbot.assertNotEmitted(panel.remove_wanted):
        panel.remove_selected()
    actions = {action.text(): action for action in panel.menu().actions()}
    actions["Copy address"].trigger()
    assert QGuiApplication.clipboard().text() == "tcp://127.0.0.1:5555"
    with qtbot.waitSignal(panel.count_wanted) as wanted:
        actions["Count it by receipts"].trigger()
    assert wanted.args == ["h"]
    panel.refresh([live_handler("PUB")], set())
    assert panel.rows[-1].status == "1 peer"


def test_handlers_of_other_schemes_stand_at_the_end_and_cannot_be_selected(panel: HandlersPanel) -> None:
    raw = preset({"socket_type": "PUB"})
    raw["output"]["handlers"] = {"cloud": {"uri": "mqtt://broker:1883"}, **raw["output"]["handlers"]}
    panel.show_document(parse(raw, "test"))
    last = panel.tree.topLevelItem(panel.tree.topLevelItemCount() - 1)
    assert last.data(0, ROW).badge == "MQTT" and last.data(0, ROW).endpoint == LEFT_OUT
    assert "mqtt://broker:1883" in last.toolTip(0)
    panel.tree.selectAll()
    assert panel.scope.handlers == ("h",)
    panel.filter_line.setText("broker")
    assert not last.isHidden() and panel.tree.topLevelItem(0).isHidden()
    panel.show_document(document_of(h={}))
    assert [panel.tree.topLevelItem(place).data(0, ROW).name for place in range(panel.tree.topLevelItemCount())] == [
        "h"
    ]
