"""Runs the command line as a user does: in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from bench_app.engine.result import RunResult
from tests.runs import assert_sound

COMMAND = [sys.executable, "-m", "bench_app.start"]


def bench(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``zmq-bench`` to its end; a traceback fails the test."""
    finished = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, cwd=cwd, check=False)
    assert "Traceback" not in finished.stderr, finished.stderr
    return finished


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
