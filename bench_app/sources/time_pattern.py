"""A pattern of a time, as of ``strptime``: ``%d.%m.%Y %H:%M:%S,%f`` -> **pattern** -> recorded clock.

``strptime`` itself reads no nanoseconds and no second 60 in a date, and is slow.
"""

from __future__ import annotations

import re

from bench_app.sources.missing_year import ASSUMED_YEAR
from bench_app.sources.time_texts import WrittenTime, moment

_DIRECTIVES = {
    "Y": r"(?P<year>\d{4})",
    "y": r"(?P<year>\d\d)",
    "m": r"(?P<month>\d{1,2})",
    "b": r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
    "B": r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*",
    "d": r"(?P<day>\d{1,2})",
    "H": r"(?P<hour>\d{1,2})",
    "I": r"(?P<hour>\d{1,2})",
    "p": r"(?P<half>[AaPp])\.?[Mm]\.?",
    "M": r"(?P<minute>\d{1,2})",
    "S": r"(?P<second>\d{1,2})",
    "f": r"(?P<fraction>\d{1,18})",
    "z": r"(?:(?P<sign>[+-])(?P<off_h>\d\d):?(?P<off_m>\d\d)(?::?(?P<off_s>\d\d))?|(?P<zone>[Zz]))",
    "Z": r"(?P<zone>[A-Za-z]{1,4})",
    "a": r"[A-Za-z]{3}",
    "A": r"[A-Za-z]+",
    "%": "%",
}
_SHORT = {"T": "%H:%M:%S", "F": "%Y-%m-%d", "D": "%m/%d/%y", "e": "%d", "h": "%b", "R": "%H:%M"}
_NEEDED = ("month", "day")


class TimePattern:
    """A compiled pattern. Raises ValueError, whose text says what the pattern should have, if it cannot be used.

    Attributes:
        has_year: whether the times have a year. One without is read as of :data:`.missing_year.ASSUMED_YEAR`.
        has_usual_clock: hour, minute and second follow each other with colons between, and then at most a fraction.
    """

    def __init__(self, pattern: str) -> None:
        full = re.sub(r"%([A-Za-z])", lambda found: _SHORT.get(found[1], found[0]), pattern)
        self.has_usual_clock = re.search(r"%[HI]:%M:%S(?![:.,\d]|%)|%[HI]:%M:%S[.,]%f(?!\d|%)", full) is not None
        parts = re.split(r"(%.?)", full, flags=re.S)
        expression = "".join(_directive(part) if part.startswith("%") else _literal(part) for part in parts)
        try:
            self._compiled = re.compile(expression, re.ASCII | re.IGNORECASE)
        except re.error:  # a group of the same name twice
            raise ValueError("each part of the time once") from None
        if not set(_NEEDED) <= set(self._compiled.groupindex):
            raise ValueError("a pattern with month and day, such as %d.%m.%Y %H:%M:%S,%f")
        self.has_year = "year" in self._compiled.groupindex
        self._assumed = {} if self.has_year else {"year": str(ASSUMED_YEAR)}
        self._name = f"the pattern {pattern}{'' if self.has_year else ', the year guessed'}"

    def read(self, text: str) -> WrittenTime | None:
        """The time in a text; None if the text does not fit the pattern, or is no time."""
        found = self._compiled.fullmatch(text.strip())
        return None if found is None else moment(found.groupdict() | self._assumed, self._name)


def _directive(part: str) -> str:
    expression = _DIRECTIVES.get(part[1:])
    if expression is None:
        raise ValueError(f"a pattern of {', '.join(f'%{letter}' for letter in _DIRECTIVES)}; {part} is not read")
    return expression


def _literal(text: str) -> str:
    """Text of the pattern as an expression; blanks stand for any number of blanks, as in ``strptime``."""
    return re.sub(r"(\\?\s)+", r"\\s+", re.escape(text))
