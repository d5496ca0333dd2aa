from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench_app.system.processors import usable_processors


def test_there_is_at_least_one() -> None:
    assert 1 <= usable_processors() <= (os.cpu_count() or 1)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system binds no process to a processor")
def test_only_those_that_the_process_may_use_count() -> None:
    program = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
        "from bench_app.system.processors import usable_processors; print(usable_processors())"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "1"
