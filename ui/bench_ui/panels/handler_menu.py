"""The entries of the handlers panel's menu for one unit: row -> **entries** -> menu. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from bench_app.transport.connection import ConnectionState
from bench_ui.panels.handler_rows import Row
from bench_ui.panels.unit_request import UnitAction, UnitRequest


@dataclass(frozen=True)
class Entry:
    """An entry of the menu, and the request that it sends."""

    text: str
    request: UnitRequest


def unit_entries(row: Row, running: bool) -> list[Entry]:
    """The entries for a handler or listener, during a run or without one."""
    return _entries_in_run(row) if running else _entries_without_run(row)


def _entries_in_run(row: Row) -> list[Entry]:
    entries = [_entry("Resume", UnitAction.RESUME, row) if row.paused else _entry("Pause", UnitAction.PAUSE, row)]
    if row.state == ConnectionState.GAVE_UP:
        entries.append(Entry("Connect again", UnitRequest(UnitAction.RECONNECT, row.handler)))
    if not row.listener:
        entries.append(_entry("Stop this handler", UnitAction.STOP, row))
    return [*entries, _entry("Kill and restart (a fault)", UnitAction.KILL, row)]


def _entries_without_run(row: Row) -> list[Entry]:
    if row.listener:
        return []
    return [
        _entry("Run this handler alone", UnitAction.START_ALONE, row),
        _entry("Measure capacity", UnitAction.MEASURE_CAPACITY, row),
    ]


def rename_entry(row: Row) -> Entry:
    """The entry that renames a handler or listener."""
    return _entry("Rename…", UnitAction.RENAME, row)


def _entry(text: str, action: UnitAction, row: Row) -> Entry:
    return Entry(text, UnitRequest(action, row.handler, row.listener))
