"""When the consumer received a message, from a line of its file: line -> **arrival time** -> latency.

The file names the time in the field ``received_ns`` or ``received_at``, or in the field that the user names. A time is
one of the clock of the stamps, such as ``time.perf_counter_ns()``, or one of the wall clock. Which of the two, and in
which unit, the times themselves show: only one reading lies in the run.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation

from bench_app.measure.clock import NS_PER_S
from bench_app.sources.csv_dialect import find_dialect
from bench_app.sources.time_texts import read_text
from bench_app.sources.times import UNITS_NS, is_date

FIELDS = ("received_ns", "received_at")
"""The names under which a time is found without being named. The first is that of the bench's own recordings."""
UNKNOWN_NS = -1
_BEFORE_NS = NS_PER_S
_AFTER_NS = 600 * NS_PER_S
"""A message may arrive so long after the end of the run."""


class ArrivalClock:
    """Reads times of arrival as times of the clock of the stamps.

    Args:
        start_ns: the start of the run on the clock of the stamps; 0 if it is not known, then no time is read.
        start_wall_ns: the same on the wall clock; 0 if it is not known.
        duration_s: how long the run offered events.

    Attributes:
        is_wall_clock: whether the times are those of the wall clock.
        unread: how many times could not be read, or lie outside the run.
        outside: where the first time that lies outside the run lies, such as "before the start"; "" if none does.
    """

    def __init__(self, start_ns: int, start_wall_ns: int, duration_s: float) -> None:
        self.is_wall_clock = False
        self.unread = 0
        self.outside = ""
        self._start_ns = start_ns
        self._start_wall_ns = start_wall_ns
        self._latest_ns = round(duration_s * NS_PER_S) + _AFTER_NS
        self._unit_ns = 0

    def read_ns(self, text: str) -> int:
        """The time of a text; :data:`UNKNOWN_NS` if the text is no time in the run."""
        text = text.strip().strip('"')
        try:
            found = self._of_number(Decimal(text))
        except InvalidOperation:
            found = self._of_text(text)
        if found is None:
            self.unread += 1
        return UNKNOWN_NS if found is None else found

    def _of_number(self, number: Decimal) -> int | None:
        if not number.is_finite() or abs(number) > 2**64:
            return None
        if self._unit_ns:
            at_ns = int(number * self._unit_ns)
            return self._in_run(at_ns, self.is_wall_clock)
        for is_wall_clock in (False, True):
            for unit_ns in UNITS_NS.values():
                at_ns = int(number * unit_ns)
                if (found := self._in_run(at_ns, is_wall_clock)) is not None:
                    self._unit_ns, self.is_wall_clock = unit_ns, is_wall_clock
                    return found
        dates = (int(number * unit_ns) for unit_ns in UNITS_NS.values())
        self._note_outside(next((at_ns for at_ns in dates if is_date(at_ns)), None))
        return None

    def _of_text(self, text: str) -> int | None:
        written = read_text(text)
        if written is None:
            return None
        self.is_wall_clock = True
        self._note_outside(written.at_ns)
        return self._in_run(written.at_ns, True)

    def _note_outside(self, at_ns: int | None) -> None:
        if at_ns is None or not self._start_wall_ns or self.outside:
            return
        since_ns = at_ns - self._start_wall_ns
        if since_ns < -_BEFORE_NS:
            self.outside = "before the start"
        elif since_ns > self._latest_ns:
            self.outside = "after the end"

    def _in_run(self, at_ns: int, is_wall_clock: bool) -> int | None:
        """The time on the clock of the stamps, if it lies in the run."""
        zero_ns = self._start_wall_ns if is_wall_clock else self._start_ns
        since_ns = at_ns - zero_ns
        if not zero_ns or not self._start_ns or not -_BEFORE_NS <= since_ns <= self._latest_ns:
            return None
        return self._start_ns + since_ns


def time_finder(lines: Sequence[str], field: str | None = None) -> Callable[[str], str | None] | None:
    """What finds the text of the time in each line of a file that begins with ``lines``; None if the file has none.

    ``field`` is the name that the user gives. A line is a JSON object or a row of a table.
    """
    names = FIELDS if field is None else (field,)
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip().startswith("{"):
        for name in names:
            find = _json_finder(name)
            if any(find(line) is not None for line in lines):
                return find
        return None
    dialect = find_dialect(lines)
    rows = [line for number, line in enumerate(lines, 1) if line.strip() and number not in dialect.skipped]
    header = [cell.strip() for cell in _row(rows[0].lstrip("#"), dialect.delimiter)] if rows else []
    place = next((header.index(name) for name in names if name in header), None)
    return None if place is None else _cell_finder(place, dialect.delimiter)


def _json_finder(name: str) -> Callable[[str], str | None]:
    # A text in another field has its quotes escaped, so it cannot look like this.
    key = re.escape(json.dumps(name, ensure_ascii=False))
    expression = re.compile(rf'(?<!\\){key}\s*:\s*("[^"\\]*"|[-+.\deE]+)')

    def find(line: str) -> str | None:
        found = expression.search(line)
        return None if found is None else found[1]

    return find


def _cell_finder(place: int, delimiter: str) -> Callable[[str], str | None]:
    def find(line: str) -> str | None:
        row = _row(line, delimiter)
        return row[place] if place < len(row) else None

    return find


def _row(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
