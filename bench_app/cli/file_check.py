"""``zmq-bench check``: the files of the replays of a preset, each opened and read to its end."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import TracebackType

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.console import echo_error
from bench_app.engine.source_account import REASON_TEXTS
from bench_app.measure.clock import NS_PER_S
from bench_app.model import ReplaySource
from bench_app.preset.defaults import handler_bench, sources_of
from bench_app.preset.documents import Document
from bench_app.sources.records import FORMAT_NAMES
from bench_app.sources.survey import EVENTS_WITH_FIELDS, FIELDS_LISTED, Survey, survey
from bench_app.sources.times import is_date

LARGE_BYTES = 20 * 1024 * 1024
"""A file of this size is read long enough for progress to be of use."""
SLOW_S = 2.0
"""A file that takes longer shows its progress, too: a small file can be compressed from a large one."""
_LINE_EVERY_S = 5.0


def surveys(document: Document) -> Iterator[tuple[str, Survey]]:
    """The sink and the survey of each file that a run of the preset reads."""
    handlers = document.preset.output.handlers
    for sink, source in sources_of(document.preset).items():
        names = [name for name, spec in handlers.items() if spec.enabled and spec.sink == sink]
        if isinstance(source, ReplaySource) and names:
            objects_only = any(handler_bench(document.preset, name).stamp == "field" for name in names)
            with _ReadingProgress(source.path) as progress:
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


class _ReadingProgress:
    """Shows how much of a large file is read: a bar on a terminal, otherwise a line every few seconds."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bar: Progress | None = None
        self._begun_s = self._shown_s = time.monotonic()

    def __enter__(self) -> _ReadingProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, done: int, size: int) -> None:
        is_slow = time.monotonic() - self._begun_s >= SLOW_S
        if not size or (size < LARGE_BYTES and not is_slow):
            return
        if sys.stderr.isatty():
            if self._bar is None:
                self._bar = Progress(
                    *(TextColumn("{task.description}"), BarColumn(), DownloadColumn()),
                    console=CommandConsole(stderr=True),
                    transient=True,
                )
                self._bar.add_task(self._name, total=size)
                self._bar.start()
            self._bar.update(self._bar.task_ids[0], completed=done)
        elif time.monotonic() - self._shown_s >= _LINE_EVERY_S:
            self._shown_s = time.monotonic()
            echo_error(f"{self._name}: {done / size:.0%} read")
