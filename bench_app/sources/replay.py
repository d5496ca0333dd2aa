"""Recorded events: file -> **replay source** -> sink. A thread reads and renders events ahead, in bounded memory."""

from __future__ import annotations

import itertools
import queue
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Generic, TypeVar

from bench_app.errors import SourceError
from bench_app.measure.clock import NS_PER_S
from bench_app.model import ReplaySource
from bench_app.sources import readahead
from bench_app.sources.clock_correction import ClockCorrection
from bench_app.sources.clock_counts import ClockCounts
from bench_app.sources.readahead import ReadAhead
from bench_app.sources.record import BadRecord, Record
from bench_app.sources.record_check import RecordCheck
from bench_app.sources.records import open_records, options_of

Rendered = TypeVar("Rendered")

BAD_RECORDS_SHOWN = 5
_COUNTED_AT_ONCE = 64
"""While the rest is counted, the reader rests after each such portion, so that other threads get the interpreter."""
_COUNTING_REST_S = 50e-6


class ReplaySupply(Generic[Rendered]):
    """The events of a file, rendered ahead of time by a thread that pauses when enough events are ready.

    The constructor returns when enough events are ready for a run to start. It raises SourceError if the file has no
    usable event, or if an error ended the reading before that.

    With ``loop``, the next round begins after the mean interval of the recording (1 s if that is 0). A file that fits
    into the read-ahead is read once, and its rendered events are repeated in every round.

    Attributes:
        timed: whether events have recorded times.
        skipped: how many records read so far are not events, by the reason. Only the first round of a loop counts,
            here and in the counts below.
        clock: what was corrected in the recorded times read so far.
        other_sinks: how many records read so far are events of another sink.
        is_read_through: whether the file was read to its end.
    """

    def __init__(
        self,
        spec: ReplaySource,
        base_dir: Path,
        render: Callable[[bytes], Rendered],
        skip: int,
        objects_only: bool,
        recorded_zero_ns: int | None = None,
        sink: str = "",
    ) -> None:
        self._sink = sink
        self.other_sinks = 0
        self._zero_ns = recorded_zero_ns
        self._path = base_dir / spec.path
        self._spec = spec
        self._options = options_of(spec)
        self._unit = "line"
        self._check = RecordCheck(spec, objects_only)
        self._max_gap_ns = None if spec.max_gap_s is None else round(spec.max_gap_s * NS_PER_S)
        self._render = render
        self._skip = skip
        self._notes: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._has_event = False
        self._closing = False
        self.timed = spec.time_field is not None
        self.skipped: Counter[str] = Counter()
        self.clock = ClockCounts()
        self.is_read_through = False
        self._events_read = 0
        self._taken = 0
        self._only_counts = False
        self._ahead = ReadAhead(self._rounds(), str(self._path))
        self._wait_for_first_events()

    @property
    def ended(self) -> bool:
        """Whether ``take`` will never return an event again."""
        return self._ahead.ended

    @property
    def failure(self) -> str:
        """The message of the error that ended the reading before the file's end; "" without an error."""
        return self._ahead.failure

    def take(self) -> tuple[Rendered, int] | None:
        """The next event and its recorded ns after the first event; None if no event is ready or left."""
        event = self._ahead.take()
        if event is not None:
            self._taken += 1
        return event

    @property
    def left(self) -> int:
        """How many of the events read so far were not taken."""
        return max(0, self._events_read - self._skip - self._taken)

    def count_rest(self) -> None:
        """Read the rest of the file, and only count its records. :meth:`close` ends this, too."""
        self._only_counts = True
        self._ahead.lift_limits()

    @property
    def is_counting(self) -> bool:
        """Whether the rest of the file is still being read."""
        return self._only_counts and not self.is_read_through and self._ahead.is_running

    def notes(self) -> list[str]:
        """New messages about skipped records: one for each of the first few, and their number at the file's end."""
        notes = []
        while not self._notes.empty():
            notes.append(self._notes.get())
        return notes

    def close(self) -> None:
        """End the reader, even while it skips bad records."""
        self._closing = True
        self._ahead.close()

    def _wait_for_first_events(self) -> None:
        failure = self._ahead.wait_filled()
        if self._has_event and not failure:
            return
        self.close()
        others = [f"{self.other_sinks:,} of other sinks"] if self.other_sinks else []
        reasons = "; ".join([*others, *self.notes()])
        text = failure or f"{self._path}: no usable event in the file{f' ({reasons})' if reasons else ''}"
        raise SourceError(text, self.skipped)

    def _rounds(self) -> Generator[tuple[tuple[Rendered, int], int], None, None]:
        """((event, its recorded ns), its bytes) for every round of the spec, without the events to skip."""
        skip = self._skip
        start_ns = 0
        cache = _RoundCache[Rendered](is_used=self._spec.loop and not skip)
        for number in itertools.count():
            count = last_ns = 0
            for text, last_ns in self._one_round(first=number == 0):
                count += 1
                self._has_event = True
                if count > skip and not self._only_counts:
                    event = self._render(text)
                    cache.add(event, last_ns, len(text))
                    yield (event, start_ns + last_ns), len(text)
            if self._closing:
                return
            self.is_read_through = True
            if not self._spec.loop or not count or self._only_counts:
                return
            round_ns = last_ns + (last_ns // max(1, count - 1) or NS_PER_S)
            start_ns += round_ns
            if cache.is_used:
                yield from cache.repeat(start_ns, round_ns)
            # Complete rounds that are still to be skipped need no reading.
            rounds, skip = divmod(max(0, skip - count), count)
            start_ns += rounds * round_ns

    def _one_round(self, first: bool) -> Iterator[tuple[bytes, int]]:
        emit = self._emit_file_note if first else _ignore_note
        self._check.clock.begin_again()
        with open_records(self._path, self._options, emit) as file:
            self._unit = file.unit
            counts = self.clock if first else ClockCounts()
            correction = ClockCorrection[bytes](counts, self._max_gap_ns, self._zero_ns)
            for text, due_ns in correction.correct(self._events(file.records, first)):
                if first:
                    self._note_guess()
                    self._count_event()
                yield text, due_ns
        if first and (skipped := self.skipped.total()) > BAD_RECORDS_SHOWN:
            self._notes.put(f"{self._path.name}: {skipped:,} records skipped in all")

    def _events(self, records: Iterator[Record | BadRecord], first: bool) -> Iterator[tuple[bytes, int | None]]:
        """Each event with its recorded time."""
        for record in records:
            if self._closing:
                return
            if isinstance(record, BadRecord):
                self._skip_bad(record, first)
                continue
            facts = self._check.check(record)
            if isinstance(facts, BadRecord):
                self._skip_bad(facts, first)
            elif facts.sink is not None and facts.sink != self._sink:
                self.other_sinks += first
            else:
                yield record.text, facts.at_ns

    def _emit_file_note(self, note: str) -> None:
        self._notes.put(f"{self._path.name}: {note}")

    def _note_guess(self) -> None:
        unit = self._check.clock.guessed_unit
        if unit and not self._events_read:
            self._emit_file_note(f"the times are no dates from 1990 to 2100; taken as {unit}, or set time_format")

    def _count_event(self) -> None:
        self._events_read += 1
        if self._only_counts and self._events_read % _COUNTED_AT_ONCE == 0:
            time.sleep(_COUNTING_REST_S)

    def _skip_bad(self, bad: BadRecord, first: bool) -> None:
        message = f"{self._path.name}, {self._unit} {bad.number}: {bad.message}"
        if self._spec.on_bad_line == "fail":
            raise SourceError(message)
        if not first:
            return
        self.skipped[bad.reason] += 1
        if self.skipped.total() <= BAD_RECORDS_SHOWN:
            self._notes.put(f"{message}; skipped")


def _ignore_note(note: str) -> None:
    """The notes of the first round hold for the next ones."""


class _RoundCache(Generic[Rendered]):
    """The rendered events of the first round, for the next rounds; not used if they exceed the read-ahead."""

    def __init__(self, is_used: bool) -> None:
        self.is_used = is_used
        self._events: list[tuple[Rendered, int, int]] = []
        self._bytes = 0

    def add(self, event: Rendered, offset_ns: int, size: int) -> None:
        if not self.is_used:
            return
        self._events.append((event, offset_ns, size))
        self._bytes += size
        if len(self._events) > readahead.MAX_ITEMS or self._bytes > readahead.MAX_BYTES:
            self.is_used = False
            self._events = []

    def repeat(self, start_ns: int, round_ns: int) -> Iterator[tuple[tuple[Rendered, int], int]]:
        while True:
            for event, offset_ns, size in self._events:
                yield (event, start_ns + offset_ns), size
            start_ns += round_ns
