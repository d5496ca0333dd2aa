"""What a handler's source did with its records, beside the events that it offered: **source** -> report -> result."""

from __future__ import annotations

import msgspec


class SourceCounts(msgspec.Struct, frozen=True):
    """The counts of one handler's source so far. Made-up events have no records, so their counts are 0.

    Attributes:
        skipped: how many records were no event, by the reason (:class:`bench_app.sources.record.SkipReason`).
        clamped: how many recorded times did not fit their neighbours: the event was due at the time of a neighbour.
        clock_jumps: how often the recorded clock was set: the events go on with the distances after the jump.
        gaps_cut: how many gaps were longer than the limit of the preset, and were cut to it.
        other_sinks: how many records are events of another sink.
        not_reached: how many records that were read did not go out.
        is_read_through: the file was read to its end, so ``not_reached`` counts all of its records.
        is_exhausted: no further event was due before the end of the run.
        ended_early: the file ended before the run.
    """

    skipped: dict[str, int] = {}
    clamped: int = 0
    clock_jumps: int = 0
    gaps_cut: int = 0
    other_sinks: int = 0
    not_reached: int = 0
    is_read_through: bool = False
    is_exhausted: bool = False
    ended_early: bool = False


NO_SOURCE_COUNTS = SourceCounts()
