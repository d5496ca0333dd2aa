from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import bench_inside, write
from tests.sweeps.fake_runs import document


def test_a_grid_runs_and_the_same_command_goes_on_from_its_file(tmp_path: Path) -> None:
    preset, out, kept = write(tmp_path, document().raw), tmp_path / "sweep.json", tmp_path / "kept.jsonl"
    command = ("sweep", preset, "--vary", "bench.sources.events.load.rate=100,500", "--vary", "plane=python")
    command += ("--over", "rate", "--duration", "0.2", "--metric", "offered", "--resume", str(kept), "--json", str(out))
    finished = bench_inside(*command)
    assert finished.returncode in (0, 3), finished.stderr
    assert "left" in finished.stdout and "2 of 2" in finished.stdout
    written = json.loads(out.read_text())
    assert [axis["path"] for axis in written["axes"]] == ["bench.sources.events.load.rate", "plane"]
    assert written["over"] == "rate" and "rate" in finished.stdout
    slow, fast = (cell["repeats"][0]["metrics"]["offered"] for cell in written["cells"])
    assert slow < fast
    # As after a SIGKILL: the last line is half written, so its trial is made again and the first one is not.
    kept.write_bytes(kept.read_bytes()[:-40])
    again = bench_inside(*command)
    assert again.returncode in (0, 3), again.stderr
    assert "1 of 2" not in again.stdout or "again" in again.stdout
    assert [cell["values"] for cell in json.loads(out.read_text())["cells"]] == [[100, "python"], [500, "python"]]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--vary", "bench.duration_s"),
        ("--vary", "plane=fast"),
        ("--vary", "bench.io_threads=1", "--metric", "x"),
        ("--vary", "bench.io_threads=1", "--over", "x"),
    ],
)
def test_wrong_input_ends_with_2_before_any_run(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    finished = bench_inside("sweep", write(tmp_path, document().raw), *arguments)
    assert (finished.returncode, finished.stdout) == (2, "")
