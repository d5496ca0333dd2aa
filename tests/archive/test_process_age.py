"""Whether the process that began a run still exists."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench_app.archive import Archive, process_age
from tests.archive.runs import LONG_AGO, execute, now, some_settings


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only /proc has the start of a process")
def test_a_later_process_with_the_same_number_does_not_count(archive: Archive) -> None:
    archive.begin(some_settings(), "t", LONG_AGO)
    execute(archive.file, "UPDATE run SET pid = ?", os.getppid())
    assert archive.summaries()[0].verdict == "interrupted"


def test_without_a_readable_start_the_process_number_alone_decides(archive: Archive) -> None:
    archive.begin(some_settings(), "t", "yesterday")
    execute(archive.file, "UPDATE run SET pid = ?", os.getppid())
    assert archive.summaries()[0].verdict == "running"


def test_no_process_is_signalled_on_windows(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.begin(some_settings(), "t", now())
    execute(archive.file, "UPDATE run SET pid = ?", os.getppid())
    assert archive.summaries()[0].verdict == "running"

    class Windows:
        name = "nt"
        getpid = staticmethod(os.getpid)

        @staticmethod
        def kill(_pid: int, _signal: int) -> None:
            raise AssertionError

    monkeypatch.setattr(process_age, "os", Windows)
    assert archive.summaries()[0].verdict == "interrupted"
