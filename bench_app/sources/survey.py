"""Reads the file of a replay to its end, without a run: file -> **survey** -> ``zmq-bench check``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bench_app.errors import SourceError
from bench_app.measure.clock import NS_PER_S
from bench_app.model import ReplaySource
from bench_app.sources.clock_correction import ClockCorrection
from bench_app.sources.clock_counts import ClockCounts
from bench_app.sources.record import BadRecord
from bench_app.sources.record_check import RecordCheck
from bench_app.sources.recording_source import as_recording
from bench_app.sources.records import RecordFile, open_records, options_of
from bench_app.untrusted.json_reader import JsonReader

FAULTS_LISTED = 20
"""The most records that are listed of those that are no event for the same reason. All are counted."""
FIELDS_LISTED = 30
EVENTS_SHOWN = 3
EVENTS_WITH_FIELDS = 1_000
"""The fields are those of the first events, because decoding all events would be slow."""
_PROGRESS_RECORDS = 2_000
_KEYS = JsonReader(dict[str, msgspec.Raw])


@dataclass
class Survey:
    """What a file has.

    Attributes:
        path: the path of the file.
        format: ``jsonl``, ``json``, ``csv`` or ``recording``; "" if the file could not be opened.
        encoding: the name of the encoding.
        compression: the name of the compression; "" if it has none.
        events: how many events it has.
        skipped: how many records are no events, by the reason.
        other_sinks: how many events name another sink.
        faults: the first records that are no events, each with its line and the reason.
        first: the first events as JSON text, as they are read: a row of CSV is an object.
        fields: the names at the top of the first events, in the order of their first event.
        first_ns: the time of the first event, in ns; None without a time.
        last_ns: the time of the last event.
        length_ns: how long a replay at the recorded times takes.
        clock: what was corrected in the times.
        time_formats: the formats of the times.
        guessed_unit: the unit of numbers that are no dates; "" if there are none.
        notes: what is read otherwise than it is written.
        failure: why the file could not be read, or not to its end; "" if it was.
    """

    path: Path
    format: str = ""
    encoding: str = ""
    compression: str = ""
    events: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    other_sinks: int = 0
    faults: list[str] = field(default_factory=list)
    first: list[bytes] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    first_ns: int | None = None
    last_ns: int | None = None
    length_ns: int = 0
    clock: ClockCounts = field(default_factory=ClockCounts)
    time_formats: list[str] = field(default_factory=list)
    guessed_unit: str = ""
    notes: list[str] = field(default_factory=list)
    failure: str = ""

    @property
    def problem(self) -> str:
        """Why a run with this file would fail; "" if it would not."""
        if self.failure:
            return self.failure
        if self.events:
            return ""
        others = [f"{self.other_sinks:,} of other sinks"] if self.other_sinks else []
        reasons = "; ".join([*others, *self.faults[:1]])
        return f"{self.path}: no usable event in the file{f' ({reasons})' if reasons else ''}"


def survey(
    spec: ReplaySource,
    base_dir: Path,
    objects_only: bool,
    on_progress: Callable[[int, int], None] = lambda *_: None,
    sink: str = "",
) -> Survey:
    """Read a file to its end. ``on_progress`` gets the bytes read so far, and the bytes of the file.

    If the events name their sink, only those of ``sink`` count.
    """
    spec = as_recording(spec, base_dir)
    found = Survey(base_dir / spec.path)
    try:
        check = RecordCheck(spec, objects_only and spec.format != "recording")
        with open_records(found.path, options_of(spec), found.notes.append) as file:
            found.format, found.encoding, found.compression = file.format, file.encoding, file.compression
            max_gap_ns = None if spec.max_gap_s is None else round(spec.max_gap_s * NS_PER_S)
            correction = ClockCorrection[None](found.clock, max_gap_ns)
            for _, due_ns in correction.correct(_events(file, check, found, on_progress, sink)):
                found.events += 1
                found.length_ns = due_ns
            if correction.first_ns is not None and correction.last_ns is not None:
                found.first_ns, found.last_ns = map(check.clock.utc_ns, (correction.first_ns, correction.last_ns))
            found.time_formats, found.guessed_unit = list(check.clock.formats), check.clock.guessed_unit
    except SourceError as error:
        found.failure = str(error)
    if found.faults and spec.on_bad_line == "fail":
        found.failure = found.failure or found.faults[0]
    return found


def _events(
    file: RecordFile, check: RecordCheck, found: Survey, on_progress: Callable[[int, int], None], sink: str
) -> Iterator[tuple[None, int | None]]:
    fields: dict[str, None] = {}
    events = 0
    for number, record in enumerate(file.records):
        if number % _PROGRESS_RECORDS == 0:
            on_progress(file.bytes_read(), file.size)
        if isinstance(record, BadRecord):
            _note_fault(found, record, file.unit)
            continue
        facts = check.check(record)
        if isinstance(facts, BadRecord):
            _note_fault(found, facts, file.unit)
            continue
        at_ns, named_sink = facts
        if named_sink is not None and named_sink != sink:
            found.other_sinks += 1
            continue
        if events < EVENTS_WITH_FIELDS:
            events += 1
            if events <= EVENTS_SHOWN:
                found.first.append(record.text)
            if record.text[:1] == b"{":
                fields.update(dict.fromkeys(_KEYS.read(record.text)))
                found.fields = list(fields)
        yield None, at_ns
    on_progress(file.bytes_read(), file.size)


def _note_fault(found: Survey, bad: BadRecord, unit: str) -> None:
    found.skipped[bad.reason] += 1
    if found.skipped[bad.reason] <= FAULTS_LISTED:
        found.faults.append(f"{found.path.name}, {unit} {bad.number}: {bad.message}")
