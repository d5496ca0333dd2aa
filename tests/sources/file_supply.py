"""A supply of events with recorded times, without a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bench_app.sources.clock_counts import ClockCounts


class FileSupply:
    """Events with recorded times that are all there from the start."""

    failure = ""
    timed = True
    skipped: Mapping[str, int] = MappingProxyType({})
    clock = ClockCounts()
    other_sinks = 0
    is_read_through = True
    is_counting = False

    def __init__(self, events: Sequence[tuple[bytearray, int]]) -> None:
        self._events = list(events)
        self.ended = False

    @property
    def left(self) -> int:
        return len(self._events)

    def take(self) -> tuple[bytearray, int] | None:
        if self._events:
            return self._events.pop(0)
        self.ended = True
        return None

    def count_rest(self) -> None: ...

    def notes(self) -> list[str]:
        return []

    def close(self) -> None: ...
