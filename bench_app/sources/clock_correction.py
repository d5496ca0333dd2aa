"""Corrects a recorded clock: recorded times -> **when each event is due** -> replay source.

A recorded clock has wrong times, was set, or stood still for a night. Each time is judged by the times that follow it,
so a few events are held back:

- A time that does not fit its neighbours is *clamped*: its event keeps its place between them. It lies ahead of most of
  the next times, or it lies back while most of the next times do not. The first and the last time of a file have
  neighbours on one side only: they do not fit if they are hours away from times that are close together.
- A clock that was *set* goes on with the distances after the jump: the time lies back, and so do the next ones.
- A *gap* longer than the limit is cut to the limit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from bench_app.errors import SourceError
from bench_app.measure.clock import NS_PER_S
from bench_app.sources.clock_counts import ClockCounts
from bench_app.sources.times import FAR_NS, FIRST_DATE_NS, LAST_DATE_NS, is_date

Item = TypeVar("Item")

_LONE_NS = 6 * 3600 * NS_PER_S
"""The first or the last time of a file is wrong if it is farther than this from the others..."""
_LONE_SPANS = 10
"""... and as many times farther as the next :data:`LOOK_AHEAD` times are apart."""
LOOK_AHEAD = 8
"""By how many times that follow it a time is judged. So up to four wrong times in a row are recognised."""


class ClockCorrection(Generic[Item]):
    """When each event of one file is due, in ns after the first event; never earlier than the event before it.

    ``zero_ns`` is the recorded time of 0, if it is not the first time of this file. An event without a time is due with
    the event before it.

    Attributes:
        first_ns: the first recorded time that fits the next ones; None before it.
    """

    def __init__(self, counts: ClockCounts, max_gap_ns: int | None = None, zero_ns: int | None = None) -> None:
        self._counts = counts
        self._max_gap_ns = max_gap_ns
        self._zero_ns = zero_ns
        self.first_ns: int | None = None
        self._last_ns: int | None = None
        self._due_ns = 0
        self._step_ns = 0
        self._latest: deque[int] = deque(maxlen=LOOK_AHEAD)

    @property
    def last_ns(self) -> int | None:
        """The last recorded time that fits the times around it; None before the first one."""
        return self._last_ns

    def correct(self, events: Iterator[tuple[Item, int | None]]) -> Iterator[tuple[Item, int]]:
        """Each event with the time at which it is due, for each event with its recorded time.

        A SourceError of ``events`` is raised after the events before it.
        """
        held: deque[tuple[Item, int | None]] = deque()
        ahead: deque[int] = deque()
        failure: SourceError | None = None
        try:
            for event in events:
                if event[1] is None and not held:
                    yield event[0], self._due_ns
                    continue
                held.append(event)
                if event[1] is not None and abs(event[1]) < FAR_NS:
                    ahead.append(event[1])
                while len(ahead) > LOOK_AHEAD or len(held) > 2 * LOOK_AHEAD:
                    yield self._release(held, ahead)
        except SourceError as error:
            failure = error
        while held:
            yield self._release(held, ahead)
        if failure is not None:
            raise failure

    def _release(self, held: deque[tuple[Item, int | None]], ahead: deque[int]) -> tuple[Item, int]:
        item, at_ns = held.popleft()
        if at_ns is not None and abs(at_ns) >= FAR_NS:
            self._counts.clamped += 1
        elif at_ns is not None:
            ahead.popleft()
            self._due_ns += self._step(at_ns, ahead)
        return item, self._due_ns

    def _step(self, at_ns: int, ahead: Sequence[int]) -> int:
        """The distance of an event from the event before it."""
        last_ns = self._last_ns
        if last_ns is None:
            return self._first(at_ns, ahead)
        if ahead and FIRST_DATE_NS <= last_ns <= at_ns <= min(ahead) and at_ns < LAST_DATE_NS:
            # Nearly all times: in order among dates of our days.
            return self._go_to(at_ns, last_ns)
        if at_ns < last_ns:
            return self._back(at_ns, last_ns, ahead)
        # A clock that was never set begins in 1970, and some time later it is set.
        if not is_date(last_ns) and is_date(at_ns):
            return self._jump(at_ns, ahead)
        between = [time_ns for time_ns in ahead if last_ns <= time_ns < at_ns]
        if 2 * len(between) > len(ahead) or (is_date(last_ns) and not is_date(at_ns)):
            self._counts.clamped += 1
            at_ns = min(between, default=last_ns)
        elif not ahead and _is_lone(at_ns - last_ns, self._latest):
            self._counts.clamped += 1
            return 0
        return self._go_to(at_ns, last_ns)

    def _first(self, at_ns: int, ahead: Sequence[int]) -> int:
        # A lone mark such as 0. Several times in 1970 are those of a clock that is set later.
        is_mark = bool(ahead) and is_date(ahead[0]) and not is_date(at_ns)
        is_lone = bool(ahead) and _is_lone(min(ahead) - at_ns, ahead)
        if is_mark or is_lone or _most(time_ns < at_ns for time_ns in ahead):
            self._counts.clamped += 1
            return 0
        self.first_ns = self._last_ns = at_ns
        self._latest.append(at_ns)
        return 0 if self._zero_ns is None else max(0, at_ns - self._zero_ns)

    def _back(self, at_ns: int, last_ns: int, ahead: Sequence[int]) -> int:
        if 2 * sum(time_ns >= last_ns for time_ns in ahead) >= len(ahead):
            self._counts.clamped += 1
            return 0
        return self._jump(at_ns, ahead)

    def _jump(self, at_ns: int, ahead: Sequence[int]) -> int:
        """How far the clock was set is unknown, so the distance is that of the neighbours."""
        self._counts.jumps += 1
        self._last_ns = at_ns
        self._latest.clear()
        self._latest.append(at_ns)
        after_ns = ahead[0] - at_ns if ahead else self._step_ns
        return min(self._step_ns, after_ns) if after_ns >= 0 else self._step_ns

    def _go_to(self, at_ns: int, last_ns: int) -> int:
        self._last_ns = at_ns
        self._latest.append(at_ns)
        step_ns = at_ns - last_ns
        if self._max_gap_ns is not None and step_ns > self._max_gap_ns:
            self._counts.gaps_cut += 1
            step_ns = self._max_gap_ns
        self._step_ns = step_ns
        return step_ns


def _is_lone(distance_ns: int, others: Sequence[int]) -> bool:
    """Whether a time is so far from times that are close together that it is no pause of the recording."""
    if len(others) < LOOK_AHEAD or distance_ns < _LONE_NS:
        return False
    return distance_ns > _LONE_SPANS * (max(others) - min(others))


def _most(answers: Iterator[bool]) -> bool:
    """Whether more than half of the answers are yes."""
    found = list(answers)
    return 2 * sum(found) > len(found)
