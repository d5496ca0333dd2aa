"""When a handler offers events: source -> **start, pauses, end** -> handler core. It owns the feed, and no socket.

Time 0 of the feed is the run's start. A pause moves time 0 on by its length, so that after it the load goes on where it
was. The run of the source is over when it was stopped, when its file ended, or when its duration is over and nothing
that was due in it is left to offer; a source that has nothing more to offer waits for the end of the duration.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from bench_app.handlers.offering import Offering
from bench_app.measure.clock import NEVER_NS
from bench_app.measure.samples import Samples
from bench_app.model import Load


class RunFeed(Protocol):
    """A feed as the run of a source sees it."""

    @property
    def exhausted(self) -> bool:
        """Whether no event will come any more, unless the load changes."""
        ...

    @property
    def ended_early(self) -> bool:
        """Whether the feed is exhausted because its supply ended."""
        ...

    @property
    def at_max(self) -> bool:
        """Whether an event is due whenever there is room."""
        ...

    def change_load(self, load: Load, now_ns: int, /) -> None:
        """From ``now_ns`` on, follow another load. Raises SourceError."""
        ...

    def change_duration(self, duration_ns: int, /) -> None:
        """End ``duration_ns`` after the start."""
        ...


FeedT = TypeVar("FeedT", bound=RunFeed)
FeedT_contra = TypeVar("FeedT_contra", contravariant=True)


class OfferingCore(Protocol[FeedT_contra]):
    """A core that offers the events of one kind of feed."""

    measure_from_ns: int

    def send_due(self, offering: Offering[FeedT_contra], until_ns: int, /) -> int:
        """Offer what is due. Returns when to call it again."""
        ...

    def pump(self) -> None:
        """Move events from the queue into the socket, and offer none."""
        ...


class SourceRun(Generic[FeedT]):
    """The run of one handler's source. ``lateness`` takes due -> offered in ns.

    Attributes:
        feed: where the events come from.
        has_started: True once the time of the start is known, even if it is in the future.
        is_stopped: True once no more events are offered.
    """

    def __init__(
        self,
        feed: FeedT,
        core: OfferingCore[FeedT],
        lateness: Samples,
        duration_ns: int,
        warmup_ns: int,
        clock: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        self.feed = feed
        self.has_started = False
        self.is_stopped = False
        self._core = core
        self._offering = Offering(feed, 0, lateness)
        self._duration_ns = duration_ns
        self._warmup_ns = warmup_ns
        self._clock = clock
        self._paused_ns: int | None = None

    def start(self, at_ns: int) -> None:
        """Time 0 is at ``at_ns``; events due in the warm-up after it are not measured."""
        self.has_started = True
        self._offering.origin_ns = at_ns
        self._core.measure_from_ns = at_ns + self._warmup_ns

    def stop(self) -> None:
        """Offer nothing more."""
        self.is_stopped = True

    def pause(self) -> None:
        """Offer nothing until :meth:`resume`."""
        if self._paused_ns is None:
            self._paused_ns = self._clock()

    def resume(self) -> None:
        """Go on where the pause began, or where the source starts if that is later."""
        if self._paused_ns is None:
            return
        if self.has_started:
            self._offering.origin_ns += max(0, self._clock() - max(self._paused_ns, self._offering.origin_ns))
        self._paused_ns = None

    def change_load(self, load: Load) -> None:
        """Make events due by ``load`` from now on. Raises SourceError, and changes nothing, if that fails."""
        offset_ns = max(0, self._clock() - self._offering.origin_ns) if self.has_started else 0
        self.feed.change_load(load, offset_ns)

    def change_duration(self, duration_ns: int) -> None:
        """Offer events until ``duration_ns`` after the start, without pauses."""
        self._duration_ns = duration_ns
        self.feed.change_duration(duration_ns)

    def step(self, now_ns: int) -> int | None:
        """Offer what is due, and pump. Returns the time of the next step, or None when the source's run is over."""
        if self.is_stopped or (self._paused_ns is None and self._is_over(now_ns)):
            return None
        if self._paused_ns is not None:
            self._core.pump()
            return NEVER_NS
        next_ns, end_ns = self._core.send_due(self._offering, now_ns), self._end_ns
        return min(next_ns, end_ns) if now_ns < end_ns else next_ns

    @property
    def _end_ns(self) -> int:
        return self._offering.origin_ns + self._duration_ns

    def _is_over(self, now_ns: int) -> bool:
        feed = self.feed
        # At the end some events may be due and not offered yet. At maximum load none is due at a given time.
        return feed.ended_early or (now_ns >= self._end_ns and (feed.exhausted or feed.at_max))
