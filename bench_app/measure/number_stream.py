"""Loss and order in a stream of numbers of another system: numbers as they arrive -> **counts and notices**.

The numbers are untrusted: they begin anywhere, jump by any distance, and begin anew when their sender restarts. So the
ranges of missing numbers are kept, not the numbers that arrived. A jump of any size is one range, and the memory does
not grow with the length of the stream. :class:`~bench_app.measure.sequence.SequenceSet`, for the bench's own numbers,
takes memory for each distant number.
"""

from __future__ import annotations

from bisect import bisect_right

MOST_RANGES = 1_000
"""The most ranges of missing numbers that are remembered in a stream. The lowest range is forgotten first."""
MOST_EARLY = 1_000
"""The most numbers below the first one that are remembered in a stream."""
RESTART_DISTANCE = 100
"""A number is far below the highest one if the distance is larger than this."""
RESTART_NUMBERS = 3
"""The sender has restarted when this many numbers in a row are far below the highest one and rise."""


class MissingNumbers:
    """Ranges of missing numbers, in rising order, without an overlap.

    Attributes:
        count: how many numbers are missing; forgotten ones included.
        forgotten_to: the highest number of the ranges that were forgotten; None before any was.
    """

    def __init__(self, most_ranges: int = MOST_RANGES) -> None:
        self.count = 0
        self.forgotten_to: int | None = None
        self._most_ranges = most_ranges
        self._forgotten_ranges = 0
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    @property
    def ranges(self) -> int:
        """How many ranges are missing; forgotten ones included."""
        return self._forgotten_ranges + len(self._firsts)

    def __contains__(self, number: int) -> bool:
        return self._index(number) is not None

    def open(self, first: int, last: int) -> None:
        """Add the range from ``first`` to ``last``. It must be above all others."""
        self.count += last - first + 1
        self._firsts.append(first)
        self._lasts.append(last)
        self._forget()

    def fill(self, number: int) -> bool:
        """Remove a number that arrived; returns whether it was missing, and remembered."""
        index = self._index(number)
        if index is None:
            return False
        first, last = self._firsts[index], self._lasts[index]
        left = [(start, end) for start, end in ((first, number - 1), (number + 1, last)) if start <= end]
        self._firsts[index : index + 1] = [start for start, _ in left]
        self._lasts[index : index + 1] = [end for _, end in left]
        self.count -= 1
        self._forget()
        return True

    def _index(self, number: int) -> int | None:
        index = bisect_right(self._firsts, number) - 1
        return index if index >= 0 and number <= self._lasts[index] else None

    def _forget(self) -> None:
        if len(self._firsts) > self._most_ranges:
            del self._firsts[0]
            self.forgotten_to = self._lasts.pop(0)
            self._forgotten_ranges += 1


class NumberStream:
    """The numbers of one sender, in the order of their arrival. A sender counts up by one.

    A number that is new and below the highest one is reordered; a number that arrived before is a duplicate. A number
    between the first and the highest one that did not arrive is missing. Numbers far below the highest one are held
    back until it is clear whether the sender has restarted: a restart begins a new sequence. Numbers that were all
    missing are no restart, because they are late.

    Attributes:
        received: how many numbers arrived.
        duplicates: how many of them had arrived before.
        reordered: how many of them were new and below the highest one.
        before_first: how many of the reordered were below the first one. The numbers between are not missing.
        undecided: how many of them are too old to know whether they are duplicates or reordered.
        restarts: how many times the numbers began anew.
    """

    def __init__(self, most_ranges: int = MOST_RANGES) -> None:
        self.received = 0
        self.duplicates = 0
        self.reordered = 0
        self.before_first = 0
        self.undecided = 0
        self.restarts = 0
        self._most_ranges = most_ranges
        self._past_missing = 0
        self._past_gaps = 0
        self._held: list[int] = []
        self._begin(None)

    @property
    def missing(self) -> int:
        """How many numbers are missing, in all sequences of the stream."""
        return self._past_missing + self._gaps.count

    @property
    def gaps(self) -> int:
        """How many ranges of numbers are missing, in all sequences of the stream."""
        return self._past_gaps + self._gaps.ranges

    def add(self, number: int) -> list[str]:
        """Count a number; returns a notice for a gap or a restart that it shows."""
        self.received += 1
        if self._highest is None:
            self._begin(number)
            return []
        if number < self._highest - RESTART_DISTANCE:
            return self._hold(number)
        self.settle()
        return self._count(number)

    def settle(self) -> None:
        """Count the numbers held back as numbers of the sequence so far. Call it when the stream has ended."""
        held, self._held = self._held, []
        for number in held:
            self._count(number)

    def _begin(self, first: int | None) -> None:
        self._first = self._highest = first
        self._gaps = MissingNumbers(self._most_ranges)
        self._early: set[int] = set()

    def _hold(self, number: int) -> list[str]:
        if self._held and number == self._held[-1]:
            # The repeat of a number is a duplicate in this sequence and in a new one.
            self.duplicates += 1
            return []
        if self._held and number < self._held[-1]:
            self.settle()
        self._held.append(number)
        if len(self._held) < RESTART_NUMBERS:
            return []
        if all(held in self._gaps for held in self._held):
            return self._count(self._held.pop(0))
        return self._restart()

    def _restart(self) -> list[str]:
        notices = [f"restart: the numbers begin anew at {self._held[0]}, after {self._highest}"]
        self.restarts += 1
        self._past_missing, self._past_gaps = self.missing, self.gaps
        held, self._held = self._held, []
        self._begin(held[0])
        for number in held[1:]:
            notices += self._count(number)
        return notices

    def _count(self, number: int) -> list[str]:
        assert self._first is not None
        assert self._highest is not None
        if number > self._highest:
            return self._rise(self._highest, number)
        if number < self._first:
            self._count_early(number)
        elif self._gaps.fill(number):
            self.reordered += 1
        elif self._gaps.forgotten_to is not None and number <= self._gaps.forgotten_to:
            self.undecided += 1
        else:
            self.duplicates += 1
        return []

    def _rise(self, highest: int, number: int) -> list[str]:
        self._highest = number
        missing = number - highest - 1
        if not missing:
            return []
        self._gaps.open(highest + 1, number - 1)
        return [f"gap: {missing:,} missing before {number}"]

    def _count_early(self, number: int) -> None:
        if number in self._early:
            self.duplicates += 1
        elif len(self._early) < MOST_EARLY:
            self._early.add(number)
            self.reordered += 1
            self.before_first += 1
        else:
            self.undecided += 1
