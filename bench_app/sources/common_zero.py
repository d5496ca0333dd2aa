"""The recorded time at which several replays begin together: files -> **common zero** -> feeds of the sinks.

Files that were recorded together keep their distance. A file that begins after the end of the run, seen from the
earliest one, was recorded at another time: it begins at its own first record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from bench_app.errors import SourceError
from bench_app.measure.clock import NS_PER_S
from bench_app.model import RecordedLoad, ReplaySource, Source
from bench_app.sources.clock_correction import ClockCorrection
from bench_app.sources.clock_counts import ClockCounts
from bench_app.sources.record import BadRecord, Record
from bench_app.sources.record_check import EventFacts, RecordCheck
from bench_app.sources.records import open_records, options_of
from bench_app.sources.times import is_date

MOST_RECORDS = 10_000
"""The first time is sought in so many records."""


def common_zeros(sources: Mapping[str, Source], base_dir: Path, duration_s: float) -> dict[str, int]:
    """For each sink whose replay keeps its distance to the others, the recorded time that is due at the start."""
    replays = {
        sink: source
        for sink, source in sources.items()
        if isinstance(source, ReplaySource) and isinstance(source.load, RecordedLoad)
    }
    if len(replays) < 2:
        return {}
    found = {sink: first_time(source, base_dir) for sink, source in replays.items()}
    firsts = {sink: at_ns for sink, at_ns in found.items() if at_ns is not None and is_date(at_ns)}
    if not firsts:
        return {}
    zero_ns = min(firsts.values())
    return {
        sink: zero_ns
        for sink, at_ns in firsts.items()
        if (at_ns - zero_ns) / _speed(replays[sink]) < duration_s * NS_PER_S
    }


def first_time(spec: ReplaySource, base_dir: Path) -> int | None:
    """The first recorded time of a file that fits the next ones; None if there is none."""
    correction = ClockCorrection[None](ClockCounts())
    try:
        check = RecordCheck(spec, objects_only=False)
        with open_records(base_dir / spec.path, options_of(spec)) as file:
            for _ in correction.correct(_times(islice(file.records, MOST_RECORDS), check)):
                if correction.first_ns is not None:
                    break
    except SourceError:
        # The handler that reads the file reports the error.
        return None
    return correction.first_ns


def _times(records: Iterator[Record | BadRecord], check: RecordCheck) -> Iterator[tuple[None, int | None]]:
    for record in records:
        facts = record if isinstance(record, BadRecord) else check.check(record)
        if isinstance(facts, EventFacts):
            yield None, facts.at_ns


def _speed(source: ReplaySource) -> float:
    return source.load.speed if isinstance(source.load, RecordedLoad) else 1.0
