"""Checks whether a record is an event, and reads its recorded time: record -> **check** -> replay source."""

from __future__ import annotations

from typing import Any

import msgspec

from bench_app.errors import SourceError
from bench_app.model import RecordedLoad, ReplaySource
from bench_app.sources.record import BadRecord, Record, SkipReason
from bench_app.sources.times import RecordedClock
from bench_app.transport import stamp
from bench_app.untrusted.json_reader import BadJsonError, JsonReader


class RecordCheck:
    """Checks records. It decodes only the stamp's key and the recorded time, because decoding all keys would be slow.

    Raises SourceError if the spec's ``time_field`` cannot be used.
    """

    def __init__(self, spec: ReplaySource, objects_only: bool) -> None:
        self._objects_only = objects_only
        self._needs_time = isinstance(spec.load, RecordedLoad)
        if self._needs_time and spec.time_field is None:
            raise SourceError(f"{spec.path}: a recorded load needs time_field, the field with the recorded time")
        if spec.time_field == stamp.FIELD:
            raise SourceError(f"{spec.path}: time_field cannot be {stamp.FIELD}, the key of the stamp")
        self._time_field = spec.time_field
        self._clock = RecordedClock()
        fields: list[tuple[str, Any, Any]] = [("stamp", msgspec.Raw | msgspec.UnsetType, msgspec.UNSET)]
        names = {"stamp": stamp.FIELD}
        if self._time_field is not None:
            fields.append(("time", Any, None))
            names["time"] = self._time_field
        self._probe: JsonReader[Any] = JsonReader(msgspec.defstruct("Probe", fields, rename=names))
        self._any = JsonReader(msgspec.Raw)

    def check(self, record: Record) -> int | BadRecord | None:
        """The recorded time of an event in ns, None for an event without a time, a BadRecord if it is not an event."""
        text = record.text
        try:
            # The JSON decoder skips strings without decoding them, so it would not find bytes that are not UTF-8.
            text.decode()
            if text[:1] != b"{":
                self._any.read(text)
                is_refused = self._objects_only or self._needs_time
                if not is_refused:
                    return None
                return BadRecord(record.number, "not a JSON object", SkipReason.NOT_AN_OBJECT)
            found: Any = self._probe.read(text)
        except UnicodeDecodeError:
            return BadRecord(record.number, "not UTF-8", SkipReason.NOT_UTF8)
        except BadJsonError as error:
            reason = SkipReason.OVER_LIMIT if error.is_over_limit else SkipReason.NOT_JSON
            return BadRecord(record.number, _message(error), reason)
        if self._objects_only and found.stamp is not msgspec.UNSET:
            message = "refused: it already has a _bench key, which is the key of the stamp"
            return BadRecord(record.number, message, SkipReason.BENCH_KEY)
        if self._time_field is None:
            return None
        at_ns = self._clock.read_ns(found.time)
        if at_ns is None and self._needs_time:
            reason = SkipReason.NO_TIME if found.time is None else SkipReason.UNREADABLE_TIME
            return BadRecord(record.number, f"no time in the field {self._time_field}", reason)
        return at_ns


def _message(error: BadJsonError) -> str:
    if error.is_over_limit:
        return str(error)
    return f"not JSON: {error}"
