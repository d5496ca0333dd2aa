from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench_app.system.processors import allowed_processors, format_processors, pin_to, usable_processors

needs_affinity = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="this system binds no process to a processor"
)


def test_there_is_at_least_one() -> None:
    assert 1 <= usable_processors() <= (os.cpu_count() or 1)


@needs_affinity
def test_only_those_that_the_process_may_use_count() -> None:
    program = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
        "from bench_app.system.processors import usable_processors; print(usable_processors())"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "1"


@needs_affinity
def test_those_that_the_process_may_use_have_numbers() -> None:
    assert allowed_processors() == tuple(sorted(os.sched_getaffinity(0)))


@needs_affinity
def test_a_process_and_its_threads_are_pinned() -> None:
    program = (
        "import os, threading; from bench_app.system.processors import pin_to;"
        "processor = max(os.sched_getaffinity(0));"
        "print(repr(pin_to(processor)), os.sched_getaffinity(0) == {processor}, flush=True);"
        "threading.Thread(target=lambda: print(os.sched_getaffinity(0) == {processor})).start()"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout == "'' True\nTrue\n"


@needs_affinity
def test_a_processor_that_does_not_exist_gives_a_reason() -> None:
    before = os.sched_getaffinity(0)
    for processor in (65_535, 2**40, -1):
        assert pin_to(processor)
    assert os.sched_getaffinity(0) == before


def test_a_system_that_pins_no_process_gives_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    assert allowed_processors() is None
    assert pin_to(0) == "this system pins no process to a processor"


def test_processors_are_shown_as_spans() -> None:
    assert format_processors([3, 0, 1, 2, 8, 10, 11]) == "0-3, 8, 10-11"
    assert format_processors([5]) == "5"
    assert format_processors([]) == ""
