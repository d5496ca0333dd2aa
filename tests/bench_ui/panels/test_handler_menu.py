"""What the menu offers for a handler or listener."""

from __future__ import annotations

from dataclasses import replace

from bench_ui.panels.handler_menu import rename_entry, unit_entries
from bench_ui.panels.handler_rows import Row
from bench_ui.panels.unit_request import UnitAction, UnitRequest

from bench_app.transport.connection import ConnectionState

HANDLER = Row("h", "", "PUSH", "h", "127.0.0.1:*", "bound", ConnectionState.BOUND)
LISTENER = Row("h", "l", "PULL", "l", "", "connected", ConnectionState.CONNECTED)


def actions(row: Row, running: bool) -> list[UnitAction]:
    return [entry.request.action for entry in unit_entries(row, running)]


def test_a_handler_in_a_run_can_be_paused_stopped_and_killed() -> None:
    assert actions(HANDLER, running=True) == [UnitAction.PAUSE, UnitAction.STOP, UnitAction.KILL]


def test_a_listener_in_a_run_can_be_paused_and_killed() -> None:
    assert actions(LISTENER, running=True) == [UnitAction.PAUSE, UnitAction.KILL]


def test_a_paused_unit_can_resume() -> None:
    (first, *_) = unit_entries(replace(LISTENER, paused=True), running=True)
    assert (first.text, first.request) == ("Resume", UnitRequest(UnitAction.RESUME, "h", "l"))


def test_a_handler_that_gave_up_can_connect_again() -> None:
    assert UnitAction.RECONNECT in actions(replace(HANDLER, state=ConnectionState.GAVE_UP), running=True)
    assert UnitAction.RECONNECT not in actions(HANDLER, running=True)
    listener = unit_entries(replace(LISTENER, state=ConnectionState.GAVE_UP), running=True)
    assert UnitRequest(UnitAction.RECONNECT, "h") in [entry.request for entry in listener]


def test_without_a_run_a_handler_can_be_run_alone_and_measured() -> None:
    assert actions(HANDLER, running=False) == [UnitAction.START_ALONE, UnitAction.MEASURE_CAPACITY]
    assert actions(LISTENER, running=False) == []


def test_every_unit_can_be_renamed() -> None:
    assert rename_entry(LISTENER).request == UnitRequest(UnitAction.RENAME, "h", "l")
