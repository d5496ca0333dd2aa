"""``zmq-bench check``, ``presets`` and ``schema``."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.command import bench_inside, write
from tests.runs import preset


def test_check_lists_all_faults_of_all_files(tmp_path: Path) -> None:
    bad = preset({"socket_type": "DEALER", "high_water_mark": True}, duration_s=-1)
    broken = tmp_path / "broken.json"
    broken.write_text('{\n  "output": {,}\n}')
    finished = bench_inside("check", write(tmp_path, preset()), write(tmp_path, bad, "bad.json"), str(broken))
    assert finished.returncode == 2
    assert "good" in finished.stdout
    for part in ("config.socket_type", '"DEALER"', "config.high_water_mark", "bench.duration_s", "line 2, column"):
        assert part in finished.stderr


def test_schema_and_presets() -> None:
    assert json.loads(bench_inside("schema").stdout)["$schema"]
    assert "slow-joiner" in bench_inside("presets").stdout


def test_a_preset_that_ships_is_printed_to_begin_a_file_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "my.json"
    mine.write_text(bench_inside("presets", "basic-publisher").stdout, encoding="utf-8")
    assert json.loads(mine.read_text())["output"]["handlers"]["zmq-publisher"]["uri"] == "zmq://tcp://*:5555"
    assert bench_inside("check", str(mine)).stdout == f"{mine}: good, 1 enabled handler\n"
    wrong = bench_inside("presets", "basic-publishr")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "did you mean" in wrong.stderr


def test_check_reads_the_files_of_replays(tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_bytes(b'{"t":1700000000,"a":1}\nx\n{"t":1700000002,"b":1}\n')
    (tmp_path / "bad.csv").write_bytes(b"t,a\nsoon,1\n")
    good = preset()
    source = {"kind": "replay", "time_field": "t", "load": {"shape": "recorded"}}
    good["bench"]["sources"] = {"events": source | {"path": "good.jsonl"}}
    bad = preset()
    bad["bench"]["sources"] = {"events": source | {"path": "bad.csv"}}
    finished = bench_inside("check", write(tmp_path, good), write(tmp_path, bad, "bad.json"))
    assert finished.returncode == 2
    for part in (
        "good.jsonl: JSON, one value after the other, UTF-8; 2 events",
        "fields: t, a, b",
        "2023-11-14T22:13:20.000000Z to 2023-11-14T22:13:22.000000Z, 2.000 s to replay",
        "good.jsonl, line 2: not JSON",
        "1 record is no event (1 not JSON)",
        'bad.csv, line 2: no time in the field t: "soon" cannot be read',
    ):
        assert part in finished.stdout
    assert "bad.json: bench.sources.events.path: " in finished.stderr
    assert "no usable event in the file" in finished.stderr
