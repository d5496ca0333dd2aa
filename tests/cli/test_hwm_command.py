"""``zmq-bench hwm``: what it prints and writes, and its exit codes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import msgspec
import pytest

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.hwm_command import print_recommendation
from bench_app.lab.hwm import HwmResult
from tests.cli.command import bench_inside, write
from tests.lab.made_results import RECOMMENDATION
from tests.runs import preset

RESULT = RECOMMENDATION


def shown(result: HwmResult, invalid: list[str]) -> list[str]:
    out = io.StringIO()
    print_recommendation(CommandConsole(file=out, width=200), result, invalid)
    return out.getvalue().splitlines()


def test_the_settings_have_reason_price_and_proof() -> None:
    assert shown(RESULT, []) == [
        "",
        "  output.handlers.h.config.high_water_mark = 300",
        "This waits. So 300 hold it.",
        "It costs 0.6 MB when all is full, and then the oldest message is 600 ms old.",
        "Proof: 0 of 20 runs lost something; with half of the marks, 20 of 20.",
        "Now: capacity 1,002, longest burst 1,000.",
        "note  a note",
    ]


def test_settings_are_written_as_set_takes_them() -> None:
    both_ends = RESULT.recommended | {"bench.listeners.h": [{"high_water_mark": 300}]}
    assert '  bench.listeners.h = [{"high_water_mark":300}]' in shown(
        msgspec.structs.replace(RESULT, recommended=both_ends), []
    )


def test_without_a_proof_the_reason_is_given() -> None:
    lines = shown(msgspec.structs.replace(RESULT, proof=None), ["the machine was busy"])
    assert "No proof: too many runs were invalid; the last one: the machine was busy" in lines


@pytest.mark.parametrize(
    ("raw", "arguments", "message"),
    [
        (preset(), ["--handler", "x"], "no handler"),
        (preset({"socket_type": "REQ"}), [], "needs no mark"),
        (preset(), ["--stall", "-1"], "not in the range"),
    ],
)
def test_bad_input_is_a_message(tmp_path: Path, raw: dict[str, object], arguments: list[str], message: str) -> None:
    finished = bench_inside("hwm", write(tmp_path, raw), *arguments)
    assert finished.returncode == 2
    assert message in finished.stderr


def test_consumers_that_are_too_slow_end_with_3(tmp_path: Path) -> None:
    # A mark of 0 is no limit: nothing is measured, and nothing is proven.
    raw = preset({"socket_type": "PUB", "topic": "t", "high_water_mark": 0}, listeners=[{"delay_ms": 2}])
    out = tmp_path / "hwm.json"
    finished = bench_inside("hwm", write(tmp_path, raw), "--json", str(out), "--resume", str(tmp_path / "j"))
    assert finished.returncode == 3
    assert "No high-water mark helps" in finished.stdout
    found = json.loads(out.read_bytes())
    assert found["recommended"] == {}
    assert found["proof"] is None
