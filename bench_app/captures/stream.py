"""Puts the segments of one direction of a connection in order: TCP segments -> **stream** -> ZMTP. Pure.

A segment that was sent again is taken once. A segment that overtook another one waits for it. If too much waits, the
segment that is missing was not captured: the stream goes on after the *hole*.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bench_app.captures.segments import Segment

MOST_WAITING_BYTES = 4 * 1024 * 1024
_WINDOW = 2**32


class Chunk(NamedTuple):
    """The next bytes of a stream; ``missing`` says how many were not captured before them."""

    at_ns: int
    data: bytes
    missing: int = 0


class Stream:
    """One direction of a connection.

    Attributes:
        missing: how many bytes were not captured.
    """

    def __init__(self, first: Segment) -> None:
        self.missing = 0
        self._next = (first.number + first.is_first) % _WINDOW
        self._waiting: dict[int, Segment] = {}
        self._waiting_bytes = 0
        self._hole = 0

    def add(self, segment: Segment) -> Iterator[Chunk]:
        """The bytes that a segment adds, and those that waited for it."""
        if segment.size:
            self._keep(segment)
        yield from self._take()
        while self._waiting_bytes > MOST_WAITING_BYTES:
            self._skip()
            yield from self._take()

    def end(self) -> Iterator[Chunk]:
        """What still waits at the end of the capture."""
        while self._waiting:
            self._skip()
            yield from self._take()
        if self._hole:
            yield Chunk(0, b"", self._take_hole())

    def _keep(self, segment: Segment) -> None:
        number = (segment.number + segment.is_first) % _WINDOW
        known = self._waiting.get(number)
        if known is not None and known.size >= segment.size:
            return
        if self._distance(number) + segment.size <= 0:
            return
        self._waiting[number] = segment
        self._waiting_bytes += segment.size - (known.size if known is not None else 0)

    def _take(self) -> Iterator[Chunk]:
        while (number := self._ready()) is not None:
            segment = self._waiting.pop(number)
            self._waiting_bytes -= segment.size
            known = -self._distance(number)
            if known >= segment.size:
                continue
            data = segment.data[known:]
            cut = segment.size - max(known, len(segment.data))
            self._next = (number + segment.size) % _WINDOW
            if data:
                yield Chunk(segment.at_ns, data, self._take_hole())
            # The capture has only the beginning of the segment.
            self._hole += cut
            self.missing += cut

    def _ready(self) -> int | None:
        """A segment that has the next byte, or only earlier ones."""
        if self._next in self._waiting:
            return self._next
        return next((number for number in self._waiting if self._distance(number) <= 0), None)

    def _skip(self) -> None:
        nearest = min(self._waiting, key=self._distance)
        hole = self._distance(nearest)
        self._hole += hole
        self.missing += hole
        self._next = nearest

    def _take_hole(self) -> int:
        hole, self._hole = self._hole, 0
        return hole

    def _distance(self, number: int) -> int:
        """How far a number is ahead of the next byte. Numbers begin again after 2**32."""
        distance = (number - self._next) % _WINDOW
        return distance if distance < _WINDOW // 2 else distance - _WINDOW
