"""Recorded events: file -> **replay source** -> sink. Read ahead by a thread, rendered, in bounded memory."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from bench_app.errors import SourceError
from bench_app.model import RecordedLoad, ReplaySource
from bench_app.sources.records import BadRecord, Record, find_format, read_records

Rendered = TypeVar("Rendered")

BLOCK_EVENTS = 512
BLOCK_BYTES = 2 * 1024 * 1024
BLOCKS_AHEAD = 8
"""Blocks that wait at most, so 4096 events or 16 MiB (an event of 64 MiB is a block of its own)."""
TOLD_BAD_RECORDS = 5
PUT_RETRY_S = 0.1
NS_PER_S = 1_000_000_000

# A number is taken for the unit in which it is a date of our days: s up to 1e11, then ms, us, ns.
_UNIT_NS = ((1e11, NS_PER_S), (1e14, 1_000_000), (1e17, 1_000), (float("inf"), 1))

_Block = list[tuple[Rendered, int]]


class ReplaySupply(Generic[Rendered]):
    """The events of a file, rendered ahead of time by a thread that stops when enough is waiting.

    Raises SourceError at once where the file has no usable event. A loop goes on at the file's end after the mean
    interval of the recording.
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
        self._blocks: queue.Queue[_Block[Rendered] | None] = queue.Queue(BLOCKS_AHEAD)
        self._block: Iterator[tuple[Rendered, int]] = iter(())
        self._notes: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._bad = 0
        self._read_failure = ""
        self._closing = threading.Event()
        self._primed = threading.Event()
        self.ended = False
        self.failure = ""
        self._thread = threading.Thread(target=self._read_ahead, name="replay-reader", daemon=True)
        self._thread.start()
        self._primed.wait()
        self._refuse_empty()

    def take(self) -> tuple[Rendered, int] | None:
        """The next event and its recorded ns after the first; None where the reader is behind, or has ended."""
        event = next(self._block, None)
        while event is None and not self.ended:
            try:
                block = self._blocks.get_nowait()
            except queue.Empty:
                return None
            if block is None:
                self.ended = True
                self.failure = self._read_failure
                return None
            self._block = iter(block)
            event = next(self._block, None)
        return event

    def notes(self) -> list[str]:
        """Lines that were skipped: the first few in full, the rest as a number at the end."""
        told = []
        while not self._notes.empty():
            told.append(self._notes.get())
        return told

    def close(self) -> None:
        """End the reader."""
        self._closing.set()
        self._thread.join()

    def _refuse_empty(self) -> None:
        first = self.take()
        if first is None:
            self.close()
            reasons = "; ".join(self.notes())
            raise SourceError(
                self.failure or f"{self._path}: no usable event in it{f' ({reasons})' if reasons else ''}"
            )
        rest = self._block
        self._block = iter([first, *rest])

    def _read_ahead(self) -> None:
        try:
            for block in self._make_blocks():
                self._put(block)
        except SourceError as error:
            self._read_failure = str(error)
        if self._bad > TOLD_BAD_RECORDS:
            self._notes.put(f"{self._path.name}: {self._bad:,} records skipped in all")
        self._put(None)
        self._primed.set()

    def _put(self, block: _Block[Rendered] | None) -> None:
        while not self._closing.is_set():
            try:
                self._blocks.put(block, timeout=0 if not self._primed.is_set() else PUT_RETRY_S)
                return
            except queue.Full:
                self._primed.set()

    def _make_blocks(self) -> Iterator[_Block[Rendered]]:
        block: _Block[Rendered] = []
        size = 0
        for text, offset_ns in self._events():
            if self._closing.is_set():
                return
            block.append((self._render(text), offset_ns))
            size += len(text)
            if len(block) >= BLOCK_EVENTS or size >= BLOCK_BYTES:
                yield block
                block, size = [], 0
        yield block

    def _events(self) -> Iterator[tuple[bytes, int]]:
        """All events with their recorded times, as often as the spec wants, without those to skip."""
        index = 0
        round_start_ns = 0
        while True:
            first = index
            last_ns = 0
            for text, offset_ns in self._one_round():
                last_ns = offset_ns
                index += 1
                if index > self._skip:
                    yield text, round_start_ns + offset_ns
            if not self._spec.loop or index == first:
                return
            round_start_ns += last_ns + last_ns // max(1, index - first - 1)

    def _one_round(self) -> Iterator[tuple[bytes, int]]:
        first_ns: int | None = None
        latest_ns = 0
        for record in read_records(self._path, self._format):
            if isinstance(record, BadRecord):
                self._note_bad(record.place, record.reason)
                continue
            reason, at_ns = self._judge.judge(record)
            if reason:
                self._note_bad(record.place, reason)
                continue
            first_ns = at_ns if first_ns is None else first_ns
            # A clock that was set back in the recording must not turn the order round.
            latest_ns = max(latest_ns, at_ns - first_ns)
            yield record.text, latest_ns

    def _note_bad(self, place: str, reason: str) -> None:
        sentence = f"{self._path.name}, {place}: {reason}"
        if self._spec.on_bad_line == "fail":
            raise SourceError(sentence)
        self._bad += 1
        if self._bad <= TOLD_BAD_RECORDS:
            self._notes.put(f"{sentence}; skipped")


class _Judge:
    """Tells events from other records, decoding no more of them than the stamp's key and the time."""

    def __init__(self, spec: ReplaySource, objects_only: bool) -> None:
        self._objects_only = objects_only
        self._needs_time = isinstance(spec.load, RecordedLoad)
        if self._needs_time and spec.time_field is None:
            raise SourceError(f"{spec.path}: a recorded load needs time_field, the field with the recorded time")
        self._time_field = spec.time_field if self._needs_time else None
        fields: list[tuple[str, Any, Any]] = [("stamp", msgspec.Raw | msgspec.UnsetType, msgspec.UNSET)]
        names = {"stamp": "_bench"}
        if self._time_field is not None:
            fields.append(("time", Any, None))
            names["time"] = self._time_field
        probe = msgspec.defstruct("Probe", fields, rename=names)
        self._probe = msgspec.json.Decoder(probe)
        self._any = msgspec.json.Decoder(msgspec.Raw)

    def judge(self, record: Record) -> tuple[str, int]:
        """("", its time in ns) for an event (time 0 where none is needed), or (why it is none, 0)."""
        text = record.text
        try:
            text.decode()
            if text[:1] != b"{":
                self._any.decode(text)
                return ("no JSON object" if self._objects_only or self._needs_time else ""), 0
            found: Any = self._probe.decode(text)
        except UnicodeDecodeError:
            return "not UTF-8", 0
        except msgspec.MsgspecError as error:
            return f"not JSON: {str(error).removeprefix('JSON is malformed: ')}", 0
        if self._objects_only and found.stamp is not msgspec.UNSET:
            return "refused: it has a _bench key of its own, which is the place of the stamp", 0
        if self._time_field is None:
            return "", 0
        at_ns = _time_ns(found.time)
        return ("", at_ns) if at_ns is not None else (f"no time in its field {self._time_field}", 0)


def _time_ns(value: Any) -> int | None:
    """A recorded time in ns: a number of s, ms, us or ns (whichever makes it a date of our days), or ISO 8601."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        unit = next(unit for limit, unit in _UNIT_NS if abs(value) < limit or unit == 1)
        return int(value * unit)
    if isinstance(value, str):
        try:
            return int(datetime.fromisoformat(value).timestamp() * 1_000_000) * 1000
        except ValueError:
            return None
    return None
