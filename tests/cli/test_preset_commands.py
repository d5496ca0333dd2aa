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
