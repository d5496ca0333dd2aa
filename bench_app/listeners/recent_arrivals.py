"""When the last messages of a listener arrived: arrivals -> **recent arrivals** -> messages received in the drain.

A listener learns a little late that its handler has offered its last event, because the message takes its way through
the session. Until then it has received more messages. Their arrival times are kept here, so that they can still be
counted apart.
"""

from __future__ import annotations

from array import array

import numpy as np

from bench_app.measure.arrays import Int64s

KEPT = 32_768
"""Enough for the messages of 0.3 s at 100,000 a second. The message about the end takes less than 0.1 s."""


class RecentArrivals:
    """The arrival times of the last :data:`KEPT` messages. Memory is allocated once.

    Attributes:
        ring: the times. The compiled receive loop writes into it, too.
        next: the place of the next arrival in the ring.
    """

    def __init__(self) -> None:
        self.ring = array("q", bytes(8 * KEPT))
        self.next = 0
        self._times = np.frombuffer(self.ring, np.int64)

    def add_one(self, arrival_ns: int) -> None:
        """Add the arrival of one message."""
        self.ring[self.next] = arrival_ns
        self.next = (self.next + 1) % KEPT

    def add(self, arrivals_ns: Int64s) -> None:
        """Add the arrivals of at most :data:`KEPT` messages."""
        until_end = KEPT - self.next
        self._times[self.next : self.next + len(arrivals_ns)] = arrivals_ns[:until_end]
        self._times[: max(0, len(arrivals_ns) - until_end)] = arrivals_ns[until_end:]
        self.next = (self.next + len(arrivals_ns)) % KEPT

    def count_after(self, at_ns: int) -> int:
        """How many of the kept messages arrived after ``at_ns``, which must not be below 0."""
        return int(np.count_nonzero(self._times > at_ns))
