"""Checks whether the process that began a run still exists."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

CLOCK_SLACK_S = 5.0
"""A process may seem to start this much later than its own run, because both times are rounded down to seconds."""


def is_still_there(pid: int, run_started_at: str) -> bool:
    """Whether the process with this number exists and started before the run, so that it began the run.

    The system gives the number of a process that ended to a later process. ``run_started_at`` is in ISO 8601. If it or
    the start of the process cannot be read, the existence of the process alone decides.
    """
    if os.name != "posix":
        # On Windows os.kill would end the process, so no process counts as existing.
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # The process exists and belongs to another user.
        pass
    born_s, begun_s = _born_s(pid), _epoch_s(run_started_at)
    return born_s is None or begun_s is None or born_s <= begun_s + CLOCK_SLACK_S


def _born_s(pid: int) -> float | None:
    """The start of a process in seconds of the wall clock; None without ``/proc`` (see proc(5))."""
    try:
        # The name of the process is in brackets before these fields, and may contain blanks.
        ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
        return int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _epoch_s(iso: str) -> float | None:
    try:
        return datetime.fromisoformat(iso).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
