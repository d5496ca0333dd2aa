"""Gives a year to times written without one, as by syslog: time in 2000 -> **missing year** -> recorded clock.

The first time of a file is taken to be of the latest year in which it is not in the future. Each further time is taken
to be of the year in which it is nearest to the time before it, so that a file may go on over New Year.
"""

from __future__ import annotations

import time
from calendar import isleap
from datetime import date

from bench_app.measure.clock import NS_PER_S

ASSUMED_YEAR = 2000
"""The year with which such a time is read. It is a leap year, so that every day of a year can be read."""

_DAY_NS = 86_400 * NS_PER_S
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_FEBRUARY_29 = 59
_SEARCHED_YEARS = 8
"""So many years apart are the leap years before and after one that has none, such as 1900."""


class MissingYear:
    """Places the times of one file. ``now_ns`` is the time on the wall clock."""

    def __init__(self, now_ns: int | None = None) -> None:
        # Another machine's clock, or a time zone, may be ahead.
        self._latest_ns = (time.time_ns() if now_ns is None else now_ns) + _DAY_NS
        self._last_ns: int | None = None

    def begin_again(self) -> None:
        """The next time is the first of the file again."""
        self._last_ns = None

    def place(self, at_ns: int) -> int:
        """The time that was read as one of the year 2000, in its own year."""
        if self._last_ns is None:
            now_year = _year_of(self._latest_ns)
            years = range(now_year, now_year - _SEARCHED_YEARS - 1, -1)
            placed = [found for year in years if (found := _in_year(at_ns, year)) is not None]
            self._last_ns = next(found for found in placed if found <= self._latest_ns)
        else:
            last_ns, last_year = self._last_ns, _year_of(self._last_ns)
            years = range(last_year - _SEARCHED_YEARS, last_year + _SEARCHED_YEARS + 1)
            placed = [found for year in years if (found := _in_year(at_ns, year)) is not None]
            self._last_ns = min(placed, key=lambda found: abs(found - last_ns))
        return self._last_ns


def _year_of(at_ns: int) -> int:
    return date.fromordinal(_EPOCH_DAY + at_ns // _DAY_NS).year


def _new_year_ns(year: int) -> int:
    return (date(year, 1, 1).toordinal() - _EPOCH_DAY) * _DAY_NS


def _in_year(at_ns: int, year: int) -> int | None:
    """A time of the year 2000 in another year; None if that year does not have its day."""
    day, rest_ns = divmod(at_ns - _new_year_ns(ASSUMED_YEAR), _DAY_NS)
    if not isleap(year):
        if day == _FEBRUARY_29:
            return None
        # The offset of a zone can move a time over New Year, which these days are: -1 and 366.
        day -= day > _FEBRUARY_29
    return _new_year_ns(year) + day * _DAY_NS + rest_ns
