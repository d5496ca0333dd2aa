"""``zmq-bench check``: the files of the replays of a preset, each opened and read to its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench_app.cli.reading_progress import ReadingProgress
from bench_app.engine.source_account import REASON_TEXTS
from bench_app.measure.clock import NS_PER_S
from bench_app.model import ReplaySource
from bench_app.preset.defaults import handler_bench, sources_of
from bench_app.preset.documents import Document
from bench_app.sources.records import FORMAT_NAMES
from bench_app.sources.survey import EVENTS_WITH_FIELDS, FIELDS_LISTED, Survey, survey
from bench_app.sources.times import is_date


def surveys(document: Document) -> Iterator[tuple[str, Survey]]:
    """The sink and the survey of each file that a run of the preset reads."""
    handlers = document.preset.output.handlers
    for sink, source in sources_of(document.preset).items():
        names = [name for name, spec in handlers.items() if spec.enabled and spec.sink == sink]
        if isinstance(source, ReplaySource) and names:
            objects_only = any(handler_bench(document.preset, name).stamp == "field" for name in names)
            with ReadingProgress(source.path) as progress:
                found = survey(source, document.base_dir, objects_only, progress.show, sink)
            yield sink, found


def survey_lines(sink: str, found: Survey) -> Iterator[str]:
    """The report of a file, one fact a line."""
    if found.format:
        parts = [FORMAT_NAMES[found.format], found.encoding, *([found.compression] if found.compression else [])]
        yield f"{sink}: {found.path.name}: {', '.join(parts)}; {found.events:,} event{'' if found.events == 1 else 's'}"
    if found.fields:
        more = len(found.fields) - FIELDS_LISTED
        first = f" of the first {EVENTS_WITH_FIELDS:,} events" if found.events > EVENTS_WITH_FIELDS else ""
        yield f"  fields{first}: {', '.join(found.fields[:FIELDS_LISTED])}{f' and {more:,} more' if more > 0 else ''}"
    if found.first_ns is not None and found.last_ns is not None:
        formats = f" ({', '.join(found.time_formats)})" if found.time_formats else ""
        yield (
            f"  times{formats}: {format_time(found.first_ns)} to {format_time(found.last_ns)}, "
            f"{found.length_ns / NS_PER_S:,.3f} s to replay"
        )
    if found.guessed_unit:
        yield f"  note: the times are no dates from 1990 to 2100; taken as {found.guessed_unit}, or set time_format"
    yield from (f"  note: {note}" for note in (*found.notes, *_clock_notes(found)))
    yield from (f"  {fault}" for fault in found.faults)
    if found.skipped:
        reasons = ", ".join(f"{count:,} {REASON_TEXTS[reason]}" for reason, count in found.skipped.items())
        records = "1 record is" if found.skipped.total() == 1 else f"{found.skipped.total():,} records are"
        yield f"  {records} no event ({reasons})"


def _clock_notes(found: Survey) -> Iterator[str]:
    if count := found.clock.clamped:
        yield f"{count:,} time{' does' if count == 1 else 's do'} not fit the times before and after"
    if count := found.clock.jumps:
        yield f"the clock was set {'once' if count == 1 else f'{count:,} times'}"
    if count := found.clock.gaps_cut:
        yield f"{count:,} gap{' is' if count == 1 else 's are'} cut to max_gap_s"


def format_time(at_ns: int) -> str:
    """A recorded time: a date in UTC, or seconds if it is no date of our days."""
    if not is_date(at_ns):
        return f"{at_ns / NS_PER_S:,.6f} s"
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at_ns // NS_PER_S)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at_ns % NS_PER_S // 1000:06d}Z"
