"""The start of a worker's process: its environment, its standard error, and a system that refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench_app.engine.worker_command import worker_process
from bench_app.errors import EngineError
from tests.engine.stage import UseProgram

LIMIT_S = 60.0


def test_a_worker_gets_its_environment_and_a_file_for_its_errors(use_program: UseProgram, tmp_path: Path) -> None:
    use_program('echo "$OPENBLAS_NUM_THREADS $EXTRA" >&2')
    with (tmp_path / "errors").open("wb") as errors:
        process = worker_process(errors, {"EXTRA": "more"})
    assert process.wait(LIMIT_S) == 0 and process.stdin is not None
    process.stdin.close()
    assert (tmp_path / "errors").read_text() == "1 more\n"


def test_a_system_that_refuses_is_an_error_of_the_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    with pytest.raises(EngineError, match="a worker process could not be started: No such file"):
        worker_process(subprocess.DEVNULL)
