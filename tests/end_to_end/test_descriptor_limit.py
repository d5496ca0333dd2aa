"""Runs with few file descriptors end with a message, a ledger and exit code 3, never by an abort of libzmq."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.command import COMMAND, write
from tests.runs import preset


@pytest.mark.parametrize("limit", [10, 16, 32, 48, 64, 150])
def test_a_low_limit_is_named(tmp_path: Path, limit: int) -> None:
    # 64 are too few for the process of the run, 150 for the worker that has half of the listeners.
    file, result = write(tmp_path, preset(listeners=[{}] * 40)), tmp_path / "result.json"
    script = f'ulimit -n {limit}; exec "$@"'
    command = ["bash", "-c", script, "bash", *COMMAND, "run", file, "--quiet", "--json", str(result)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    printed = " ".join((finished.stdout + finished.stderr).split())
    assert finished.returncode == 3, printed
    assert "Traceback" not in printed
    assert "too few file descriptors" in printed and f"the limit is {limit} (see ulimit -n)" in printed
    if limit >= 32:
        figures = json.loads(result.read_text())
        assert figures["verdict"] == "invalid" and figures["handlers"]["h"]["offered"] == 0 and figures["balanced"]


@pytest.mark.parametrize("command", [["listen", "tcp://127.0.0.1:9", "--type", "SUB"], ["send", "tcp://x:9", "{}"]])
@pytest.mark.parametrize("limit", [8, 9, 12, 16])
def test_commands_by_hand_name_the_limit(command: list[str], limit: int) -> None:
    kind = [] if "--type" in command else ["--type", "PUSH"]
    whole = ["bash", "-c", f'ulimit -n {limit}; exec "$@"', "bash", *COMMAND, *command, *kind]
    finished = subprocess.run(whole, capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 3
    assert "too few file descriptors" in finished.stderr and "Traceback" not in finished.stderr
