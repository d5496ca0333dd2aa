"""Requests time slices of the scheduler: a worker then runs at once when an event is due, while the window draws.

From version 6.12 on, Linux lets every process choose the length of its time slices. A short slice does not give a
process more of the processor; the process gets its turn earlier. So workers request short slices and run when an event
is due. The window requests long slices and gets its share in fewer turns. Without this, a drawing window doubles the
p99 of ``service`` on two cores.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

WORKER_SLICE_NS = 100_000
"""The shortest slice that the kernel allows."""
WINDOW_SLICE_NS = 10_000_000

_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
"""The number of the system call by machine; see sched_setattr(2)."""
_ATTRIBUTES = struct.Struct("IIQiIQQQ")
"""struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period."""


def request_time_slice(length_ns: int) -> bool:
    """Request slices of this length for the calling thread and all threads that it starts; False if refused.

    Linux before 6.12 accepts the request and ignores it, so True does not promise an effect.
    """
    number = _SCHED_SETATTR.get(platform.machine()) if platform.system() == "Linux" else None
    if number is None or os.sched_getscheduler(0) != os.SCHED_OTHER:
        return False
    # The request also sets policy and niceness, so it repeats their present values.
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    attributes = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.SCHED_OTHER, 0, nice, 0, length_ns, 0, 0)
    return bool(ctypes.CDLL(None).syscall(number, 0, attributes, 0) == 0)
