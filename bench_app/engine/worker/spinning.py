"""What a worker does about listeners that spin: the other threads get the interpreter, and spinning is not work.

A thread that spins takes a whole processor, and holds the interpreter while it asks its socket. The other threads of
the worker, with the heartbeat and the control messages, must still run in time.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping

from bench_app.listeners.core import ListenerCore

SWITCH_S = 0.000_05
"""How long another thread of the worker waits for the interpreter. Python's own 5 ms would make each beat 5 ms late."""


class SpinTimes:
    """For how long the threads of a worker have spun without a message."""

    def __init__(self) -> None:
        self._cores: dict[int, ListenerCore] = {}

    def add(self, core: ListenerCore) -> None:
        """Count the spinning of this core, which the calling thread drives, and share the interpreter from now on."""
        self._cores[threading.get_native_id()] = core
        sys.setswitchinterval(SWITCH_S)

    def totals(self) -> Mapping[int, int]:
        """The time in ns for each thread that spins, by the number of the thread."""
        return {thread: core.spun_ns for thread, core in list(self._cores.items())}
