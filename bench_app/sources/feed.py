"""One handler's supply of events and when each is due: **source** -> sink -> handler queue.

A feed joins a *supply* (rendered events, made or read ahead) with a *schedule* (when each is due). Every handler of a
sink has a feed of its own; the same spec gives each of them the same events at the same times.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from bench_app.errors import SourceError
from bench_app.measure.clock import NEVER_NS, NS_PER_S
from bench_app.model import Load, MaxLoad, RecordedLoad, ReplaySource, Source, SyntheticSource
from bench_app.sources.load import due_times
from bench_app.sources.replay import ReplaySupply
from bench_app.sources.synthetic import make_pool

Rendered = TypeVar("Rendered")
Supplied = TypeVar("Supplied", covariant=True)

STARVED_RETRY_NS = 1_000_000


class Supply(Protocol[Supplied]):
    """Rendered events in their order."""

    @property
    def ended(self) -> bool:
        """True when ``take`` will never return an event again."""
        ...

    @property
    def failure(self) -> str:
        """Why it ended before its end, as a sentence; "" where it did not."""
        ...

    @property
    def timed(self) -> bool:
        """True when its events have recorded times."""
        ...

    @property
    def bad_lines(self) -> int:
        """How many records were skipped by now."""
        ...

    def take(self) -> tuple[Supplied, int] | None:
        """The next event and its recorded ns after the first event (0 where nothing is recorded); None: not yet."""
        ...

    def notes(self) -> list[str]:
        """What a person should know of it by now (lines that were skipped), each told once."""
        ...

    def close(self) -> None:
        """Let go of threads and files."""
        ...


class PoolSupply(Generic[Rendered]):
    """A pool of events, for ever in turn."""

    ended = False
    failure = ""
    timed = False
    bad_lines = 0

    def __init__(self, pool: list[Rendered], skip: int) -> None:
        first = skip % len(pool)
        self._events = itertools.cycle([(event, 0) for event in pool[first:] + pool[:first]])

    def take(self) -> tuple[Rendered, int]:
        """The next event of the pool."""
        return next(self._events)

    def notes(self) -> list[str]:
        """A pool has nothing to tell."""
        return []

    def close(self) -> None:
        """A pool holds nothing but memory."""


class Feed(Generic[Rendered]):
    """Events with their due times, in ns after the run's start; not thread-safe.

    Which events come is settled by spec and duration, never by timing: a late caller gets them all, late. The same
    event object may come again (a pool goes round), so what is patched into it must be sent before the next ``poll``
    or patched again.
    """

    def __init__(self, supply: Supply[Rendered], load: Load, seed: int, duration_ns: int, skip: int) -> None:
        self._supply = supply
        self._take = supply.take
        self._seed = seed
        self._duration_ns = duration_ns
        self._head: tuple[Rendered, int] | None = None
        self._is_dry = False
        self.early_end = ""
        """A sentence where a file was over before the run was; "" where none was."""
        self.starved = 0
        """How many events were due when the reader had not come to them yet: the source's own lateness."""
        self.exhausted = False
        """True when no event will ever come again, short of a change of load."""
        self.next_due_ns = 0
        """When it is worth asking again."""
        self._set_load(load, 0, skip, recorded_zero_ns=0)

    @property
    def ended_early(self) -> bool:
        """True when the events ran out (a file's end, or a failure), and not the duration or the load's schedule."""
        return self.exhausted and self._supply.ended

    @property
    def failure(self) -> str:
        """Why the events ran out too early; "" where nothing went wrong."""
        return self._supply.failure

    @property
    def bad_lines(self) -> int:
        """How many records of a replay were skipped by now."""
        return self._supply.bad_lines

    def poll(self, now_ns: int) -> tuple[Rendered, int] | None:
        """The next event and its due time where that has come; None: not yet, or never again."""
        due_ns = self._due_ns
        if due_ns > now_ns:
            return None
        if self._at_max:
            if now_ns >= self._duration_ns:
                self._end()
                return None
            due_ns = now_ns
        event = self._head or self._take()
        if event is None:
            self._starve(now_ns)
            return None
        self._is_dry = False
        if self._recorded is not None:
            return self._poll_recorded(event, now_ns, self._recorded)
        self._head = None
        if not self._at_max:
            self._advance()
        return event[0], due_ns

    def change_load(self, load: Load, now_ns: int, skip: int = 0) -> None:
        """From ``now_ns`` on, events are due by ``load``, as if it began then and ``skip`` of its events were taken.

        A recorded load goes on with the next event of the file, due at ``now_ns``. Raises SourceError, and changes
        nothing, where the events have no recorded times.
        """
        self._set_load(load, now_ns, skip, recorded_zero_ns=None)

    def notes(self) -> list[str]:
        """What a person should know of the source by now, each told once."""
        return self._supply.notes()

    def close(self) -> None:
        """Let go of threads and files."""
        self._supply.close()

    def _set_load(self, load: Load, start_ns: int, skip: int, recorded_zero_ns: int | None) -> None:
        if isinstance(load, RecordedLoad) and not self._supply.timed:
            raise SourceError("these events have no recorded times (a replay needs time_field); choose another load")
        self.exhausted = False
        self._base_ns = start_ns
        self._at_max = isinstance(load, MaxLoad)
        self._recorded = load if isinstance(load, RecordedLoad) else None
        # A replay's first event is due at once, also where the run changes over to it in the middle of the file.
        self._recorded_zero_ns = recorded_zero_ns
        self._schedule: Iterator[int] = iter(())
        self._due_ns = self.next_due_ns = start_ns
        if not self._at_max and self._recorded is None:
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

    def _starve(self, now_ns: int) -> None:
        """Nothing is read ahead: the events have ended, or the reader is too slow and the event will be late."""
        if self._supply.ended:
            self._end()
            if now_ns < self._duration_ns and not self.failure:
                self.early_end = (
                    f"its file was over after {now_ns / NS_PER_S:.1f} s of {self._duration_ns / NS_PER_S:g}: "
                    f"loop would begin it again"
                )
            return
        # Where a recording is concerned, nobody knows yet whether an event is due: it counts as if it were.
        self.starved += not self._is_dry
        self._is_dry = True
        self.next_due_ns = now_ns + STARVED_RETRY_NS

    def _end(self) -> None:
        self.exhausted = True
        self._due_ns = self.next_due_ns = NEVER_NS


def open_feed(
    spec: Source,
    *,
    base_dir: Path,
    render: Callable[[bytes], Rendered],
    reserve: int,
    duration_ns: int,
    skip: int = 0,
    objects_only: bool = True,
) -> Feed[Rendered]:
    """Make a feed whose first events are rendered already; raises SourceError where there are none.

    ``render`` makes an event's JSON text ready to be sent and adds ``reserve`` bytes. ``skip`` events count as taken.
    ``objects_only`` refuses events that are no JSON object, or have a ``_bench`` key: they cannot carry the stamp.
    """
    if isinstance(spec, SyntheticSource) and isinstance(spec.load, RecordedLoad):
        raise SourceError("made-up events have no recorded times; choose another load than recorded")
    supply: Supply[Rendered] = SUPPLIES[type(spec)](spec, base_dir, render, reserve, skip, objects_only)
    seed = spec.seed if isinstance(spec, SyntheticSource) else 1
    return Feed(supply, spec.load, seed, duration_ns, skip)


def _synthetic(
    spec: SyntheticSource, base_dir: Path, render: Callable[[bytes], Rendered], reserve: int, skip: int, objects: bool
) -> Supply[Rendered]:
    return PoolSupply(make_pool(spec, render, reserve), skip)


def _replay(
    spec: ReplaySource, base_dir: Path, render: Callable[[bytes], Rendered], reserve: int, skip: int, objects: bool
) -> Supply[Rendered]:
    return ReplaySupply(spec, base_dir, render, skip, objects)


SUPPLIES: dict[type, Callable[..., Supply[Any]]] = {SyntheticSource: _synthetic, ReplaySource: _replay}
