"""Results on standard output and in files, or the reason why they cannot be written."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from bench_app.cli.result_file import refuse_unwritable, write_json
from bench_app.errors import BenchError, InputError
from tests.cli.command import COMMAND, bench, write
from tests.runs import preset


def test_standard_output_has_the_result_alone(tmp_path: Path) -> None:
    finished = bench("run", write(tmp_path, preset()), "--json", "-")
    assert json.loads(finished.stdout)["balanced"] is True
    assert "Ledger" in finished.stderr


def test_a_full_disk_at_standard_output_gives_a_message(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        arguments = ["run", write(tmp_path, preset()), "--quiet", "--json", "-"]
        finished = subprocess.run([*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert finished.returncode == 3
    assert "could not be written to standard output" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_file_that_can_be_written_passes(tmp_path: Path) -> None:
    for file in (None, Path("-"), tmp_path / "new.json", Path("/dev/null")):
        refuse_unwritable(file)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder; the result needs a file"):
        refuse_unwritable(tmp_path)
    with pytest.raises(InputError, match=r"the folder of .*r\.json does not exist"):
        refuse_unwritable(tmp_path / "missing" / "r.json")


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(os, "access", lambda path, mode: asked.append(path))
    (tmp_path / "there.json").touch()
    for name in ("there.json", "new.json"):
        with pytest.raises(InputError, match="permission denied"):
            refuse_unwritable(tmp_path / name)
    assert asked == [tmp_path / "there.json", tmp_path], "a new file needs a folder that can be written"


def test_a_result_is_written_to_its_file_and_nothing_without_one(tmp_path: Path) -> None:
    write_json(b"{}\n", None)
    write_json(b"{}\n", tmp_path / "r.json")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"r.json": b"{}\n"}


def test_a_result_that_cannot_be_written_is_an_error_with_its_file() -> None:
    with pytest.raises(BenchError, match="the result could not be written to /dev/full: No space left"):
        write_json(b"{}\n", Path("/dev/full"))
