"""Runs the command line as a user does: in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

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
