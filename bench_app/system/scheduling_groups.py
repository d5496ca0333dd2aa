"""The window's scheduling group stands back while there is time to spare: **Linux' autogroup**, see sched(7).

Where Linux groups processes by session, it shares the processors between sessions first, and niceness counts only
within one. Each worker is a session of its own. So a worker that wakes where the window draws often counts as one that
has had its group's share, and waits up to a tick of 4 ms, be the other processor idle or not: on two processors that
doubled the p99 of ``service``. Where the window's group stands back, the worker has its turn at once, and the window
draws as often as before.

On a full machine whoever stands back hardly gets a turn, and there the window comes forward again.

The group is that of the whole session. A terminal's may stand back for the length of a run; a desktop's may not, so
a window that was not started from a terminal first leaves for a session of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench_app.system.tasks import spawn

NICENESS = 10
"""A tenth of the share of a worker's group, where both want all they can get."""
SPARE, FULL = 0.6, 0.4
"""Idle shares of the processors' time from which the window stands back, and below which it comes forward."""
LOOK_S = 0.5
_TRIES = 20
_BETWEEN_TRIES_S = 0.1
"""The system takes one such request in this time, from all its users together."""
_AUTOGROUP = Path("/proc/self/autogroup")
_STAT = Path("/proc/stat")
_log = logging.getLogger("zmq_bench.window")


@asynccontextmanager
async def lowered_priority(autogroup: Path = _AUTOGROUP) -> AsyncIterator[None]:
    """Let the session's group be nice to others meanwhile; afterwards it is as it was.

    Does nothing where the system has no such groups.
    """
    before = _niceness(autogroup) if has_session_of_its_own() else None
    if before is None or before >= NICENESS or not await _set(autogroup, NICENESS):
        yield
        return
    watch = spawn(_stand_where_fit(autogroup, before), name="autogroup", on_error=_tell)
    try:
        yield
    finally:
        watch.cancel()
        await asyncio.wait({watch})
        await _set(autogroup, before)


def leave_session_of_others() -> None:
    """Without a terminal: begin a session of one's own, where the system allows it.

    With one, its Ctrl+C would be lost. Who leads a group of processes may not leave, and does not stand back then.
    """
    if os.name == "posix" and not has_session_of_its_own():
        with contextlib.suppress(PermissionError):
            os.setsid()


def fit(niceness: int, before: int, idle_share: float) -> int:
    """The niceness for a machine that is idle for this share of its time; in between it stays."""
    if idle_share < FULL:
        return before
    return NICENESS if idle_share >= SPARE else niceness


async def _stand_where_fit(autogroup: Path, before: int) -> None:
    niceness = NICENESS
    idle_then, total_then = _processor_time()
    while True:
        await asyncio.sleep(LOOK_S)
        idle, total = _processor_time()
        wanted = fit(niceness, before, (idle - idle_then) / max(1, total - total_then))
        idle_then, total_then = idle, total
        if wanted != niceness and await _set(autogroup, wanted):
            niceness = wanted


def _processor_time() -> tuple[int, int]:
    """Idle and all time of all processors so far, in clock ticks; see proc_stat(5)."""
    with _STAT.open(encoding="ascii") as stat:
        ticks = [int(word) for word in stat.readline().split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


def _niceness(autogroup: Path) -> int | None:
    try:
        found = re.search(r"nice (-?\d+)", autogroup.read_text("ascii"))
    except OSError:
        return None
    return int(found[1]) if found else None


def has_session_of_its_own() -> bool:
    """Is this session a terminal's, or was it made for this process?"""
    if os.name != "posix":
        return False
    if os.getsid(0) == os.getpid():
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


async def _set(autogroup: Path, niceness: int) -> bool:
    for _ in range(_TRIES):
        try:
            autogroup.write_text(str(niceness), "ascii")
        except BlockingIOError:
            await asyncio.sleep(_BETWEEN_TRIES_S)
        except OSError as error:
            _tell(error)
            return False
        else:
            return True
    _log.warning("%s is being set by others all the time, and was not set to nice %d", autogroup, niceness)
    return False


def _tell(error: BaseException) -> None:
    _log.warning("the window's scheduling group could not be set: %s", error)
