"""A work runs as a command; tests/bench_ui/window/test_laboratory.py runs one."""

from __future__ import annotations

from pathlib import Path

from bench_ui.lab.lab_runner import arguments_of

from tests.bench_ui.lab.entries import SWEEP, work_of


def test_the_command_keeps_a_journal_and_writes_a_result(tmp_path: Path) -> None:
    work = work_of(tmp_path)
    arguments = arguments_of(work)
    assert arguments[:4] == ["-P", "-m", "bench_app", "sweep"]
    assert arguments[4:7] == [str(work.preset_file), "--resume", str(work.journal)]
    assert arguments[7:10] == ["--keep-runs", "--json", str(work.result)]
    assert arguments[10:] == SWEEP.options
