"""What a feed knows of its supply: how it ended, what was skipped, when it was too slow. The base of both feeds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from bench_app.errors import SourceError
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.source_counts import SourceCounts
from bench_app.model import Load, RecordedLoad
from bench_app.sources.clock_counts import ClockCounts
from bench_app.sources.supply import Supply

Rendered = TypeVar("Rendered")

UNDERRUN_RETRY_NS = NS_PER_MS
NOTHING_CORRECTED = ClockCounts()


class SupplyFeed(ABC, Generic[Rendered]):
    """The supply's side of a feed.

    Attributes:
        early_end_note: a message for the user if the file ended before the run; otherwise "".
        underruns: how often an event was due before the supply had it. This is the lateness of the source itself.
    """

    def __init__(self, supply: Supply[Rendered], duration_ns: int) -> None:
        self.early_end_note = ""
        self.underruns = 0
        self._supply = supply
        self._duration_ns = duration_ns
        self._in_underrun = False
        self._used_recorded_times = False

    @property
    @abstractmethod
    def exhausted(self) -> bool:
        """Whether no event will come any more, unless the load changes."""

    @property
    @abstractmethod
    def _taken_ahead(self) -> int:
        """How many events were taken from the supply and not offered yet."""

    @property
    def ended_early(self) -> bool:
        """Whether the feed is exhausted because the supply ended, by the end of a file or by a failure."""
        return self.exhausted and self._supply.ended and not self._taken_ahead

    @property
    def failure(self) -> str:
        """The message of the error that ended the supply too early; "" without an error."""
        return self._supply.failure

    @property
    def bad_lines(self) -> int:
        """How many records of a replay were skipped so far; 0 for made-up events."""
        return sum(self._supply.skipped.values())

    @property
    def counts(self) -> SourceCounts:
        """What became of the records so far, beside the events that were offered."""
        supply = self._supply
        clock = supply.clock if self._used_recorded_times else NOTHING_CORRECTED
        return SourceCounts(
            # A copy, because the reader's thread goes on counting.
            skipped=dict(supply.skipped),
            clamped=clock.clamped,
            clock_jumps=clock.jumps,
            gaps_cut=clock.gaps_cut,
            other_sinks=supply.other_sinks,
            not_reached=supply.left + self._taken_ahead,
            is_read_through=supply.is_read_through,
            is_exhausted=self.exhausted,
            ended_early=bool(self.early_end_note or self.failure),
        )

    def count_rest(self) -> None:
        """Begin to count the records that will not be reached. Call it when no event is wanted any more."""
        self._supply.count_rest()

    @property
    def is_counting(self) -> bool:
        """Whether records that will not be reached are still being counted."""
        return self._supply.is_counting

    def notes(self) -> list[str]:
        """The new messages of the source for the user; each message is returned once."""
        return self._supply.notes()

    def close(self) -> None:
        """Release threads and files."""
        self._supply.close()

    def _check_load(self, load: Load) -> None:
        """Raises SourceError if the load is recorded and the events have no recorded times."""
        if not isinstance(load, RecordedLoad):
            return
        if not self._supply.timed:
            raise SourceError("these events have no recorded times (a replay needs time_field); choose another load")
        self._used_recorded_times = True

    def _count_underrun(self) -> None:
        """An event is due, and the supply is too slow. A lasting underrun counts once."""
        self.underruns += not self._in_underrun
        self._in_underrun = True

    def _note_early_end(self, now_ns: int) -> None:
        """The supply ended at ``now_ns``, in ns after the run's start."""
        if now_ns < self._duration_ns and not self.failure:
            self.early_end_note = (
                f"its file ended after {now_ns / NS_PER_S:.1f} s of {self._duration_ns / NS_PER_S:g}: "
                'with "loop": true it would start again'
            )
