"""The events of one handler, each with its due time: **source** -> sink -> handler queue.

A feed combines a *supply* (rendered events, made up or read ahead) with a *schedule* (the due time of each event).
Every handler of a sink has its own feed. Feeds of the same source spec give the same events at the same times.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Generic, TypeVar

from bench_app.errors import SourceError
from bench_app.measure.clock import NEVER_NS, NS_PER_MS, NS_PER_S
from bench_app.measure.source_counts import SourceCounts
from bench_app.model import Load, MaxLoad, RecordedLoad
from bench_app.sources.load import due_times
from bench_app.sources.supply import Supply

Rendered = TypeVar("Rendered")

UNDERRUN_RETRY_NS = NS_PER_MS


class Feed(Generic[Rendered]):
    """Events with their due times, in ns after the run's start; not thread-safe.

    Spec and duration alone decide which events come. A caller that polls late gets the same events, late. A pool
    repeats its event objects: a caller that patches an event must send it before the next :meth:`poll`, or patch it
    again.

    Attributes:
        early_end_note: a message for the user if the file ended before the run; otherwise "".
        underruns: how often an event was due before the supply had it. This is the lateness of the source itself.
        exhausted: whether no event will come any more, unless the load changes.
        next_due_ns: the time of the next poll.
        at_max: whether the load is ``max``, so that an event is due at every poll.
    """

    def __init__(self, supply: Supply[Rendered], load: Load, seed: int, duration_ns: int, skip: int) -> None:
        self._supply = supply
        self._take = supply.take
        self._seed = seed
        self._duration_ns = duration_ns
        self._head: tuple[Rendered, int] | None = None
        self._in_underrun = False
        self._used_recorded_times = False
        self.early_end_note = ""
        self.underruns = 0
        self.exhausted = False
        self.next_due_ns = 0
        self.at_max = False
        self._set_load(load, 0, skip, recorded_zero_ns=0)

    @property
    def ended_early(self) -> bool:
        """Whether the feed is exhausted because the supply ended, by the end of a file or by a failure."""
        return self.exhausted and self._supply.ended

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
        return SourceCounts(
            # A copy, because the reader's thread goes on counting.
            skipped=dict(supply.skipped),
            clamped=supply.clamped if self._used_recorded_times else 0,
            not_reached=supply.left + (self._head is not None),
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

    def poll(self, now_ns: int) -> tuple[Rendered, int] | None:
        """The next event and its due time; None if the event is not due or not ready, or if the feed is exhausted."""
        due_ns = self._due_ns
        if due_ns > now_ns:
            return None
        if self.at_max:
            if now_ns >= self._duration_ns:
                self._end()
                return None
            due_ns = now_ns
        event = self._head or self._take()
        if event is None:
            self._handle_underrun(now_ns)
            return None
        self._in_underrun = False
        if self._recorded is not None:
            return self._poll_recorded(event, now_ns, self._recorded)
        self._head = None
        if not self.at_max:
            self._advance()
        return event[0], due_ns

    def change_load(self, load: Load, now_ns: int, skip: int = 0) -> None:
        """From ``now_ns`` on, follow another load, as if it began at ``now_ns`` and ``skip`` of its events were taken.

        A recorded load continues with the next event of the file, due at ``now_ns``. Raises SourceError, and changes
        nothing, if the load is recorded and the events have no recorded times.
        """
        self._set_load(load, now_ns, skip, recorded_zero_ns=None)

    def notes(self) -> list[str]:
        """The new messages of the source for the user; each message is returned once."""
        return self._supply.notes()

    def close(self) -> None:
        """Release threads and files."""
        self._supply.close()

    def _set_load(self, load: Load, start_ns: int, skip: int, recorded_zero_ns: int | None) -> None:
        if isinstance(load, RecordedLoad) and not self._supply.timed:
            raise SourceError("these events have no recorded times (a replay needs time_field); choose another load")
        self.exhausted = False
        self._base_ns = start_ns
        self.at_max = isinstance(load, MaxLoad)
        self._recorded = load if isinstance(load, RecordedLoad) else None
        self._used_recorded_times = self._used_recorded_times or self._recorded is not None
        # The recorded time that is due at start_ns. None stands for the time of the next event, so that the event is
        # due at once.
        self._recorded_zero_ns = recorded_zero_ns
        self._schedule: Iterator[int] = iter(())
        self._due_ns = self.next_due_ns = start_ns
        if not self.at_max and self._recorded is None:
            self._schedule = itertools.islice(due_times(load, self._seed), skip, None)
            self._advance()

    def _advance(self) -> None:
        due_ns = self._base_ns + next(self._schedule, NEVER_NS)
        if due_ns >= self._duration_ns:
            self._end()
            return
        self._due_ns = self.next_due_ns = due_ns

    def _poll_recorded(
        self, event: tuple[Rendered, int], now_ns: int, load: RecordedLoad
    ) -> tuple[Rendered, int] | None:
        if self._recorded_zero_ns is None:
            self._recorded_zero_ns = event[1]
        due_ns = self._base_ns + int((event[1] - self._recorded_zero_ns) / load.speed)
        if due_ns >= self._duration_ns:
            self._head = event
            self._end()
            return None
        self._head = event if due_ns > now_ns else None
        self._due_ns = self.next_due_ns = due_ns
        return None if self._head else (event[0], due_ns)

    def _handle_underrun(self, now_ns: int) -> None:
        """No event is ready, because the supply ended or because its reader is too slow."""
        if self._supply.ended:
            self._end()
            if now_ns < self._duration_ns and not self.failure:
                self.early_end_note = (
                    f"its file ended after {now_ns / NS_PER_S:.1f} s of {self._duration_ns / NS_PER_S:g}: "
                    'with "loop": true it would start again'
                )
            return
        # The due time of a recorded event is unknown before the event is read, so it counts as due now.
        self.underruns += not self._in_underrun
        self._in_underrun = True
        self.next_due_ns = now_ns + UNDERRUN_RETRY_NS

    def _end(self) -> None:
        self.exhausted = True
        self._due_ns = self.next_due_ns = NEVER_NS
