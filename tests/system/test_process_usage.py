from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from bench_app.system.process_usage import TASKS, ThreadTime, process_usage, thread_times

needs_schedstat = pytest.mark.skipif(not (TASKS / str(os.getpid()) / "schedstat").exists(), reason="no schedstat here")


def write(tasks: Path, thread: int, text: str) -> None:
    (tasks / str(thread)).mkdir()
    (tasks / str(thread) / "schedstat").write_text(text)


def test_the_times_of_each_thread_are_read(tmp_path: Path) -> None:
    write(tmp_path, 12, "1000 200 3\n")
    write(tmp_path, 13, "5 7 1\n")
    assert thread_times(tmp_path) == {12: ThreadTime(1000, 200), 13: ThreadTime(5, 7)}
    assert thread_times(tmp_path)[12].wanted_ns == 1200


def test_a_thread_that_has_just_ended_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, 12, "1000 200 3\n")
    (tmp_path / "13").mkdir()
    write(tmp_path, 14, "")
    assert set(thread_times(tmp_path)) == {12}


def test_a_system_without_the_statistics_has_no_threads(tmp_path: Path) -> None:
    assert thread_times(tmp_path / "none") == {}
    assert process_usage({}).run_wait_ns is None


@pytest.mark.skipif(not TASKS.is_dir(), reason="no /proc here")
def test_a_kernel_without_the_statistics_has_the_processor_time(tmp_path: Path) -> None:
    second = os.sysconf("SC_CLK_TCK")
    (tmp_path / "12").mkdir()
    (tmp_path / "12" / "stat").write_text(f"12 (a ) b) R 1 2 3 4 5 6 7 8 9 10 {2 * second} {second} 0 0 20 0 1 0 9")
    assert thread_times(tmp_path) == {12: ThreadTime(3_000_000_000, None)}
    assert thread_times(tmp_path)[12].wanted_ns == 3_000_000_000
    assert process_usage(thread_times(tmp_path)).run_wait_ns is None


@needs_schedstat
def test_the_processor_time_is_the_same_in_both_files(tmp_path: Path) -> None:
    thread = threading.get_native_id()
    before_ns = thread_times()[thread].cpu_ns
    while thread_times()[thread].cpu_ns < before_ns + 50_000_000:
        pass
    (tmp_path / str(thread)).mkdir()
    stat = (TASKS / str(thread) / "stat").read_bytes()
    (tmp_path / str(thread) / "stat").write_bytes(stat)
    assert thread_times(tmp_path)[thread].cpu_ns == pytest.approx(thread_times()[thread].cpu_ns, abs=30_000_000)


@needs_schedstat
def test_this_process_has_the_times_of_its_threads() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert {threading.get_native_id(), thread.native_id} <= set(thread_times())
    finally:
        stop.set()
        thread.join()


def test_usage_sums_the_waits_and_grows_with_work() -> None:
    before = process_usage({1: ThreadTime(9, 20), 2: ThreadTime(1, 3)})
    assert before.run_wait_ns == 23
    total = sum(number * number for number in range(200_000))
    after = process_usage({})
    assert total and after.cpu_ns > before.cpu_ns


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc here")
def test_usage_has_memory_switches_and_faults() -> None:
    usage = process_usage({})
    assert usage.rss_bytes is not None and usage.rss_bytes > 1_000_000
    assert usage.page_faults is not None and usage.page_faults > 0
    assert usage.switches_voluntary is not None and usage.switches_involuntary is not None
