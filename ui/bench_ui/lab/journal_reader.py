"""Follows the journal of a command while the command writes it: file -> **journal reader** -> entries."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench_app.engine.result import RunResult
from bench_app.lab.journal import Entry
from bench_app.untrusted.json_reader import BadJsonError, JsonReader

_ENTRIES: JsonReader[Entry] = JsonReader(Entry)
_RESULTS: JsonReader[RunResult] = JsonReader(RunResult)
PART_BYTES = 256 * 1024
"""What is read from the file at once."""


@dataclass(frozen=True)
class JournalEntry:
    """One measurement of a journal.

    Attributes:
        key: what was measured, as the command names it.
        value: the result as JSON.
        place: where its line begins in the file.
    """

    key: str
    value: bytes
    place: int

    @property
    def run(self) -> RunResult:
        """The result of a trial. Raises BadJsonError for an entry that is no trial."""
        return _RESULTS.read(self.value)


class JournalReader:
    """Reads each entry once, as soon as its line is whole. The file need not exist yet."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.perf_counter) -> None:
        self._file, self._clock = file, clock
        self._place = 0
        self._has_title = False

    def read(self, most_s: float, take: Callable[[JournalEntry], None]) -> bool:
        """Give the entries that came since the last call to ``take``. Returns whether more are waiting.

        Ends after ``most_s`` seconds, so that a long journal does not hold up the window.
        """
        end_s = self._clock() + most_s
        while lines := self._lines():
            for line in lines:
                place = self._place
                self._place += len(line)
                if not self._has_title:
                    self._has_title = True
                    continue
                try:
                    entry = _ENTRIES.read(line)
                except BadJsonError:
                    continue
                take(JournalEntry(entry.key, bytes(entry.value), place))
                if self._clock() >= end_s:
                    return True
        return False

    def _lines(self) -> list[bytes]:
        """The whole lines that come next, about ``PART_BYTES`` of them; a longer line comes alone."""
        try:
            with self._file.open("rb") as file:
                file.seek(self._place)
                part = file.read(PART_BYTES)
                while part and b"\n" not in part and (more := file.read(PART_BYTES)):
                    part += more
        except OSError:
            return []
        return [line + b"\n" for line in part.split(b"\n")[:-1]]


def entry_at(file: Path, place: int) -> JournalEntry:
    """Read one entry again by its place. Raises OSError and BadJsonError."""
    with file.open("rb") as opened:
        opened.seek(place)
        entry = _ENTRIES.read(opened.readline())
    return JournalEntry(entry.key, bytes(entry.value), place)


def count_entries(file: Path) -> int:
    """How many measurements a journal has; 0 if there is no such file."""
    try:
        return max(0, file.read_bytes().count(b"\n") - 1)
    except OSError:
        return 0
