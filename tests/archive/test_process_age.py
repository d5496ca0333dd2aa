"""Is the process that began a run still there?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench_app.archive import Archive, process_age
from tests.archive.runs import LONG_AGO, execute, now, some_settings


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only /proc tells when a process was started")
def test_a_process_that_got_the_number_later_does_not_count_as_the_one_of_the_run(archive: Archive) -> None:
    archive.begin(some_settings(), "t", LONG_AGO)
    execute(archive.file, "UPDATE run SET pid = ?", os.getppid())
    assert archive.summaries()[0].verdict == "interrupted"


def test_a_start_that_cannot_be_read_leaves_only_the_process_number_to_go_by(archive: Archive) -> None:
    archive.begin(some_settings(), "t", "yesterday")
    execute(archive.file, "UPDATE run SET pid = ?", os.getppid())
    assert archive.summaries()[0].verdict == "running"


def test_no_process_is_ever_signalled_where_signal_0_would_end_it(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
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
