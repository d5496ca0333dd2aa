from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import bench_inside, write
from tests.sweeps.fake_runs import document


def test_two_settings_run_in_turns_and_are_compared(tmp_path: Path) -> None:
    preset, out, kept = write(tmp_path, document().raw), tmp_path / "ab.json", tmp_path / "kept.jsonl"
    command = ("ab", preset, "--a", "bench.io_threads=1", "--b", "bench.sources.events.load.rate=100", "--pairs", "1")
    command += ("--duration", "0.2", "--metric", "offered", "--resume", str(kept), "--json", str(out))
    finished = bench_inside(*command)
    assert finished.returncode in (0, 3), finished.stderr
    assert "1 pair cannot show any change, however large; 7 pairs can" in finished.stdout
    written = json.loads(out.read_text())
    metric = written["metrics"]["offered"]
    assert (written["format"], written["pairs"], list(written["metrics"])) == ("zmq-bench-ab/1", 1, ["offered"])
    assert (metric["a"] > metric["b"], metric["low"], metric["shown"]) == (True, None, False)
    # The same command takes everything from the file.
    again = bench_inside(*command, "--quiet")
    assert again.returncode == finished.returncode
    assert json.loads(out.read_text()) == written


@pytest.mark.parametrize(
    "arguments",
    [("--a", "bench.nothing.x"), ("--b", "plane=fast"), ("--metric", "nonsense"), ("--b", "bench.duration_s=long")],
)
def test_wrong_input_ends_with_2_before_any_run(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    finished = bench_inside("ab", write(tmp_path, document().raw), *arguments)
    assert (finished.returncode, finished.stdout) == (2, "")
