"""``zmq-bench run``: options that change the preset."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from bench_app.data_plane.libzmq import find_libzmq
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


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD")


def test_the_plane_in_python_can_be_chosen(tmp_path: Path) -> None:
    finished = bench("run", write(tmp_path, preset()), "--duration", "0.2", "--plane", "python", "--json", "-")
    machine = json.loads(finished.stdout)["machine"]
    assert (machine["data_plane"], machine["libzmq_path"]) == ("python", find_libzmq().path)


@linux_only
def test_the_workers_run_on_another_libzmq(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Path(find_libzmq().path)
    copy = tmp_path / "libzmq.so.5"
    shutil.copy(original, copy)
    # The copy may need a library that lies beside the original.
    monkeypatch.setenv("LD_LIBRARY_PATH", str(original.parent))
    finished = bench("run", write(tmp_path, preset()), "--duration", "0.2", "--libzmq", str(copy), "--json", "-")
    result = json.loads(finished.stdout)
    assert result["machine"]["libzmq_path"] == str(copy)
    assert result["balanced"] and result["handlers"]["h"]["lost"] == 0


@linux_only
def test_a_file_that_is_no_libzmq_is_wrong_input(tmp_path: Path) -> None:
    text = tmp_path / "libzmq.so"
    text.write_text("not a library")
    path = write(tmp_path, preset())
    finished = bench("run", path, "--libzmq", str(text))
    assert finished.returncode == 2
    assert f"{text} is no libzmq that the workers can use: they use {find_libzmq().path}" in finished.stderr
    finished = bench("run", path, "--libzmq", str(tmp_path / "missing.so"))
    assert (finished.returncode, finished.stderr) == (2, f"zmq-bench: {tmp_path / 'missing.so'} is not a file\n")
