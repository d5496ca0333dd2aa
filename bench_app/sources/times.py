"""Reads the time of a recorded event: record -> **time** -> replay source.

A time is a number since 1970 or since the start of a recording, a text (:mod:`.time_texts`), or an object of seconds
and a fraction, as ROS, protobuf and MongoDB write them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from bench_app.measure.clock import NS_PER_S
from bench_app.sources.minute_cache import MinuteCache
from bench_app.sources.missing_year import MissingYear
from bench_app.sources.time_pattern import TimePattern
from bench_app.sources.time_texts import DateOrder, WrittenTime, has_digits_of_date, read_digits, read_text

UNITS_NS = {"s": NS_PER_S, "ms": 1_000_000, "us": 1_000, "ns": 1}
DATE_ORDERS: dict[str, DateOrder] = {"day_first": "day_first", "month_first": "month_first"}
TIME_FORMAT_EXPECTED = (
    "s, ms, us or ns for numbers, day_first or month_first for dates, or a pattern such as %d.%m.%Y %H:%M:%S,%f"
)

FIRST_DATE_NS = 631_152_000 * NS_PER_S
"""The year 1990. An earlier time is no date of our days, but the time of a clock that was never set, or a mark."""
LAST_DATE_NS = 4_102_444_800 * NS_PER_S
"""The year 2100."""

_NUMBER = re.compile(r"\s*[+-]?\d{1,30}([.,]\d{1,30})?([eE][+-]?\d{1,2})?\s*", re.ASCII)
FAR_NS = 2**62
"""Any time farther from 1970, such as the year 9999 or 1, is read as this: it is a mark for "not known"."""
_MOST_OF_A_NUMBER = 2**64
"""The largest number that a program writes as such a mark. A larger one is no time."""
_UNSET_NS = 315_532_800 * NS_PER_S
"""The year 1980, in which the clocks of many devices begin that were never set."""
# Any other number that is no date of our days is the reading of a clock that began at 0 less than 116 days ago.
_GUESSED_UNITS = ((1e7, "s"), (1e10, "ms"), (1e13, "us"))
# In small letters: Go writes "Seconds", Java "epochSecond".
_SECONDS = ("sec", "secs", "seconds", "tv_sec", "_seconds", "epochsecond", "epochseconds")
_FRACTIONS_NS = {
    **dict.fromkeys(
        ("nanosec", "nanosecs", "nsec", "nsecs", "nano", "nanos", "nanoseconds", "tv_nsec", "_nanoseconds"), 1
    ),
    **dict.fromkeys(("usec", "usecs", "microsec", "microseconds", "tv_usec"), 1_000),
    **dict.fromkeys(("msec", "msecs", "millisec", "milliseconds"), 1_000_000),
}
_MONGO_NUMBERS = {"$numberLong", "$numberInt", "$numberDouble", "$numberDecimal"}
_MOST_SECONDS = 10**12
# A leap second is the last second of a day in UTC, so the instant after it is a multiple of a day.
_DAY_NS = 86_400 * NS_PER_S


def is_date(at_ns: int) -> bool:
    """Whether a time is a date of our days, from 1990 to 2100."""
    return FIRST_DATE_NS <= at_ns < LAST_DATE_NS


class RecordedClock:
    """Reads the times of one file.

    A number counts seconds, milliseconds, microseconds or nanoseconds: the unit in which it is a date of our days. The
    unit of any other number, such as a 0 for "not known", is that of the dates before it in the file. In a file without
    dates, the size of the first number decides: a small one counts seconds. A text without a time zone is UTC.

    ``time_format`` names what cannot be guessed: a unit, ``day_first``, ``month_first``, or a pattern. If it is none of
    these, ValueError is raised, whose text says what is expected. :mod:`.missing_year` finds a year that is left out.

    Attributes:
        guessed_unit: the unit that was assumed by the size of a number that is no date of our days; "" if none was.
        formats: the formats of the times read so far, in the order of their first time.
    """

    def __init__(self, time_format: str | None = None) -> None:
        self._given_unit_ns = UNITS_NS.get(time_format or "", 0)
        self._order = DATE_ORDERS.get(time_format or "")
        self._pattern: TimePattern | None = None
        if time_format is not None and not self._given_unit_ns and self._order is None:
            if "%" not in time_format:
                raise ValueError(TIME_FORMAT_EXPECTED)
            self._pattern = TimePattern(time_format)
        pattern = self._pattern
        self._missing_year = None if pattern is None or pattern.has_year else MissingYear()
        if pattern is None:
            self._read_written: Callable[[str], WrittenTime | None] = MinuteCache(self._read_any_text).read
        else:
            self._read_written = MinuteCache(pattern.read).read if pattern.has_usual_clock else pattern.read
        self._unit_ns = 0
        self._leap_ends_ns = FAR_NS
        self.guessed_unit = ""
        self.formats: dict[str, None] = {}

    def begin_again(self) -> None:
        """The next time is the first of the file again, as in a loop."""
        if self._missing_year is not None:
            self._missing_year.begin_again()

    def read_ns(self, value: Any) -> int | None:
        """A recorded time in ns since the zero of its clock, at most ``FAR_NS``; None if the value is not a time."""
        found = self._read_text(value) if type(value) is str else self._read_ns(value)
        if found is None or -FAR_NS <= found <= FAR_NS:
            return found
        return FAR_NS if found > 0 else -FAR_NS

    def utc_ns(self, at_ns: int) -> int:
        """A time that was read, on the clock of UTC, which does not count the leap second before it."""
        return at_ns - (NS_PER_S if at_ns >= self._leap_ends_ns + NS_PER_S else 0)

    def _read_ns(self, value: Any) -> int | None:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            if self._pattern is not None:
                return self._read_text(str(value))
            # The shortest text of a float is the number as it was written; the float itself may lie 100 ns beside it.
            return self._scale(value if isinstance(value, int) else Decimal(repr(value)))
        if isinstance(value, str):
            return self._read_text(value)
        return self._read_object(value) if isinstance(value, dict) else None

    def _read_text(self, text: str) -> int | None:
        if self._pattern is None and _NUMBER.fullmatch(text):
            return self._scale(Decimal(text.strip().replace(",", ".")))
        found = self._read_written(text)
        if found is not None and self._missing_year is not None:
            found = found._replace(at_ns=self._missing_year.place(found.at_ns))
        return self._continuous(found)

    def _read_any_text(self, text: str) -> WrittenTime | None:
        return read_text(text, self._order)

    def _read_object(self, value: Mapping[str, Any]) -> int | None:
        return object_ns(value, self._read_ns)

    def _continuous(self, found: WrittenTime | None) -> int | None:
        """The time on a clock that counts a leap second, so that the events after it keep their distance."""
        if found is None:
            return None
        self.formats.setdefault(found.format)
        # Second 60 of a day's last minute in UTC, and not of another minute, in which it is a rounded 59.99.
        if found.is_leap and found.at_ns % _DAY_NS < NS_PER_S:
            self._leap_ends_ns = found.at_ns - found.at_ns % _DAY_NS
            return found.at_ns
        return found.at_ns + (NS_PER_S if found.at_ns >= self._leap_ends_ns else 0)

    def _scale(self, value: int | Decimal) -> int | None:
        if not -_MOST_OF_A_NUMBER <= value <= _MOST_OF_A_NUMBER:
            return None
        unit_ns = self._given_unit_ns or self._date_unit_ns(value) or self._unit_ns
        if unit_ns:
            return round(value * unit_ns)
        if has_digits_of_date(str(value)):
            return self._continuous(read_digits(str(value)))
        at_ns = round(Decimal(value) * self._guess(value))
        return at_ns if abs(at_ns) < FAR_NS else None

    def _date_unit_ns(self, value: int | Decimal) -> int:
        """The unit in which a number is a date of our days; 0 if there is none."""
        # No number is such a date in two units.
        if self._unit_ns and not self.guessed_unit and FIRST_DATE_NS <= value * self._unit_ns < LAST_DATE_NS:
            return self._unit_ns
        for unit, unit_ns in UNITS_NS.items():
            if FIRST_DATE_NS <= value * unit_ns < LAST_DATE_NS:
                self.guessed_unit = ""
                self._unit_ns = unit_ns
                self.formats.setdefault(f"{unit} since 1970")
                return unit_ns
        return 0

    def _guess(self, value: int | Decimal) -> int:
        size = abs(float(value))
        unset = (unit for unit, unit_ns in UNITS_NS.items() if _UNSET_NS <= size * unit_ns < FIRST_DATE_NS)
        unit = next(unset, "") or next((unit for limit, unit in _GUESSED_UNITS if size < limit), "ns")
        # A 0 or a -1 says nothing of the unit, and a small number of seconds looks the same as one.
        if size > 1:
            self._unit_ns = UNITS_NS[unit]
            self.guessed_unit = unit
        return UNITS_NS[unit]


def object_ns(value: Mapping[str, Any], read_inner: Any) -> int | None:
    """The time in an object such as ``{"sec", "nanosec"}`` or ``{"$date"}``; None if it is no time.

    ``read_inner`` reads the number or the text inside an object of MongoDB.
    """
    if "$date" in value:
        return _mongo_date_ns(value["$date"], read_inner)
    if "$timestamp" in value and isinstance(value["$timestamp"], dict):
        seconds = _whole(value["$timestamp"].get("t"))
        return None if seconds is None else seconds * NS_PER_S
    if len(value) == 1 and isinstance(number := next(iter(value.values())), str) and value.keys() <= _MONGO_NUMBERS:
        found: int | None = read_inner(number)
        return found
    return _parts_ns({key.lower(): part for key, part in value.items()})


def _mongo_date_ns(inner: Any, read_inner: Any) -> int | None:
    if isinstance(inner, dict):
        inner = inner.get("$numberLong")
    # MongoDB writes a number of milliseconds, before 1970 and after 9999 as a text.
    if isinstance(inner, str) and re.fullmatch(r"-?\d{1,18}", inner, re.ASCII):
        inner = int(inner)
    if isinstance(inner, int) and not isinstance(inner, bool):
        return inner * 1_000_000
    found: int | None = read_inner(inner) if isinstance(inner, str) else None
    return found


def _parts_ns(value: Mapping[str, Any]) -> int | None:
    """The time of seconds and a fraction, each a key of the object."""
    seconds = next((value[key] for key in _SECONDS if key in value), None)
    whole = _whole(seconds)
    if whole is None:
        return None
    for key, unit_ns in _FRACTIONS_NS.items():
        if key in value:
            fraction = _whole(value[key])
            return None if fraction is None else whole * NS_PER_S + fraction * unit_ns
    return whole * NS_PER_S if len(value) == 1 else None


def _whole(value: Any) -> int | None:
    """An integer, or an integer as text, as protobuf writes long ones."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value, re.ASCII):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MOST_SECONDS else None
