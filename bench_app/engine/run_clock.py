"""The time of a run: when it started, how long it was paused, how long it has offered events. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable

from bench_app.measure.clock import NS_PER_S


class RunClock:
    """The clock of one run. ``now_ns`` reads ``perf_counter_ns``, which session and workers of a machine share.

    A pause stops the time that counts for the load, not the time axis of plots and events. So there are two times:
    ``now_s`` goes on in a pause, ``elapsed_s`` does not.

    Attributes:
        start_ns: when the first handlers started; None before.
        start_wall_ns: the same moment on the wall clock (``time_ns``); 0 before.
        ended_ns: when the last source ended; None before.
    """

    def __init__(self, now_ns: Callable[[], int] = time.perf_counter_ns) -> None:
        self.start_ns: int | None = None
        self.start_wall_ns = 0
        self.ended_ns: int | None = None
        self._now_ns = now_ns
        self._paused_since_ns: int | None = None
        self._pauses: list[tuple[int, int]] = []

    @property
    def is_paused(self) -> bool:
        """True during a pause of all sources."""
        return self._paused_since_ns is not None

    @property
    def pauses_ns(self) -> int:
        """The length of all pauses that are over."""
        return sum(end_ns - begin_ns for begin_ns, end_ns in self._pauses)

    @property
    def paused_s(self) -> float:
        """The length of all pauses so far, the one under way included."""
        under_way_ns = 0 if self._paused_since_ns is None else self._now_ns() - self._paused_since_ns
        return (self.pauses_ns + under_way_ns) / NS_PER_S

    @property
    def elapsed_s(self) -> float:
        """Seconds of offering so far, without pauses; constant after the end of offering."""
        if self.start_ns is None:
            return 0.0
        end_ns = self.ended_ns or self._paused_since_ns or self._now_ns()
        # The last source may have ended in a pause, or before it. Only pauses while events were offered count.
        paused_ns = sum(max(0, min(end_ns, until_ns) - since_ns) for since_ns, until_ns in self._pauses)
        return max(0.0, (end_ns - self.start_ns - paused_ns) / NS_PER_S)

    @property
    def now_s(self) -> float:
        """Seconds since the start, with pauses: the time axis of events and series. 0 before the start."""
        return self.run_time_s(self._now_ns())

    def run_time_s(self, at_ns: int) -> float:
        """A ``perf_counter_ns`` as seconds since the start, 0 before it."""
        return 0.0 if self.start_ns is None else max(0.0, (at_ns - self.start_ns) / NS_PER_S)

    def pause(self) -> None:
        """A pause of all sources begins."""
        if self._paused_since_ns is None:
            self._paused_since_ns = self._now_ns()

    def resume(self) -> None:
        """The pause under way ends, if there is one."""
        if self._paused_since_ns is not None:
            self._pauses.append((self._paused_since_ns, self._now_ns()))
            self._paused_since_ns = None

    def end(self, source_ends_ns: list[int]) -> None:
        """Offering has ended, with the last of the sources; now if ``source_ends_ns`` is empty."""
        self.resume()
        self.ended_ns = max(source_ends_ns, default=self._now_ns())
