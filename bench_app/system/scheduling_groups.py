"""Lowers the priority of the window's scheduling group during a run: **Linux' autogroup**, see sched(7).

Linux shares the processors between sessions first, and niceness counts only within a session. Each worker is a session
of its own. A worker that wakes on the processor where the window draws often waits up to a tick of 4 ms, even if the
other processor is idle: on two processors this doubled the p99 of ``service``. With a lower priority of the window's
group the worker runs at once, and the window still draws as often as before.

On a full machine a group with lower priority hardly runs. So the group gets its former priority back while the machine
is full.

A group contains the whole session. It is acceptable that the session of a terminal has a lower priority during a run.
For the session of a desktop it is not. So a window that was not started from a terminal first makes its own session.
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
"""With this niceness a group gets a tenth of a worker's share of the processor time, if both always want to run."""
SPARE, FULL = 0.6, 0.4
"""Idle shares of the processor time: the priority is lowered from SPARE on, and restored below FULL."""
CHECK_EVERY_S = 0.5
_TRIES = 20
_BETWEEN_TRIES_S = 0.1
"""The kernel accepts only one request in this time, counted over all users."""
_AUTOGROUP = Path("/proc/self/autogroup")
_STAT = Path("/proc/stat")
_log = logging.getLogger("zmq_bench.window")


@asynccontextmanager
async def lowered_priority(autogroup: Path = _AUTOGROUP) -> AsyncIterator[None]:
    """Lower the priority of the session's group inside the context; restore it afterwards.

    Does nothing on a system without scheduling groups.
    """
    before = _niceness(autogroup) if has_session_of_its_own() else None
    if before is None or before >= NICENESS or not await _set(autogroup, NICENESS):
        yield
        return
    watch = spawn(_follow_idle_time(autogroup, before), name="autogroup", on_error=_warn)
    try:
        yield
    finally:
        watch.cancel()
        await asyncio.wait({watch})
        await _set(autogroup, before)


def leave_shared_session() -> None:
    """Make a new session for this process, unless its session is that of a terminal.

    A process in a new session would not get Ctrl+C from its terminal. The leader of a process group may not leave its
    session. In that case session and priority do not change.
    """
    if os.name == "posix" and not has_session_of_its_own():
        with contextlib.suppress(PermissionError):
            os.setsid()


def niceness_for(idle_share: float, niceness: int, before: int) -> int:
    """The niceness for this idle share: NICENESS from SPARE on, ``before`` below FULL, unchanged between the two."""
    if idle_share < FULL:
        return before
    return NICENESS if idle_share >= SPARE else niceness


async def _follow_idle_time(autogroup: Path, before: int) -> None:
    niceness = NICENESS
    idle_then, total_then = _processor_time()
    while True:
        await asyncio.sleep(CHECK_EVERY_S)
        idle, total = _processor_time()
        wanted = niceness_for((idle - idle_then) / max(1, total - total_then), niceness, before)
        idle_then, total_then = idle, total
        if wanted != niceness and await _set(autogroup, wanted):
            niceness = wanted


def _processor_time() -> tuple[int, int]:
    """Idle time and total time of all processors since the start, in clock ticks; see proc_stat(5)."""
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
    """Whether the session is that of a terminal, or was made for this process."""
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
            _warn(error)
            return False
        else:
            return True
    _log.warning("%s is set by other processes all the time, so it was not set to nice %d", autogroup, niceness)
    return False


def _warn(error: BaseException) -> None:
    _log.warning("the window's scheduling group could not be set: %s", error)
