"""Events go to the callback and to the log, with their time in the run, and the newest ones are kept."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from bench_app.engine import event_log
from bench_app.engine.event_log import EventLog
from bench_app.engine.events import EventKind, RunEvent
from bench_app.engine.run_clock import RunClock
from bench_app.engine.run_once import run_once
from bench_app.engine.session import Session
from bench_app.measure.clock import NS_PER_S
from bench_app.preset import documents
from tests.engine.units import a_handler
from tests.runs import preset

pytestmark = pytest.mark.usefixtures("single_worker")


def a_log() -> tuple[EventLog, list[RunEvent]]:
    """A log at 9 s of a run."""
    clock = RunClock(lambda: 109 * NS_PER_S)
    clock.start_ns = 100 * NS_PER_S
    seen: list[RunEvent] = []
    return EventLog(clock, seen.append), seen


def test_an_event_of_a_unit_has_the_time_of_the_worker_if_it_has_one(tmp_path: Path) -> None:
    log, seen = a_log()
    _, (listener, _) = a_handler(tmp_path)
    log.emit_unit(listener, "connected", at_ns=102 * NS_PER_S)
    log.emit_unit(listener, "paused", marker=True, is_error=True)
    assert seen == [
        RunEvent(2.0, "h/a", "connected", kind=EventKind.UNIT),
        RunEvent(9.0, "h/a", "paused", marker=True, is_error=True, kind=EventKind.UNIT),
    ]


def test_an_event_from_before_the_start_has_the_time_0(tmp_path: Path) -> None:
    log, seen = a_log()
    handler, _ = a_handler(tmp_path)
    log.emit_unit(handler, "connected", at_ns=1)
    assert seen[0].at_s == 0.0


def test_events_of_the_run_and_changes_are_kinds_of_their_own() -> None:
    log, seen = a_log()
    log.emit_engine("paused", marker=True)
    log.emit_change("h: linger 0 -> 1")
    assert seen == [
        RunEvent(9.0, "engine", "paused", marker=True, kind=EventKind.ENGINE),
        RunEvent(9.0, "change", "h: linger 0 -> 1", marker=True, kind=EventKind.CHANGE),
    ]


def test_a_slider_that_is_dragged_is_one_change() -> None:
    now = [100 * NS_PER_S]
    clock = RunClock(lambda: now[0])
    clock.start_ns = now[0]
    seen: list[RunEvent] = []
    log = EventLog(clock, seen.append)

    def change(after_s: float, message: str) -> None:
        now[0] += int(after_s * NS_PER_S)
        log.emit_change(message)

    change(1.0, "h: linger 0 -> 1")
    log.emit_engine("paused")
    change(0.5, "h: linger 1 -> 2")
    change(1.5, "h: linger 2 -> 30")
    assert [(event.at_s, event.message, event.kind) for event in log.events] == [
        (1.0, "h: linger 0 -> 30", EventKind.CHANGE),
        (1.0, "paused", EventKind.ENGINE),
    ]
    assert [(event.message, event.kind) for event in seen if event.source == "change"] == [
        ("h: linger 0 -> 1", EventKind.CHANGE),
        ("h: linger 0 -> 2", EventKind.FURTHER_CHANGE),
        ("h: linger 0 -> 30", EventKind.FURTHER_CHANGE),
    ]
    change(0.5, "h: retries 2 -> 30")
    change(0.5, "h: retries 7 -> 8")
    change(5.0, "h: retries 8 -> 9")
    assert [event.message for event in log.events][2:] == [
        "h: retries 2 -> 30",
        "h: retries 7 -> 8",
        "h: retries 8 -> 9",
    ], "another key, a value that does not follow, and a pause"


def test_a_note_has_the_time_that_it_is_about() -> None:
    log, seen = a_log()
    note = log.emit_note(4.5, "fan off")
    assert seen == [note] == list(log.events)
    assert note == RunEvent(4.5, "note", "fan off", marker=True, kind=EventKind.NOTE)


def test_an_event_is_kept_and_logged_without_a_callback(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(event: RunEvent) -> None:
        raise BrokenPipeError

    log = EventLog(RunClock(), refuse)
    with caplog.at_level(logging.INFO, "zmq_bench.run"), pytest.raises(BrokenPipeError):
        log.emit_engine("paused")
    assert [event.message for event in log.events] == ["paused"]
    assert caplog.messages == ["engine: paused"]


def test_only_the_newest_events_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "EVENTS_KEPT", 1)
    seen: list[str] = []
    document = documents.parse(preset({"socket_type": "PUSH"}, rate=500, duration_s=0.4), "test")
    finished = asyncio.run(run_once(Session(document, lambda event: seen.append(event.message))))
    assert len(seen) > 1
    assert [event.message for event in finished.events] == seen[-1:]
