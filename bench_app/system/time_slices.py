"""Time slices, so that a worker that wakes for an event need not wait for whoever is drawing.

Linux from 6.12 on lets any process ask how long its turns should be. A short turn is no bigger share of the processor,
only an earlier one: workers run when an event is due, the window a moment later, and gets its share in fewer, longer
turns. Without it a window that draws doubles the p99 of ``service`` on two cores.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

WORKER_SLICE_NS = 100_000
"""The shortest the kernel gives."""
WINDOW_SLICE_NS = 10_000_000

_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
"""Number of the system call; see sched_setattr(2)."""
_ATTRIBUTES = struct.Struct("IIQiIQQQ")
"""struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period."""


def request_time_slice(length_ns: int) -> bool:
    """Ask for turns of this length for the calling thread and all it starts; False where there is no such thing.

    An older Linux takes the request and ignores it, so True does not promise that it helps.
    """
    number = _SCHED_SETATTR.get(platform.machine()) if platform.system() == "Linux" else None
    if number is None or os.sched_getscheduler(0) != os.SCHED_OTHER:
        return False
    # The request sets policy and niceness, too, so they are asked for as they are.
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    attributes = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.SCHED_OTHER, 0, nice, 0, length_ns, 0, 0)
    return bool(ctypes.CDLL(None).syscall(number, 0, attributes, 0) == 0)
