"""Time slices are requested if the system has them, and the request changes nothing else."""

from __future__ import annotations

import os
import platform
import re
import threading
from pathlib import Path

import pytest

from bench_app.system.time_slices import WORKER_SLICE_NS, request_time_slice


def linux_version() -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", platform.release())[:2])) if platform.system() == "Linux" else ()


KERNEL_SHOWS_SLICES = linux_version() >= (6, 12) and Path("/proc/thread-self/sched").exists()


def in_a_thread(what: object) -> list[object]:
    found: list[object] = []
    assert callable(what)
    # Each thread has its own slices, so those of the test's thread do not change.
    thread = threading.Thread(target=lambda: found.append(what()))
    thread.start()
    thread.join()
    return found


@pytest.mark.skipif(platform.system() != "Linux", reason="only Linux has slices to ask for")
def test_niceness_and_policy_do_not_change() -> None:
    def ask() -> tuple[int, int]:
        request_time_slice(WORKER_SLICE_NS)
        return os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0)

    assert in_a_thread(ask) == [(os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0))]


@pytest.mark.skipif(not KERNEL_SHOWS_SLICES, reason="slices came with Linux 6.12, and not every kernel shows them")
def test_the_kernel_takes_the_length() -> None:
    def ask() -> str:
        assert request_time_slice(WORKER_SLICE_NS)
        return Path("/proc/thread-self/sched").read_text()

    (shown,) = in_a_thread(ask)
    assert re.search(rf"se\.slice\s*:\s*{WORKER_SLICE_NS}\b", str(shown))


def test_a_system_without_slices_is_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert request_time_slice(WORKER_SLICE_NS) is False
