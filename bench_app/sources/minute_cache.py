"""Reads the texts of times quickly: the second of a minute that is known -> **minute cache** -> recorded clock.

Most times of a file differ from the one before only after the minute. So the cache keeps, for each text without its
second, the time at second 0, and adds the second and its fraction.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from bench_app.measure.clock import NS_PER_S
from bench_app.sources.time_texts import WrittenTime

MOST_MINUTES = 4096
# Second 60 needs the whole text, and so do more digits than nanoseconds have.
_CLOCK = r"(.*?\d\d?:\d\d):([0-5]\d)(?:([.,])(\d{1,9}))?((?![:.,\d]).*)?"


class MinuteCache:
    """Reads as ``read`` does, which is slow. In the texts that ``read`` understands, colons are within clocks only."""

    def __init__(self, read: Callable[[str], WrittenTime | None]) -> None:
        self._read = read
        self._split = _compiled().fullmatch
        self._minutes: dict[tuple[str, str, int, str], WrittenTime | None] = {}

    def read(self, text: str) -> WrittenTime | None:
        """The time that a text spells; None if it is no time."""
        found = self._split(text)
        if found is None:
            return self._read(text)
        head, second, mark, fraction, tail = found.groups("")
        key = (head, mark, len(fraction), tail)
        after_ns = int(second) * NS_PER_S + (int(fraction.ljust(9, "0")) if fraction else 0)
        if key not in self._minutes:
            return self._learn(text, key, after_ns)
        minute = self._minutes[key]
        if minute is None:
            return self._read(text)
        return WrittenTime(minute.at_ns + after_ns, minute.has_zone, False, minute.format)

    def _learn(self, text: str, key: tuple[str, str, int, str], after_ns: int) -> WrittenTime | None:
        found = self._read(text)
        head, mark, digits, tail = key
        minute = self._read(f"{head}:00{mark}{'0' * digits}{tail}")
        # Of a text in which these digits are no seconds, each is read as a whole.
        is_right = found is not None and minute is not None and found == minute._replace(at_ns=minute.at_ns + after_ns)
        if len(self._minutes) >= MOST_MINUTES:
            self._minutes.clear()
        self._minutes[key] = minute if is_right else None
        return found


@functools.cache
def _compiled() -> re.Pattern[str]:
    return re.compile(_CLOCK, re.ASCII | re.DOTALL)
