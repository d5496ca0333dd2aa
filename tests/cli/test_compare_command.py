from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench_app.cli.repeat_run import repeat_json
from bench_app.engine.result import RunResult, Verdict
from tests.cli.command import bench_inside
from tests.comparison.results import handler, listener, result


def write(folder: Path, name: str, runs: list[RunResult]) -> str:
    file = folder / name
    file.write_bytes(repeat_json(runs, []))
    return str(file)


def runs_of(p50_us: float, verdict: Verdict = "pass") -> list[RunResult]:
    return [result(verdict, ("busy",), pub=handler(sub=listener(p50_us + number / 10))) for number in range(10)]


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    return write(tmp_path, "a.json", runs_of(100)), write(tmp_path, "b.json", runs_of(150))


def test_a_change_is_shown_and_written(files: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    finished = bench_inside("compare", *files, "--json", str(out))
    assert finished.returncode == 0, finished.stderr
    assert "latency.service.p50_ms +49.8 % (worse)" in finished.stdout
    written = json.loads(out.read_text())
    assert written["metrics"]["latency.service.p50_ms"]["shown"]
    assert not written["metrics"]["rate"]["shown"]


def test_a_ci_can_fail_when_b_is_worse_and_only_then(files: tuple[str, str]) -> None:
    a, b = files
    assert bench_inside("compare", a, b, "--fail-if-worse").returncode == 1
    assert bench_inside("compare", b, a, "--fail-if-worse").returncode == 0
    assert bench_inside("compare", a, b, "--fail-if-worse", "--metric", "rate").returncode == 0
    assert bench_inside("compare", a, a, "--fail-if-worse").returncode == 0


def test_only_invalid_runs_end_with_3_and_say_why(files: tuple[str, str], tmp_path: Path) -> None:
    invalid = write(tmp_path, "i.json", runs_of(500, "invalid"))
    finished = bench_inside("compare", files[0], invalid)
    assert finished.returncode == 3
    assert "10 of 10 runs are invalid, nothing can be shown; the first reason: busy" in finished.stderr


def test_json_goes_to_standard_output_alone(files: tuple[str, str]) -> None:
    finished = bench_inside("compare", *files, "--json", "-")
    assert json.loads(finished.stdout)["format"] == "zmq-bench-ab/1"


def test_wrong_input_ends_with_2(files: tuple[str, str], tmp_path: Path) -> None:
    assert bench_inside("compare", files[0], str(tmp_path / "none")).returncode == 2
    assert bench_inside("compare", *files, "--metric", "nonsense").returncode == 2


def test_a_history_gets_a_line_for_each_comparison(files: tuple[str, str], tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    for b in (files[1], files[0]):
        assert bench_inside("compare", files[0], b, "--history", str(history)).returncode == 0
    slow, same = (json.loads(line) for line in history.read_text().splitlines())
    assert (slow["format"], slow["runs"]) == ("zmq-bench-history/1", 10)
    assert slow["metrics"]["latency.service.p50_ms"] > same["metrics"]["latency.service.p50_ms"]
    assert "latency.service.p50_ms" in slow["shown"] and same["shown"] == {}
