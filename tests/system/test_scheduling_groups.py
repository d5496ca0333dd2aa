"""The priority of the window's scheduling group is lowered during a run and restored afterwards."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench_app.system import scheduling_groups
from bench_app.system.scheduling_groups import FULL, NICENESS, SPARE, niceness_for

AUTOGROUP = Path("/proc/self/autogroup")

RUN_IN_A_WINDOW = """
import asyncio, sys, tempfile
from pathlib import Path
from PySide6.QtCore import QSettings
from bench_app.preset import documents
from bench_app.engine.session import Phase
from tests.runs import preset
from bench_app.system import scheduling_groups
from bench_ui.app import make_app
from bench_ui.loop import run
from bench_ui.window.main_window import MainWindow

def report(when):
    print(when, Path("/proc/self/autogroup").read_text().split()[-1], flush=True)

async def main():
    # The machine of the tests may be full.
    scheduling_groups.FULL = 0.0
    report("before")
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "window.ini"), QSettings.Format.IniFormat)
        window = MainWindow(settings, Path(folder) / "runs.sqlite")
        window.bench.set_document(documents.parse(preset({"socket_type": "PUSH"}), "test"))
        window.bench.start()
        while window.bench.run.phase is not Phase.RUNNING:
            await asyncio.sleep(0.01)
        report("running")
        while window.bench.run.result is None:
            await asyncio.sleep(0.01)
        report("after")
        window.close()
        await window.closed.wait()
    return 0

sys.exit(run(make_app(), main()))
"""


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="only Linux groups processes by session, and not every kernel does")
def test_the_priority_is_lower_for_a_run_and_restored_after_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN_IN_A_WINDOW],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:3] == ["before 0", f"running {NICENESS}", "after 0"]


@pytest.mark.parametrize(
    ("niceness", "idle_share", "expected"),
    [
        (NICENESS, FULL - 0.01, 0),
        (0, FULL - 0.01, 0),
        (0, SPARE, NICENESS),
        (0, (FULL + SPARE) / 2, 0),
        (NICENESS, (FULL + SPARE) / 2, NICENESS),
    ],
)
def test_the_priority_is_restored_on_a_full_machine_only(niceness: int, idle_share: float, expected: int) -> None:
    assert niceness_for(idle_share, niceness, 0) == expected


def test_a_request_that_the_kernel_delays_is_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "autogroup"
    file.write_text("/autogroup-7 nice 3\n")
    refusals = [BlockingIOError(11, "Resource temporarily unavailable"), None, BlockingIOError(11, ""), None]
    written: list[str] = []

    def write(self: Path, text: str, encoding: str) -> int:
        if refusal := refusals.pop(0):
            raise refusal
        written.append(text)
        return len(text)

    monkeypatch.setattr(Path, "write_text", write)
    monkeypatch.setattr(scheduling_groups, "has_session_of_its_own", lambda: True)

    async def lower() -> None:
        async with scheduling_groups.lowered_priority(file):
            assert written == [str(NICENESS)]

    asyncio.run(lower())
    assert written == [str(NICENESS), "3"]


@pytest.mark.parametrize("text", [f"/autogroup-7 nice {NICENESS + 2}\n", "what is this", None])
def test_a_group_that_is_already_nicer_or_missing_is_not_changed(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "autogroup"
    if text is not None:
        file.write_text(text)
    monkeypatch.setattr(scheduling_groups, "has_session_of_its_own", lambda: True)

    async def lower() -> None:
        async with scheduling_groups.lowered_priority(file):
            assert (file.read_text() if file.exists() else None) == text

    asyncio.run(lower())


LEAVE = """
import os
from bench_app.system.scheduling_groups import has_session_of_its_own, leave_shared_session
parent, had = os.getsid(0), has_session_of_its_own()
leave_shared_session()
print(had, os.getsid(0) == os.getpid() != parent, has_session_of_its_own())
"""


@pytest.mark.skipif(os.name != "posix", reason="sessions are POSIX's")
def test_without_a_terminal_the_process_makes_its_own_session() -> None:
    # A session without a terminal, led by the parent.
    parent = f"import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-c', {LEAVE!r}]).returncode)"
    command = [sys.executable, "-c", parent]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, start_new_session=True)
    assert done.stdout == "False True True\n", done.stderr


@pytest.mark.skipif(os.name != "posix", reason="sessions are POSIX's")
def test_in_a_terminal_the_process_keeps_its_session() -> None:
    ours, theirs = os.openpty()
    # A session leader without a terminal gets the first terminal that it opens.
    lead = "import os, subprocess, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); "
    child = f"subprocess.run([sys.executable, '-c', {LEAVE!r}])"
    done = subprocess.run(
        [sys.executable, "-c", lead + child],
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,
    )
    os.close(ours)
    os.close(theirs)
    assert done.stdout == "True False True\n", done.stderr


def test_a_session_shared_with_other_processes_is_not_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "autogroup"
    file.write_text("/autogroup-7 nice 0\n")
    monkeypatch.setattr(scheduling_groups, "has_session_of_its_own", lambda: False)

    async def lower() -> None:
        async with scheduling_groups.lowered_priority(file):
            assert file.read_text() == "/autogroup-7 nice 0\n"

    asyncio.run(lower())
