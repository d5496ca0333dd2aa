"""The supply of a feed's events: **supply** -> feed. A pool repeats made-up events; a replay reads a file."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Generic, Protocol, TypeVar

from bench_app.sources.clock_counts import ClockCounts

Rendered = TypeVar("Rendered")
Supplied = TypeVar("Supplied", covariant=True)


class Supply(Protocol[Supplied]):
    """Gives rendered events in their order."""

    @property
    def ended(self) -> bool:
        """Whether ``take`` will never return an event again."""
        ...

    @property
    def failure(self) -> str:
        """The message of the error that ended the supply too early; "" without an error."""
        ...

    @property
    def timed(self) -> bool:
        """Whether the events have recorded times."""
        ...

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many of the records read so far are not events, by the reason."""
        ...

    @property
    def clock(self) -> ClockCounts:
        """What was corrected in the recorded times of the records read so far."""
        ...

    @property
    def other_sinks(self) -> int:
        """How many of the records read so far are events of another sink."""
        ...

    @property
    def left(self) -> int:
        """How many of the records read so far were not taken."""
        ...

    @property
    def is_read_through(self) -> bool:
        """Whether all records were read once, so that no further one is left."""
        ...

    def take(self) -> tuple[Supplied, int] | None:
        """The next event and its recorded ns after the first event (0 if not recorded); None if no event is ready."""
        ...

    def count_rest(self) -> None:
        """Begin to count the records that are left, and give no event any more."""
        ...

    @property
    def is_counting(self) -> bool:
        """Whether records that are left are still being counted."""
        ...

    def notes(self) -> list[str]:
        """The new messages for the user, such as skipped lines; each message is returned once."""
        ...

    def close(self) -> None:
        """Release threads and files."""
        ...


class PoolSupply(Generic[Rendered]):
    """A pool of events that is repeated endlessly, beginning with event number ``skip``.

    Attributes:
        pool: the distinct events.
        first: the number of the event that :meth:`take` returns first.
    """

    ended = False
    failure = ""
    timed = False
    skipped: Mapping[str, int] = {}
    clock = ClockCounts()
    other_sinks = 0
    left = 0
    is_read_through = True
    is_counting = False

    def __init__(self, pool: list[Rendered], skip: int) -> None:
        self.pool = pool
        self.first = skip % len(pool)
        self._events = itertools.cycle([(event, 0) for event in pool[self.first :] + pool[: self.first]])

    def take(self) -> tuple[Rendered, int]:
        """The next event of the pool."""
        return next(self._events)

    def count_rest(self) -> None:
        """Does nothing: a pool has no records."""

    def notes(self) -> list[str]:
        """Always empty: a pool has no messages."""
        return []

    def close(self) -> None:
        """Does nothing: a pool has no threads and no files."""
