"""Checks whether a record is an event, and reads its recorded time: record -> **check** -> replay source."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from bench_app.errors import InputError, SourceError
from bench_app.model import RecordedLoad, ReplaySource
from bench_app.recording.message import TIME_FIELD, RecordedLine
from bench_app.sources.event_field import MISSING, EventField, FieldProbe
from bench_app.sources.record import BadRecord, Record, SkipReason
from bench_app.sources.time_texts import has_no_year, looks_like_numbers
from bench_app.sources.times import RecordedClock
from bench_app.transport import stamp
from bench_app.untrusted.json_reader import BadJsonError, JsonReader

SHOWN_CHARACTERS = 60
"""The length to which a value that is no time is cut in a message."""


class EventFacts(NamedTuple):
    """What a replay needs of an event beside its text.

    Attributes:
        at_ns: the recorded time in ns since the zero of its clock; None if the event has none.
        sink: the sink that the event names; None if the source has no field for it.
    """

    at_ns: int | None
    sink: str | None = None


NO_FACTS = EventFacts(None)


class RecordCheck:
    """Checks records. It decodes only the keys that it needs, because decoding all keys would be slow.

    Raises SourceError if the spec's ``time_field`` or ``time_format`` cannot be used.

    Attributes:
        clock: reads the recorded times.
    """

    def __init__(self, spec: ReplaySource, objects_only: bool) -> None:
        self._objects_only = objects_only
        self._needs_time = isinstance(spec.load, RecordedLoad)
        if self._needs_time and spec.time_field is None:
            raise SourceError(f"{spec.path}: a recorded load needs time_field, the field with the recorded time")
        if spec.time_field == stamp.FIELD:
            raise SourceError(f"{spec.path}: time_field cannot be {stamp.FIELD}, the key of the stamp")
        try:
            self.clock = RecordedClock(spec.time_format)
        except ValueError as error:
            raise SourceError(f"{spec.path}: time_format: expected {error}") from error
        self._time_field = _field(spec, "time_field", spec.time_field)
        self._sink_field = _field(spec, "sink_field", spec.sink_field)
        # The messages of a recording are checked where they are read.
        self._is_recording = spec.format == "recording" and spec.time_field == TIME_FIELD and spec.sink_field is None
        fields = [field for field in (self._time_field, self._sink_field) if field is not None]
        self._probe = FieldProbe(fields, [stamp.FIELD])
        self._any = JsonReader(msgspec.Raw)

    def check(self, record: Record) -> EventFacts | BadRecord:
        """The facts of an event; a BadRecord if the record is not an event."""
        text = record.text
        if self._is_recording and isinstance(text, RecordedLine):
            return EventFacts(self.clock.read_ns(text.message.received_ns))
        try:
            # The JSON decoder skips strings without decoding them, so it would not find bytes that are not UTF-8.
            text.decode()
            if text[:1] != b"{":
                self._any.read(text)
                is_refused = self._objects_only or self._needs_time
                if not is_refused:
                    return NO_FACTS
                return BadRecord(record.number, "not a JSON object", SkipReason.NOT_AN_OBJECT)
            found = self._probe.read(text)
        except UnicodeDecodeError:
            return BadRecord(record.number, "not UTF-8", SkipReason.NOT_UTF8)
        except BadJsonError as error:
            reason = SkipReason.OVER_LIMIT if error.is_over_limit else SkipReason.NOT_JSON
            return BadRecord(record.number, _message(error), reason)
        if self._objects_only and stamp.FIELD in found:
            message = "refused: it already has a _bench key, which is the key of the stamp"
            return BadRecord(record.number, message, SkipReason.BENCH_KEY)
        facts = NO_FACTS if self._time_field is None else self._timed(record, found, self._time_field)
        if self._sink_field is None or isinstance(facts, BadRecord):
            return facts
        sink = self._sink_field.find(found)
        if not isinstance(sink, str):
            return BadRecord(record.number, f"no sink in the field {self._sink_field.text}", SkipReason.NO_SINK)
        return EventFacts(facts.at_ns, sink)

    def _timed(self, record: Record, found: dict[str, Any], field: EventField) -> EventFacts | BadRecord:
        value = field.find(found)
        at_ns = self.clock.read_ns(value)
        if at_ns is not None or not self._needs_time:
            return EventFacts(at_ns)
        if value is MISSING or value is None:
            return BadRecord(record.number, f"no time in the field {field.text}", SkipReason.NO_TIME)
        message = f"no time in the field {field.text}: {_shown(value)} cannot be read"
        if isinstance(value, str) and looks_like_numbers(value):
            message += '; "time_format" says whether the day or the month comes first'
        elif isinstance(value, str) and has_no_year(value):
            message += '; it has no year: a "time_format" such as "%b %d %H:%M:%S" takes the latest that fits'
        return BadRecord(record.number, message, SkipReason.UNREADABLE_TIME)


def _field(spec: ReplaySource, key: str, text: str | None) -> EventField | None:
    try:
        return None if text is None else EventField(text)
    except InputError as error:
        raise SourceError(f"{spec.path}: {key}: {error}") from error


def _shown(value: Any) -> str:
    """The beginning of a JSON value, as JSON."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _message(error: BadJsonError) -> str:
    if error.is_over_limit:
        return str(error)
    return f"not JSON: {error}"
