"""Finds the recorded time in the events of a file: file -> **time fields** -> source that the window proposes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bench_app.sources.record import BadRecord
from bench_app.sources.records import open_records
from bench_app.sources.times import RecordedClock, is_date
from bench_app.untrusted.json_reader import BadJsonError, JsonReader

EVENTS_LOOKED_AT = 100
_WORDS = ("time", "stamp", "date", "sent", "created")
"""A field whose name has one of these is probably the time of the event."""
_EVENT = JsonReader(dict[str, Any])


def time_fields(file: Path) -> list[str]:
    """The fields in which each of the first events has a date, the most probable first. Raises SourceError.

    A field is a name at the top of the event, or a path into an object at the top.
    """
    values: dict[str, list[Any]] = {}
    with open_records(file) as opened:
        events = list(islice(_events(opened.records), EVENTS_LOOKED_AT))
    for event in events:
        for name, value in _fields(event):
            values.setdefault(name, []).append(value)
    found = [name for name, each in values.items() if len(each) == len(events) and _are_dates(each)]
    return sorted(found, key=lambda name: not any(word in name.casefold() for word in _WORDS))


def _events(records: Iterator[Any]) -> Iterator[dict[str, Any]]:
    for record in records:
        if isinstance(record, BadRecord):
            continue
        try:
            yield _EVENT.read(record.text)
        except BadJsonError:
            continue


def _fields(event: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in event.items():
        yield name, value
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", each) for inner, each in value.items())


def _are_dates(values: list[Any]) -> bool:
    clock = RecordedClock()
    times = [clock.read_ns(value) for value in values]
    return all(at_ns is not None and is_date(at_ns) for at_ns in times)
