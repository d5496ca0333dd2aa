from __future__ import annotations

import msgspec

from bench_app.engine.events import CHANGE, EventKind, RunEvent, joined_change


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


def test_changes_of_one_key_in_a_row_are_one_change() -> None:
    assert joined_change("h: linger 0 -> 1", "h: linger 1 -> 2") == "h: linger 0 -> 2"
    assert joined_change("h: load constant 1/s -> constant 2/s", "h: load constant 2/s -> ramp 2/s to 3/s") == (
        "h: load constant 1/s -> ramp 2/s to 3/s"
    )
    for other in ("h: linger 2 -> 3", "h: retries 1 -> 2", "g: linger 1 -> 2", "h leaves the run", "h: linger 11 -> 2"):
        assert joined_change("h: linger 0 -> 1", other) is None
    assert joined_change("h leaves the run", "h: linger 1 -> 2") is None
