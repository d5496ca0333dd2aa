"""Runs the command line: in its own process, as a user does, or within the process of the test."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec

from bench_app.cli.commands import main
from bench_app.engine.result import RunResult
from tests.runs import assert_sound

COMMAND = [sys.executable, "-m", "bench_app.start"]


def bench(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``zmq-bench`` to its end; a traceback fails the test."""
    finished = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, cwd=cwd, check=False)
    assert "Traceback" not in finished.stderr, finished.stderr
    return finished


def bench_inside(*arguments: str, encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
    """Run ``zmq-bench`` within the process of the test: for commands that start no run and send no event.

    This saves the half second that a process takes to start. An exception that is no exit code fails the test.
    """
    written = (io.BytesIO(), io.BytesIO())
    out, err = (io.TextIOWrapper(stream, encoding, write_through=True) for stream in written)
    code: object = 0
    with patch.object(sys, "argv", ["zmq-bench", *arguments]), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
    assert isinstance(code, int)
    return subprocess.CompletedProcess(arguments, code, *(stream.getvalue().decode(encoding) for stream in written))


def write(folder: Path, raw: dict[str, Any], name: str = "p.json") -> str:
    """Write a preset; returns its path."""
    file = folder / name
    file.write_text(json.dumps(raw))
    return str(file)


def run_soundly(
    folder: Path, raw: dict[str, Any], *arguments: str
) -> tuple[subprocess.CompletedProcess[str], RunResult]:
    """``zmq-bench run`` on a preset that passes, unless this machine is too busy to judge. Returns its result, too."""
    out = folder / "sound.json"
    finished = bench("run", write(folder, raw), "--json", str(out), *arguments)
    result = msgspec.json.decode(out.read_bytes(), type=RunResult)
    assert_sound(result)
    assert finished.returncode == (3 if result.verdict == "invalid" else 0), finished.stderr
    return finished, result
