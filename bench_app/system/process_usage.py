"""What the operating system gave this process, and how long it let it wait: **getrusage and /proc** -> usage.

All figures are totals since the start of the process, so that the difference of two readings belongs to the time
between them. A figure that this system does not have is None.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

if sys.platform != "win32":
    import resource

TASKS = Path("/proc/self/task")
_STATM = "/proc/self/statm"
_USER_TICKS = 11
"""Where the times of a thread in user mode and in the kernel are, after its name in its file ``stat``."""
_NS_PER_S = 1_000_000_000


class ThreadTime(msgspec.Struct, frozen=True, array_like=True):
    """The time of one thread: on a processor, and ready to run without one; None where the system does not tell."""

    cpu_ns: int
    run_wait_ns: int | None

    @property
    def wanted_ns(self) -> int:
        """How long the thread had work to do, as far as the system tells."""
        return self.cpu_ns + (self.run_wait_ns or 0)


class ProcessUsage(msgspec.Struct, frozen=True, array_like=True):
    """Totals of one process.

    Attributes:
        cpu_ns: processor time of all threads.
        run_wait_ns: how long its threads were ready to run and waited for a processor; of the threads that live now.
        switches_voluntary: how often a thread gave up its processor to wait for something.
        switches_involuntary: how often the system took the processor from a thread.
        page_faults: how often the process touched memory that was not mapped, with and without a read from disk.
        rss_bytes: the physical memory that the process holds now.
    """

    cpu_ns: int
    run_wait_ns: int | None = None
    switches_voluntary: int | None = None
    switches_involuntary: int | None = None
    page_faults: int | None = None
    rss_bytes: int | None = None


def process_usage(threads: Mapping[int, ThreadTime]) -> ProcessUsage:
    """Read the usage of this process; ``threads`` are those of :func:`thread_times`."""
    waits_ns = [thread.run_wait_ns for thread in threads.values() if thread.run_wait_ns is not None]
    run_wait_ns = sum(waits_ns) if waits_ns else None
    if sys.platform == "win32":
        return ProcessUsage(time.process_time_ns(), run_wait_ns)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return ProcessUsage(
        time.process_time_ns(),
        run_wait_ns,
        used.ru_nvcsw,
        used.ru_nivcsw,
        used.ru_minflt + used.ru_majflt,
        _rss_bytes(),
    )


def thread_times(tasks: Path = TASKS) -> dict[int, ThreadTime]:
    """The times of all threads of this process by thread number; empty where the kernel does not list them."""
    found = {}
    with contextlib.suppress(OSError):
        for thread in (task.name for task in tasks.iterdir()):
            # The thread may have ended since.
            with contextlib.suppress(OSError, ValueError, IndexError):
                found[int(thread)] = _thread_time(f"{tasks}/{thread}")
    return found


def _thread_time(folder: str) -> ThreadTime:
    try:
        cpu_ns, run_wait_ns, _ = _content(f"{folder}/schedstat").split()
    except FileNotFoundError:
        # A kernel without these statistics. The name of the thread, in brackets, may contain blanks.
        fields = _content(f"{folder}/stat").rpartition(b")")[2].split()
        ticks = int(fields[_USER_TICKS]) + int(fields[_USER_TICKS + 1])
        return ThreadTime(ticks * _NS_PER_S // os.sysconf("SC_CLK_TCK"), None)
    return ThreadTime(int(cpu_ns), int(run_wait_ns))


def _content(file: str) -> bytes:
    """A small file. A worker reads ten of them a second, and ``Path.read_bytes`` would cost three times as much."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        return os.read(descriptor, 4096)
    finally:
        os.close(descriptor)


def _rss_bytes() -> int | None:
    try:
        return int(_content(_STATM).split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
