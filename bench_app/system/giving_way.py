"""Says when a process of low priority is in the way of others: its **waits for a processor** -> a rest.

With low priority alone it still takes each gap that other processes leave, a fifth of two busy processors, and what
runs after a gap begins late. So a process that had to wait rests.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

REST_S = 0.5
BUSY_SHARE = 0.1
"""A process that waits for longer than this part of the time that it runs shares its processor."""
_SCHEDSTAT = Path("/proc/self/schedstat")


class GivingWay:
    """Compares how long the main thread of this process ran with how long it waited for a processor.

    On a system that does not tell this, the process never rests. ``schedstat`` is the file of the kernel.
    """

    def __init__(self, schedstat: Path = _SCHEDSTAT) -> None:
        self._schedstat = schedstat
        self._before = self._times()

    def rest_s(self) -> float:
        """For how long to rest now, in seconds, after the work since the last call."""
        (ran_before, waited_before), self._before = self._before, self._times()
        ran, waited = self._before
        return REST_S if waited - waited_before > BUSY_SHARE * (ran - ran_before) else 0.0

    def _times(self) -> tuple[int, int]:
        with contextlib.suppress(OSError, ValueError):
            ran_ns, waited_ns, _ = map(int, self._schedstat.read_text("ascii").split())
            return ran_ns, waited_ns
        return 0, 0
