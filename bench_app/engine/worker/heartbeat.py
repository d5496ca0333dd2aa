"""Measures when this worker process did not run: **a beat every 5 ms** -> how late each came -> report.

A beat that comes late shows that something kept a thread of this process from running: another process had the
processor, the hypervisor had it, the process was stopped, or other threads held the interpreter. A message that arrived
at that moment had to wait as well.

One late beat stands for several messages: those that came early in the stall waited longest. So a stall counts as often
as beats were due in it, each with the time that was left (the correction for coordinated omission of HdrHistogram).
Then the histogram answers for a message that arrives at any moment: how long did it have to wait for this process?

A beat must be cheap, as 200 of them come each second in every worker. On an idle virtual machine, to sleep and to wake
up is most of it: 25 us in C, 45 us in Python. So a beat reads the clock once and keeps a number, and its loop is
compiled where it can be, :mod:`bench_app.data_plane.beats`. The rest is left to :meth:`Heartbeat.take`, which a report
calls every 0.5 s, and that looks at late beats alone: those in time count as their mean. The same thread beats and
takes: to wake another one would cost as much as four beats.
"""

from __future__ import annotations

import time
from array import array

from bench_app.engine.limits import BEAT_NS
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.histogram_delta import HistogramDelta
from bench_app.measure.single_samples import SingleSamples

PERIOD_NS = BEAT_NS
IN_TIME_NS = NS_PER_MS // 4
"""A beat that is less late than this came in time. An idle machine takes 0.05 to 0.2 ms to wake a thread."""
KEPT_BEATS = 4096
"""So many beats are kept until they are taken. They are those of 20 s, and a report takes them every 0.5 s."""

_clock = time.perf_counter_ns


class Heartbeat:
    """How late the beats of this process come. Other threads may call :meth:`end` and :meth:`interrupt` alone.

    Attributes:
        due_ns: when the next beat is due (``perf_counter_ns``).
    """

    def __init__(self, now_ns: int, *, is_compiled: bool = False) -> None:
        self.due_ns = now_ns + PERIOD_NS
        self._beats = array("q", bytes(8 * (1 + KEPT_BEATS)))
        self._taken = 0
        self._has_ended = False
        self._interrupted = bytearray(1)
        self._is_compiled = is_compiled

    @property
    def has_ended(self) -> bool:
        """Whether :meth:`end` was called."""
        return self._has_ended

    def end(self) -> None:
        """Let :meth:`beat_until` return after the next beat, for the last time."""
        self._has_ended = True
        self.interrupt()

    def interrupt(self) -> None:
        """Let :meth:`beat_until` return after the next beat. It returns at once if it is called later."""
        self._interrupted[0] = 1

    def beat_until(self, until_ns: int) -> None:
        """Beat until the first beat at ``until_ns`` or later, in the compiled loop or in the one in Python."""
        self._beat_until(until_ns)
        # Only here: an interruption between two calls must not be lost.
        self._interrupted[0] = 0

    def _beat_until(self, until_ns: int) -> None:
        if self._is_compiled:
            # Imported here, because a process without compiled modules beats in Python.
            from bench_app.data_plane.beats import keep_beating

            self.due_ns = keep_beating(self._beats, self._interrupted, self.due_ns, PERIOD_NS, until_ns)
            return
        now_ns = _clock()
        while now_ns < until_ns and not self._interrupted[0]:
            # The next beat is always due later than the last one came, so this is never negative after a beat.
            time.sleep(max(0, self.due_ns - now_ns) / NS_PER_S)
            now_ns = _clock()
            self.beat(now_ns)

    def beat(self, now_ns: int) -> None:
        """Note how late this beat is, and when the next one is due."""
        late_ns = now_ns - self.due_ns
        beats = self._beats
        beats[1 + beats[0] % KEPT_BEATS] = late_ns
        beats[0] += 1
        self.due_ns += PERIOD_NS if late_ns < PERIOD_NS else late_ns + PERIOD_NS

    def take(self) -> HistogramDelta:
        """How late the beats since the last call were, in ns."""
        beats, counted = self._beats, self._beats[0]
        late_ns = [beats[1 + at % KEPT_BEATS] for at in range(max(self._taken, counted - KEPT_BEATS), counted)]
        self._taken = counted
        stalls = [one_ns for one_ns in late_ns if one_ns >= IN_TIME_NS]
        samples = SingleSamples()
        if in_time := len(late_ns) - len(stalls):
            samples.add((sum(late_ns) - sum(stalls)) // in_time, in_time)
        for stall_ns in stalls:
            # From the shortest wait to the longest, because samples keep their buckets in order.
            for waited_ns in reversed(range(stall_ns, 0, -PERIOD_NS)):
                samples.add(waited_ns)
        return samples.as_delta()
