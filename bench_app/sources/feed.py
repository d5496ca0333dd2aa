"""The events of one handler, each with its due time: **source** -> sink -> handler queue.

A feed combines a *supply* (rendered events, made up or read ahead) with a *schedule* (the due time of each event).
Every handler of a sink has its own feed. Feeds of the same source spec give the same events at the same times.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TypeVar

from bench_app.measure.clock import NEVER_NS
from bench_app.model import Load, MaxLoad, RecordedLoad
from bench_app.sources.load import due_times
from bench_app.sources.supply import Supply
from bench_app.sources.supply_feed import UNDERRUN_RETRY_NS, SupplyFeed

Rendered = TypeVar("Rendered")


class Feed(SupplyFeed[Rendered]):
    """Events with their due times, in ns after the run's start, one at a time; not thread-safe.

    Spec and duration alone decide which events come. A caller that polls late gets the same events, late. A pool
    repeats its event objects: a caller that patches an event must send it before the next :meth:`poll`, or patch it
    again.

    Attributes:
        next_due_ns: the time of the next poll.
        at_max: whether the load is ``max``, so that an event is due at every poll.
    """

    def __init__(self, supply: Supply[Rendered], load: Load, seed: int, duration_ns: int, skip: int) -> None:
        super().__init__(supply, duration_ns)
        self._take = supply.take
        self._seed = seed
        self._head: tuple[Rendered, int] | None = None
        self._is_exhausted = False
        self.next_due_ns = 0
        self.at_max = False
        self._set_load(load, 0, skip, recorded_zero_ns=0)

    @property
    def exhausted(self) -> bool:
        """Whether no event will come any more, unless the load changes."""
        return self._is_exhausted

    @property
    def _taken_ahead(self) -> int:
        return int(self._head is not None)

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

    def change_duration(self, duration_ns: int) -> None:
        """End ``duration_ns`` after the run's start. The events before it do not change.

        A feed that reached its end goes on if the new end is later. A feed whose supply has ended stays exhausted.
        """
        self._duration_ns = duration_ns
        if self.ended_early:
            return
        self._is_exhausted = False
        if self.at_max:
            # No event has a due time then, so none can be due after the end.
            self._due_ns = self.next_due_ns = self._scheduled_ns
        else:
            self._set_due(self._scheduled_ns)

    def _set_load(self, load: Load, start_ns: int, skip: int, recorded_zero_ns: int | None) -> None:
        self._check_load(load)
        self._is_exhausted = False
        self._base_ns = start_ns
        self.at_max = isinstance(load, MaxLoad)
        self._recorded = load if isinstance(load, RecordedLoad) else None
        # The recorded time that is due at start_ns. None stands for the time of the next event, so that the event is
        # due at once.
        self._recorded_zero_ns = recorded_zero_ns
        self._schedule: Iterator[int] = iter(())
        self._due_ns = self.next_due_ns = self._scheduled_ns = start_ns
        if not self.at_max and self._recorded is None:
            self._schedule = itertools.islice(due_times(load, self._seed), skip, None)
            self._advance()

    def _advance(self) -> None:
        self._scheduled_ns = self._base_ns + next(self._schedule, NEVER_NS)
        self._set_due(self._scheduled_ns)

    def _set_due(self, due_ns: int) -> None:
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
            self._note_early_end(now_ns)
            return
        # The due time of a recorded event is unknown before the event is read, so it counts as due now.
        self._count_underrun()
        self.next_due_ns = now_ns + UNDERRUN_RETRY_NS

    def _end(self) -> None:
        self._is_exhausted = True
        self._due_ns = self.next_due_ns = NEVER_NS
