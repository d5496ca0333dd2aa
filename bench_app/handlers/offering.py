"""The events that a handler core offers: feed -> **offering** -> handler core. Types without code."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

import msgspec

from bench_app.measure.samples import Samples


class EventFeed(Protocol):
    """The source of due events, in the bench a :class:`~bench_app.sources.feed.Feed`. Its times are ns after time 0."""

    @property
    def at_max(self) -> bool:
        """Whether an event is due at every poll, so that the handler gets as many events as it takes."""
        ...

    @property
    def next_due_ns(self) -> int:
        """The time of the next poll; NEVER_NS if no event will come any more."""
        ...

    def poll(self, now_ns: int, /) -> tuple[bytearray, int] | None:
        """The next event and its due time; None if no event is due."""
        ...


FeedT = TypeVar("FeedT", covariant=True)


class Offering(msgspec.Struct, Generic[FeedT]):
    """The feed whose events :meth:`~bench_app.handlers.core.HandlerCore.send_due` offers.

    Attributes:
        feed: the source of the events.
        origin_ns: time 0 of the feed, as ``perf_counter_ns``. A pause moves it forward by the length of the pause.
        lateness: gets the time from due to offered in ns, which is the lateness of the bench alone, for events due at
            or after ``measure_from_ns`` of the core. At maximum load it gets none, as no event has a due time.
    """

    feed: FeedT
    origin_ns: int
    lateness: Samples
