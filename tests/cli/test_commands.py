"""The whole command line: exit codes, messages, no tracebacks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import COMMAND, bench_inside, write
from tests.runs import preset


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "no-such-preset"], "no-such-preset"),
        (["run", "basic-publsher"], "basic-publisher"),
        (["run"], "PRESET"),
        (["run", "basic-publisher", "--rate", "many"], "--rate"),
        (["run", "basic-publisher", "--rate", "-1"], "rate"),
        (["run", "basic-publisher", "--duration", "nan"], "bench.duration_s"),
        (["run", "basic-publisher", "--set", "nonsense"], "nonsense"),
        (["run", "basic-publisher", "--set", "bench.duration_s=soon"], "bench.duration_s"),
        (["run", "basic-publisher", "--json", "/no/such/folder/r.json"], "/no/such/folder"),
        (
            ["run", "basic-publisher", "--set", "output.handlers.missing.config.linger=5"],
            "no such handler; there is zmq-p",
        ),
        (["run", "basic-publisher", "--log-file", "/no/such/folder/l.jsonl"], "/no/such/folder"),
        (["slow-joiner", "--screenshot", "zz.txt"], ".png, .jpg"),
        (["rn", "slow-joiner"], 'no command "rn"; did you mean run?'),
        (["frobnicate", "slow-joiner"], 'no command "frobnicate"; there are run, check'),
        (["slow-joinr", "--start"], "did you mean slow-joiner?"),
        (["rnu"], "did you mean run?"),
        (["check", "/"], "/"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_wrong_input(arguments: list[str], message: str) -> None:
    finished = bench_inside(*arguments)
    assert finished.returncode == 2
    assert message in finished.stderr


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["open"],
        ["run"],
        ["check"],
        ["presets"],
        ["schema"],
        ["listen"],
        ["send"],
        ["account"],
        ["import"],
        ["find"],
        ["hwm"],
        ["card"],
        ["runs"],
    ],
)
def test_every_help_has_an_example_and_fits_the_terminal(command: list[str]) -> None:
    text = bench_inside(*command, "--help").stdout
    lines = [line for line in text.splitlines() if line.startswith("  zmq-bench")]
    assert lines, "no example"
    assert all(word in text for word in (["Exit codes"] if command not in (["presets"], ["schema"]) else []))
    assert max(map(len, text.splitlines())) <= 100
    assert "..." not in text.partition("Commands:")[2], "a command's line is cut off"


def test_a_reader_that_closes_the_pipe_gives_exit_code_3(tmp_path: Path) -> None:
    command = [*COMMAND, "run", write(tmp_path, preset())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 3


@pytest.mark.parametrize("arguments", [["presets"], ["schema"], ["check", "slow-joiner"], ["run", "--help"]])
def test_a_pipe_without_a_reader_gives_exit_code_3_and_no_message(arguments: list[str]) -> None:
    read, written = os.pipe()
    os.close(read)
    finished = subprocess.run(
        [*COMMAND, *arguments], stdout=written, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    os.close(written)
    assert (finished.returncode, finished.stderr) == (3, "")


def test_a_short_result_on_a_full_disk_has_the_message_of_the_result() -> None:
    # A short result is still in the buffer after the failure, so that the next flush fails, too.
    program = (
        "from pathlib import Path\n"
        "from bench_app.cli import commands\n"
        "from bench_app.cli.result_file import write_json\n"
        "commands.cli.main = lambda **_: write_json(b'{}', Path('-'))\n"
        "commands.main()\n"
    )
    with Path("/dev/full").open("w") as full:
        finished = subprocess.run(
            [sys.executable, "-c", program], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert finished.returncode == 3
    assert finished.stderr == "zmq-bench: the result could not be written to standard output: No space left on device\n"


def test_python_m_bench_app_is_the_command() -> None:
    command = [sys.executable, "-m", "bench_app", "presets"]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "silent-pub-loss" in finished.stdout
