"""Reads a time that is written as text: record -> **text of a time** -> recorded clock.

Texts of the usual kinds are read without being told which kind they are. A date whose day or month comes first is read
only if the caller says which of them does, because 03/04/2025 is a date in both orders.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Literal, NamedTuple

from bench_app.measure.clock import NS_PER_S

DateOrder = Literal["day_first", "month_first"]

ISO = "ISO 8601"
RFC_2822 = "RFC 2822"
COMMON_LOG = "common log format"
DIGITS = "the digits of date and time"
NAMED_MONTH = "a date with the name of the month"
YEAR_FIRST = "a date with the year first"
DAY_FIRST = "a date with the day first"
MONTH_FIRST = "a date with the month first"

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DAY_S = 86_400
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_ZONES_H = {
    **dict.fromkeys(("z", "utc", "gmt", "ut"), 0),
    # The zones that RFC 2822 names.
    **{"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7},
}

_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+)"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,18}))?)?"
_HALF = r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
# The name after an offset, the zone in brackets and the reading of Go's monotonic clock say nothing new.
_OFFSET = r"(?P<sign>[+\-\u2212])(?P<off_h>\d\d?)(?::?(?P<off_m>\d\d)(?::?(?P<off_s>\d\d))?)?"
_ZONE = (
    rf"(?:\s*(?:(?:UTC|GMT)?{_OFFSET}|(?P<zone>[A-Za-z]{{1,3}}))"
    r"(?:\s+(?:[A-Z]{2,5}|[+-]\d\d))?(?:\[[\w/+\-]+\]|\s+\([^)]*\))?)?"
)
_MONOTONIC = r"(?:\s+m=[+-][\d.]+)?"

# Each expression with its flags. They are compiled when a time is read, because that takes longer than to load the
# modules of a source, and most runs read no time.
_ISO = (
    r"(?P<year>\d{4})(?P<mark>[-/.]?)(?P<month>\d\d)(?P=mark)(?P<day>\d\d)"
    r"(?:(?:[Tt_]|,?\s+)(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,18}))?)?)?"
    rf"{_HALF}{_ZONE}{_MONOTONIC})?",
    re.ASCII,
)
_YEAR_FIRST = (
    rf"(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)(?:(?:[Tt]|,?\s+){_CLOCK}{_HALF}{_ZONE})?",
    re.ASCII,
)
_DIGITS = (
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)"
    r"(?:[.,](?P<fraction>\d{1,18}))?[Zz]?",
    re.ASCII,
)
_MAIL = (rf"{_WEEKDAY}?(?P<day>\d{{1,2}})[\s-]{_MONTH}[\s-](?P<year>\d{{4}}|\d\d),?\s+{_CLOCK}{_ZONE}", re.ASCII | re.I)
_COMMON_LOG = (rf"\[?(?P<day>\d{{1,2}})/{_MONTH}/(?P<year>\d{{4}}):{_CLOCK}{_ZONE}\]?", re.ASCII | re.I)
_UNIX_DATE = (
    rf"\[?{_WEEKDAY}{_MONTH}\s+(?P<day>\d{{1,2}})\s+{_CLOCK}(?:\s+(?:{_OFFSET}|(?P<zone>[A-Za-z]{{1,3}})))?"
    r"\s+(?P<year>\d{4})\]?",
    re.ASCII | re.I,
)
# As JavaScript writes a Date: Sun Mar 30 2025 02:59:59 GMT+0200 (Central European Summer Time)
_JAVASCRIPT = (rf"{_WEEKDAY}{_MONTH}\s+(?P<day>\d{{1,2}})\s+(?P<year>\d{{4}})\s+{_CLOCK}{_ZONE}", re.ASCII | re.I)
_MONTH_NAME_FIRST = (
    rf"{_WEEKDAY}?{_MONTH}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}),?\s+(?:at\s+)?{_CLOCK}{_HALF}{_ZONE}",
    re.ASCII | re.I,
)
_SYSLOG = (rf"{_WEEKDAY}?{_MONTH}\s+\d{{1,2}},?\s+{_CLOCK}", re.ASCII | re.I)
_NUMBERS = (
    r"(?P<first>\d{1,2})(?P<mark>[./-])(?P<then>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)"
    rf"(?:(?:[Tt]|,?\s+){_CLOCK}{_HALF}{_ZONE})?",
    re.ASCII,
)


class WrittenTime(NamedTuple):
    """A time that was written as text.

    Attributes:
        at_ns: ns since 1970, in UTC. A time without a zone counts as UTC. Second 60 is the second after 59.
        has_zone: whether the text names its zone.
        is_leap: whether the second is 60.
        format: the name of the kind of text.
    """

    at_ns: int
    has_zone: bool
    is_leap: bool
    format: str


def read_text(text: str, order: DateOrder | None = None) -> WrittenTime | None:
    """The time that a text spells; None if the text is no time of a kind that is read."""
    text = text.strip()
    if text[:4].isdigit() and (found := _compiled(*_ISO).fullmatch(text)):
        return moment(found.groupdict(), ISO)
    if text[:4].isdigit() and (found := _compiled(*_YEAR_FIRST).fullmatch(text)):
        return moment(found.groupdict(), YEAR_FIRST)
    if order is not None and (found := _compiled(*_NUMBERS).fullmatch(text)):
        first, then = ("day", "month") if order == "day_first" else ("month", "day")
        parts = found.groupdict()
        return moment(
            parts | {first: parts["first"], then: parts["then"]}, DAY_FIRST if order == "day_first" else MONTH_FIRST
        )
    return next(_readings(text), None) or _week_date(text)


def has_digits_of_date(text: str) -> bool:
    """Whether a text is as long as the digits of a date and a time, and begins with a year from 1990 to 2100."""
    return _compiled(*_DIGITS).fullmatch(text.strip()) is not None and 1990 <= int(text.strip()[:4]) <= 2100


def read_digits(text: str) -> WrittenTime | None:
    """The time in the digits of a date and a time, such as 20250330005959; None if they are none from 1990 to 2100."""
    found = _compiled(*_DIGITS).fullmatch(text.strip())
    return moment(found.groupdict(), DIGITS) if found is not None and has_digits_of_date(text) else None


def looks_like_numbers(text: str) -> bool:
    """Whether a text is a date that is read only if the caller says whether the day or the month comes first."""
    return _compiled(*_NUMBERS).fullmatch(text.strip()) is not None


def has_no_year(text: str) -> bool:
    """Whether a text is a date without a year, as syslog writes it. It is read only if the caller gives its pattern."""
    return _compiled(*_SYSLOG).fullmatch(text.strip()) is not None


@functools.cache
def _compiled(expression: str, flags: re.RegexFlag) -> re.Pattern[str]:
    return re.compile(expression, flags)


def _readings(text: str) -> Iterator[WrittenTime]:
    for expression, name in (
        (_COMMON_LOG, COMMON_LOG),
        (_MAIL, RFC_2822),
        (_UNIX_DATE, NAMED_MONTH),
        (_JAVASCRIPT, NAMED_MONTH),
        (_MONTH_NAME_FIRST, NAMED_MONTH),
    ):
        if (found := _compiled(*expression).fullmatch(text)) and (at := moment(found.groupdict(), name)):
            yield at


def _week_date(text: str) -> WrittenTime | None:
    """The kinds of ISO 8601 that only the standard library reads, such as 2025-W13-7."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    offset = at.utcoffset()
    at_s = (at.toordinal() - _EPOCH_DAY) * _DAY_S + at.hour * 3600 + at.minute * 60 + at.second
    at_s -= round(offset.total_seconds()) if offset else 0
    return WrittenTime(at_s * NS_PER_S + at.microsecond * 1000, offset is not None, False, ISO)


def moment(parts: dict[str, str | None], name: str) -> WrittenTime | None:
    """The time of named parts: year, month (a number or a name), day, hour, minute, second, fraction, half, zone.

    None if they are no time.
    """
    hour, minute, second = (int(parts.get(part) or 0) for part in ("hour", "minute", "second"))
    offset_s = _offset_s(parts)
    half = (parts.get("half") or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + 12 * (half == "p") if half else hour
    # 24:00 is the end of a day.
    is_end_of_day = hour == 24 and not minute and not second
    if offset_s is None or (hour > 23 and not is_end_of_day) or minute > 59 or second > 60:
        return None
    try:
        day = date(_year(parts["year"] or ""), _month(parts["month"] or ""), int(parts["day"] or ""))
    except ValueError:
        return None
    at_s = (day.toordinal() - _EPOCH_DAY) * _DAY_S + hour * 3600 + minute * 60 + second - offset_s
    fraction = (parts.get("fraction") or "")[:9].ljust(9, "0")
    has_zone = bool(parts.get("sign") or parts.get("zone"))
    return WrittenTime(at_s * NS_PER_S + int(fraction), has_zone, second == 60, name)


def _year(text: str) -> int:
    """The year; of two digits, the year between 1970 and 2069."""
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 70 else 1900)


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text[:3].lower()) + 1


def _offset_s(parts: dict[str, str | None]) -> int | None:
    """The offset from UTC; 0 without a zone, None if the zone has a name that is not known."""
    if zone := parts.get("zone"):
        hours = _NAMED_ZONES_H.get(zone.lower())
        return None if hours is None else hours * 3600
    if not (sign := parts.get("sign")):
        return 0
    hours, minutes, seconds = (int(parts.get(part) or 0) for part in ("off_h", "off_m", "off_s"))
    offset_s = hours * 3600 + minutes * 60 + seconds
    if offset_s >= _DAY_S or minutes > 59 or seconds > 59:
        return None
    return offset_s if sign == "+" else -offset_s


Reading = Callable[[str], WrittenTime | None]
"""Reads one kind of text."""
