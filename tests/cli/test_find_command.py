"""``zmq-bench find``: what it prints and writes, and its exit codes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from bench_app.cli.command_console import CommandConsole
from bench_app.cli.find_command import print_found
from bench_app.lab.find import result_of
from bench_app.lab.rate_search import Goal, RateSearch
from tests.cli.command import bench_inside, write
from tests.lab.links import Link, searched
from tests.runs import preset


def test_the_table_has_a_row_for_each_goal_and_the_reasons_below() -> None:
    out = io.StringIO()
    search = searched(RateSearch([Goal(0.0), Goal(0.005)]), Link(1_000_000, bench=20_000))
    print_found(CommandConsole(file=out, width=80), result_of("p", search, "done", 40.0))
    lines = out.getvalue().splitlines()
    assert any(line.startswith(" loss 0 %") and "no result" in line and "bench" in line for line in lines)
    assert any(line.startswith("loss 0.5 %: the bench itself was the limit") for line in lines)
    assert lines[-1] == f"{len(search.readings)} trials in 40 s"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--goal", "latency < 5"], "latency"),
        (["--loss", "2"], "2.0 is not in the range"),
        (["--set", "bench.listeners.h=3"], "bench.listeners.h"),
        (["--resume", "/no/such/folder/file"], "cannot be used"),
        (["--json", "/no/such/folder/file"], "does not exist"),
    ],
)
def test_bad_input_is_a_message(tmp_path: Path, arguments: list[str], message: str) -> None:
    finished = bench_inside("find", write(tmp_path, preset()), *arguments)
    assert finished.returncode == 2
    assert message in finished.stderr


def test_a_search_writes_its_trials_and_goes_on_from_its_file(tmp_path: Path, single_worker: None) -> None:
    # A second is enough for one trial: what follows is that the time is over.
    out, resume = tmp_path / "found.json", tmp_path / "search.jsonl"
    arguments = ["find", write(tmp_path, preset(rate=50)), "--loss", "0", "--max-time", "1", "--trial", "0.6"]
    for rows in (1, 2):
        finished = bench_inside(*arguments, "--resume", str(resume), "--json", str(out))
        assert finished.returncode == 3, finished.stderr
        found = json.loads(out.read_bytes())
        assert found["format"] == "zmq-bench-find/1"
        assert len(found["trials"]) == rows
        assert found["trials"][0]["rate"] == 50
        assert found["ended"] == "time"
    assert "events/s for" not in finished.stdout
