from __future__ import annotations

import msgspec

from bench_app.engine.events import CHANGE, EventKind, RunEvent


def test_events_keep_their_former_keys_in_the_archive() -> None:
    event = RunEvent(1.5, CHANGE, "h: linger 0 -> 1", marker=True, is_error=True, kind=EventKind.CHANGE)
    raw = msgspec.to_builtins(event)
    assert raw == {
        "at_s": 1.5,
        "source": "change",
        "sentence": "h: linger 0 -> 1",
        "marker": True,
        "trouble": True,
        "kind": "change",
    }
    assert msgspec.convert(raw, RunEvent) == event


def test_by_default_an_event_is_about_a_unit_and_has_no_marker() -> None:
    event = RunEvent(0.0, "h", "connected")
    assert (event.kind, event.marker, event.is_error) == (EventKind.UNIT, False, False)
