"""Reads the time of a recorded event: record -> **time** -> replay source."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from bench_app.measure.clock import NS_PER_S

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NUMBER = re.compile(r"\s*[+-]?\d{1,30}(\.\d{1,30})?\s*", re.ASCII)
_MOST_NS = 2**62
# The unit of a number that is a present-day date: s below 1e11, then ms, us, ns.
_UNITS_NS = ((1e11, NS_PER_S), (1e14, 1_000_000), (1e17, 1_000))


class RecordedClock:
    """Reads the times of one file.

    A number counts seconds, milliseconds, microseconds or nanoseconds. The size of the first number decides the unit of
    the file: the unit in which the number is a present-day date, or seconds if the number is small. A text is a number
    or an ISO 8601 time. An ISO 8601 time without a time zone is UTC.
    """

    def __init__(self) -> None:
        self._unit_ns = 0

    def read_ns(self, value: Any) -> int | None:
        """A recorded time in ns since the zero of its clock; None if the value is not a time."""
        found = self._read_ns(value)
        return found if found is not None and abs(found) < _MOST_NS else None

    def _read_ns(self, value: Any) -> int | None:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            return self._scale(value) if abs(value) < _MOST_NS else None
        if not isinstance(value, str):
            return None
        if _NUMBER.fullmatch(value):
            return self._scale(Decimal(value.strip()))
        return iso_ns(value, without_zone=UTC)

    def _scale(self, value: float | Decimal) -> int:
        if not self._unit_ns:
            size = abs(float(value))
            self._unit_ns = next((unit for limit, unit in _UNITS_NS if size < limit), 1)
        return round(value * self._unit_ns)


def iso_ns(text: str, without_zone: tzinfo | None = None) -> int | None:
    """An ISO 8601 time in ns since 1970, exact to the microsecond; None if the text is not an ISO 8601 time.

    ``without_zone`` is the zone of a text that names no zone. If it is None, a text without a zone is not a time.
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if at.tzinfo is None and without_zone is None:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=without_zone)
    return (aware - _EPOCH) // _MICROSECOND * 1000
