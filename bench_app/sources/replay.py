"""Recorded events: file -> **replay source** -> sink. Read ahead by a thread, rendered, in bounded memory."""

from __future__ import annotations

import itertools
import queue
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from bench_app.errors import SourceError
from bench_app.measure.clock import NS_PER_S
from bench_app.model import RecordedLoad, ReplaySource
from bench_app.sources import readahead
from bench_app.sources.readahead import ReadAhead
from bench_app.sources.records import BadRecord, Record, find_format, read_records
from bench_app.sources.times import RecordedClock

Rendered = TypeVar("Rendered")

TOLD_BAD_RECORDS = 5


class ReplaySupply(Generic[Rendered]):
    """The events of a file, rendered ahead of time by a thread that stops when enough is waiting.

    Returns when enough is ahead for a run to start. Raises SourceError where the file has no usable event, or where
    what has been read so far already ends the source.

    A loop goes on at the file's end after the mean interval of the recording (1 s where that is 0). A file that is
    small enough to be ahead as a whole is read once, and its rendered events come again in every round.
    """

    def __init__(
        self,
        spec: ReplaySource,
        base_dir: Path,
        render: Callable[[bytes], Rendered],
        skip: int,
        objects_only: bool,
    ) -> None:
        self._path = base_dir / spec.path
        self._spec = spec
        self._format = find_format(self._path, spec.format)
        self._judge = _Judge(spec, objects_only)
        self._render = render
        self._skip = skip
        self._notes: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._usable = False
        self._closing = False
        self._first_ns: int | None = None
        self.timed = spec.time_field is not None
        """True where events have recorded times."""
        self.bad_lines = 0
        """Records read so far that are no events (each counted once, however often the file is read)."""
        self._ahead = ReadAhead(self._rounds(), str(self._path))
        self._refuse_useless()

    @property
    def ended(self) -> bool:
        """True when ``take`` will never return an event again."""
        return self._ahead.ended

    @property
    def failure(self) -> str:
        """Why it ended before the file's end, as a sentence; "" where it did not."""
        return self._ahead.failure

    def take(self) -> tuple[Rendered, int] | None:
        """The next event and its recorded ns after the first; None where the reader is behind, or has ended."""
        return self._ahead.take()

    def notes(self) -> list[str]:
        """Records that were skipped: the first few in full, the rest as a number at the file's end."""
        told = []
        while not self._notes.empty():
            told.append(self._notes.get())
        return told

    def close(self) -> None:
        """End the reader, also where it passes over one bad record after the other."""
        self._closing = True
        self._ahead.close()

    def _refuse_useless(self) -> None:
        failure = self._ahead.wait_filled()
        if self._usable and not failure:
            return
        self.close()
        reasons = "; ".join(self.notes())
        raise SourceError(failure or f"{self._path}: no usable event in it{f' ({reasons})' if reasons else ''}")

    def _rounds(self) -> Generator[tuple[tuple[Rendered, int], int], None, None]:
        """(Event, its recorded ns) and its bytes, as often as the spec wants, without those to skip."""
        skip = self._skip
        start_ns = 0
        kept = _Kept[Rendered](wanted=self._spec.loop and not skip)
        for number in itertools.count():
            count = last_ns = 0
            for text, last_ns in self._one_round(first=number == 0):
                count += 1
                self._usable = True
                if count > skip:
                    event = self._render(text)
                    kept.add(event, last_ns, len(text))
                    yield (event, start_ns + last_ns), len(text)
            if not self._spec.loop or not count or self._closing:
                return
            round_ns = last_ns + (last_ns // max(1, count - 1) or NS_PER_S)
            start_ns += round_ns
            if kept.wanted:
                yield from kept.for_ever(start_ns, round_ns)
            # What is left to skip may be many rounds, of which none needs reading.
            rounds, skip = divmod(max(0, skip - count), count)
            start_ns += rounds * round_ns

    def _one_round(self, first: bool) -> Iterator[tuple[bytes, int]]:
        latest_ns = 0
        for record in read_records(self._path, self._format):
            if self._closing:
                return
            reason, at_ns = (record.reason, None) if isinstance(record, BadRecord) else self._judge.judge(record)
            if isinstance(record, BadRecord) or reason:
                self._note_bad(record.number, reason, first)
                continue
            if at_ns is not None:
                if self._first_ns is None:
                    self._first_ns = at_ns
                # A clock that was set back in the recording must not turn the order round.
                latest_ns = max(latest_ns, at_ns - self._first_ns)
            yield record.text, latest_ns
        if first and self.bad_lines > TOLD_BAD_RECORDS:
            self._notes.put(f"{self._path.name}: {self.bad_lines:,} records skipped in all")

    def _note_bad(self, number: int, reason: str, first: bool) -> None:
        sentence = f"{self._path.name}, {self._format.unit} {number}: {reason}"
        if self._spec.on_bad_line == "fail":
            raise SourceError(sentence)
        if not first:
            return
        self.bad_lines += 1
        if self.bad_lines <= TOLD_BAD_RECORDS:
            self._notes.put(f"{sentence}; skipped")


class _Kept(Generic[Rendered]):
    """The rendered events of a first round, as long as they are few enough to stay in memory."""

    def __init__(self, wanted: bool) -> None:
        self.wanted = wanted
        self._events: list[tuple[Rendered, int, int]] = []
        self._bytes = 0

    def add(self, event: Rendered, offset_ns: int, size: int) -> None:
        if not self.wanted:
            return
        self._events.append((event, offset_ns, size))
        self._bytes += size
        if len(self._events) > readahead.MAX_ITEMS or self._bytes > readahead.MAX_BYTES:
            self.wanted = False
            self._events = []

    def for_ever(self, start_ns: int, round_ns: int) -> Iterator[tuple[tuple[Rendered, int], int]]:
        while True:
            for event, offset_ns, size in self._events:
                yield (event, start_ns + offset_ns), size
            start_ns += round_ns


class _Judge:
    """Tells events from other records, decoding no more of them than the stamp's key and the time."""

    def __init__(self, spec: ReplaySource, objects_only: bool) -> None:
        self._objects_only = objects_only
        self._needs_time = isinstance(spec.load, RecordedLoad)
        if self._needs_time and spec.time_field is None:
            raise SourceError(f"{spec.path}: a recorded load needs time_field, the field with the recorded time")
        if spec.time_field == "_bench":
            raise SourceError(f"{spec.path}: time_field cannot be _bench, which is the place of the stamp")
        self._time_field = spec.time_field
        self._clock = RecordedClock()
        fields: list[tuple[str, Any, Any]] = [("stamp", msgspec.Raw | msgspec.UnsetType, msgspec.UNSET)]
        names = {"stamp": "_bench"}
        if self._time_field is not None:
            fields.append(("time", Any, None))
            names["time"] = self._time_field
        probe = msgspec.defstruct("Probe", fields, rename=names)
        self._probe = msgspec.json.Decoder(probe)
        self._any = msgspec.json.Decoder(msgspec.Raw)

    def judge(self, record: Record) -> tuple[str, int | None]:
        """("", its time in ns where it has one) for an event, or (why it is none, None)."""
        text = record.text
        try:
            # The decoder does not look into the strings it passes over.
            text.decode()
            if text[:1] != b"{":
                self._any.decode(text)
                return ("no JSON object" if self._objects_only or self._needs_time else ""), None
            found: Any = self._probe.decode(text)
        except UnicodeDecodeError:
            return "not UTF-8", None
        except RecursionError:
            return "nested too deeply", None
        except msgspec.MsgspecError as error:
            return f"not JSON: {str(error).removeprefix('JSON is malformed: ')}", None
        if self._objects_only and found.stamp is not msgspec.UNSET:
            return "refused: it has a _bench key of its own, which is the place of the stamp", None
        if self._time_field is None:
            return "", None
        at_ns = self._clock.read_ns(found.time)
        if at_ns is None and self._needs_time:
            return f"no time in its field {self._time_field}", None
        return "", at_ns
