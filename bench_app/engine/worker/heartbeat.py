"""Measures when this worker process did not run: **a beat every 5 ms** -> how late each came -> report.

A beat that comes late shows that something kept a thread of this process from running: another process had the
processor, the hypervisor had it, the process was stopped, or other threads held the interpreter. A message that arrived
at that moment had to wait as well.

One late beat stands for several messages: those that came early in the stall waited longest. So a stall counts as often
as beats were due in it, each with the time that was left (the correction for coordinated omission of HdrHistogram).
Then the histogram answers for a message that arrives at any moment: how long did it have to wait for this process?
"""

from __future__ import annotations

from array import array

import numpy as np

from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.histogram import HistogramDelta
from bench_app.measure.recorder import Recorder

PERIOD_NS = 5 * NS_PER_MS


class Heartbeat:
    """How late the beats of this process come. Its caller waits until ``due_ns``, and then calls :meth:`beat`.

    Attributes:
        due_ns: when the next beat is due (``perf_counter_ns``).
    """

    def __init__(self, now_ns: int) -> None:
        self.due_ns = now_ns + PERIOD_NS
        self._late_ns = array("q")
        self._recorder = Recorder()

    def beat(self, now_ns: int) -> None:
        """Note how late this beat is, and when the next one is due."""
        late_ns = now_ns - self.due_ns
        self._late_ns.append(late_ns)
        if late_ns < PERIOD_NS:
            self.due_ns += PERIOD_NS
            return
        self._recorder.add(np.arange(late_ns - PERIOD_NS, 0, -PERIOD_NS, dtype=np.int64))
        self.due_ns = now_ns + PERIOD_NS

    def take(self) -> HistogramDelta:
        """How late the beats since the last call were, in ns."""
        self._recorder.add(np.array(self._late_ns, np.int64))
        del self._late_ns[:]
        return self._recorder.take()
