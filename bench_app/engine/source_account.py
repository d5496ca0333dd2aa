"""What became of the records of each source: handler states -> **source account** -> result, notes.

Each handler of a sink has a source of its own, which reads the whole file. So the counts of a sink are sums over its
handlers, and with made-up events only ``offered`` is not 0. For a replay that is not repeated, and whose file was read
to its end: ``offered`` (without events sent by hand) + ``skipped`` + ``not_reached`` + ``other_sinks`` = records of the
file x handlers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from bench_app.engine.result import SourceResult
from bench_app.engine.state import HandlerState
from bench_app.measure.source_counts import SourceCounts
from bench_app.model import ReplaySource

MOST_NAMES = 3
"""A note about more handlers than this has their number instead of their names."""
REASON_TEXTS = {
    "not_json": "not JSON",
    "not_an_object": "not a JSON object",
    "not_utf8": "not UTF-8",
    "bench_key": "with the key of the stamp",
    "no_time": "without a time",
    "unreadable_time": "with a time that cannot be read",
    "over_limit": "too long or nested too deeply",
    "no_sink": "without a sink",
    "bad_row": "not a row of the CSV file",
}
"""Each :class:`bench_app.sources.record.SkipReason` as a part of a sentence."""


def source_results(handlers: Iterable[HandlerState]) -> dict[str, SourceResult]:
    """The account of each sink that has handlers, by its name."""
    by_sink: dict[str, list[HandlerState]] = defaultdict(list)
    for handler in handlers:
        by_sink[handler.plan.spec.sink].append(handler)
    return {sink: _source_result(members) for sink, members in by_sink.items()}


def _source_result(handlers: list[HandlerState]) -> SourceResult:
    skipped: Counter[str] = Counter()
    for handler in handlers:
        skipped.update(handler.source.skipped)
    not_reached = [_not_reached(handler) for handler in handlers]
    known = [count for count in not_reached if count is not None]
    return SourceResult(
        offered=sum(handler.counts.offered for handler in handlers),
        skipped=dict(skipped),
        clamped=sum(handler.source.clamped for handler in handlers),
        clock_jumps=sum(handler.source.clock_jumps for handler in handlers),
        gaps_cut=sum(handler.source.gaps_cut for handler in handlers),
        other_sinks=sum(handler.source.other_sinks for handler in handlers),
        not_reached=sum(known) if len(known) == len(handlers) else None,
        ended_early=any(handler.source.ended_early for handler in handlers),
    )


def _not_reached(handler: HandlerState) -> int | None:
    """How many records of its file did not go out; None if that is not known."""
    if not isinstance(handler.plan.source, ReplaySource):
        return 0
    # Counts of a worker that was killed are not final.
    return handler.source.not_reached if handler.finished and handler.source.is_read_through else None


def source_notes(handlers: Iterable[HandlerState], warmup_s: float) -> list[str]:
    """Notes on sources that offered nothing, or not all of their records. Handlers with the same note share it."""
    names: dict[str, list[str]] = defaultdict(list)
    for handler in handlers:
        if handler.opened and not handler.failed:
            for text in _texts(handler, warmup_s):
                names[text].append(handler.name)
    return [f"{_format_names(those)}: {text}" for text, those in names.items()]


def _format_names(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= MOST_NAMES else f"{len(names)} handlers"


def _texts(handler: HandlerState, warmup_s: float) -> Iterator[str]:
    counts, source = handler.counts, handler.source
    if not counts.offered:
        yield f"no event was offered{': none was due in the run' if source.is_exhausted else ''}"
    elif _is_all_warmup(handler, warmup_s):
        yield f"all {counts.offered:,} events were due in the warm-up of {warmup_s:g} s, so no latency was measured"
    if source.skipped:
        yield _skipped_text(source)
    yield from _clock_texts(source)
    if handler.finished and (source.not_reached or not source.is_read_through):
        yield from _not_reached_text(handler)
    if source.ended_early and not handler.source_failure:
        yield "its file ended before the run"


def _clock_texts(source: SourceCounts) -> Iterator[str]:
    if source.clamped:
        yield (
            f"{_records(source.clamped)} due at the time of a neighbour: the recorded time does not fit those before "
            "and after it"
        )
    if source.clock_jumps:
        times = "once" if source.clock_jumps == 1 else f"{source.clock_jumps:,} times"
        yield f"the clock of its recording was set {times}: the events go on with the distances after it"
    if source.gaps_cut:
        gaps = (
            "1 gap of its recording was" if source.gaps_cut == 1 else f"{source.gaps_cut:,} gaps of its recording were"
        )
        yield f"{gaps} cut to max_gap_s"


def _is_all_warmup(handler: HandlerState, warmup_s: float) -> bool:
    measured = handler.lateness.count or handler.offer_lateness.count
    return bool(warmup_s and handler.counts.accepted and not measured)


def _skipped_text(source: SourceCounts) -> str:
    number = sum(source.skipped.values())
    reasons = ", ".join(f"{count:,} {REASON_TEXTS.get(reason, reason)}" for reason, count in source.skipped.items())
    return f"{_records(number)} skipped ({reasons})"


def _records(count: int) -> str:
    """The start of a sentence about records."""
    return f"{count:,} record{'' if count == 1 else 's'} of its file {'was' if count == 1 else 'were'}"


def _not_reached_text(handler: HandlerState) -> Iterator[str]:
    source = handler.source
    if not isinstance(handler.plan.source, ReplaySource):
        return
    if source.is_read_through:
        yield f"{_records(source.not_reached)} not reached"
    elif not handler.source_failure:
        yield f"at least {_records(source.not_reached)} not reached; the file was not read to its end"
