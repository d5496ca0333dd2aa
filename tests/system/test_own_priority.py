"""A process that works beside a run has a low priority until somebody waits for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

AUTOGROUP = Path("/proc/self/autogroup")


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="needs scheduling groups")
def test_a_process_lowers_its_own_priority_and_restores_it() -> None:
    code = """if True:
        from pathlib import Path
        from bench_app.system.own_priority import lower_own_priority, restore_own_priority
        for change in (lower_own_priority, restore_own_priority):
            change()
            print(Path("/proc/self/autogroup").read_text().split()[-1])
    """
    process = subprocess.run([sys.executable, "-c", code], start_new_session=True, capture_output=True, check=True)
    assert process.stdout.split() == [b"19", b"0"]
