"""Lowers the priority of a process that works beside a run: **niceness and Linux' autogroup**, see sched(7).

Linux shares the processors between sessions first, and niceness counts only within a session. So the whole session of
the process gets a low priority, which can be taken back.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

LOWEST = 19
_TRIES = 20
_BETWEEN_TRIES_S = 0.1
"""The kernel accepts only one request in this time, counted over all users."""
_AUTOGROUP = Path("/proc/self/autogroup")


def lower_own_priority() -> None:
    """Give this process, which leads a session of its own, only the processor time that others leave."""
    if not _set_group(LOWEST):
        with contextlib.suppress(OSError, AttributeError):
            os.nice(LOWEST)


def restore_own_priority() -> None:
    """End :func:`lower_own_priority`, on a system with scheduling groups; without them only root could."""
    _set_group(0)


def _set_group(niceness: int) -> bool:
    if os.name != "posix" or os.getsid(0) != os.getpid():
        return False
    for _ in range(_TRIES):
        try:
            _AUTOGROUP.write_text(str(niceness), "ascii")
        except BlockingIOError:
            time.sleep(_BETWEEN_TRIES_S)
        except OSError:
            return False
        else:
            return True
    return False
