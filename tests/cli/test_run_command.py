"""``zmq-bench run``: options that change the preset."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.command import bench, write
from tests.runs import preset


def test_options_change_the_preset(tmp_path: Path) -> None:
    arguments = ["--duration", "0.3", "--rate", "500", "--set", "output.handlers.h.config.socket_type=PUB"]
    finished = bench("run", write(tmp_path, preset()), *arguments, "--json", "-", "--quiet")
    handler = json.loads(finished.stdout)["handlers"]["h"]
    assert (handler["socket_type"], handler["offered"]) == ("PUB", 150)


def test_a_misspelt_key_gives_a_note_at_the_run(tmp_path: Path) -> None:
    misspelt = "output.handlers.h.config.high_watermark=5"
    finished = bench("run", write(tmp_path, preset()), "--quiet", "--set", misspelt)
    assert "did you mean high_water_mark?" in finished.stderr
