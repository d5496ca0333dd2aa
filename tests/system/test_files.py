"""Results and presets are written completely or not at all."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from bench_app.errors import SaveError
from bench_app.system import files
from bench_app.system.files import dump_json, write_atomically, write_out


def test_a_full_disk_keeps_the_earlier_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    write_out(tmp_path / "run.json", b"first")
    monkeypatch.setattr(files.os, "fsync", full)
    for name in ("run.json", "other.json"):
        with pytest.raises(OSError, match="No space left"):
            write_out(tmp_path / name, b"second")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"run.json": b"first"}


def test_pipes_and_devices_are_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe, heard = tmp_path / "pipe", []
    os.mkfifo(pipe)
    listener = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    listener.start()
    write_out(pipe, b"result")
    listener.join()
    assert heard == [b"result"] and pipe.is_fifo()
    with pytest.raises(OSError, match="No space left"):
        write_out(Path("/dev/full"), b"result")


def test_a_folder_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write_out(tmp_path, b"result")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_in_a_read_only_folder_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(target: Path, data: bytes) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "run.json").write_bytes(b"first")
    monkeypatch.setattr(files, "_write_beside", denied)
    write_out(tmp_path / "run.json", b"second")
    assert (tmp_path / "run.json").read_bytes() == b"second"
    with pytest.raises(PermissionError):
        write_out(tmp_path / "other.json", b"second")
    assert not (tmp_path / "other.json").exists()


def test_a_preset_is_written_completely_and_keeps_links_and_permissions(tmp_path: Path) -> None:
    target, link = tmp_path / "real.json", tmp_path / "link.json"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (b"new", 0o640)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "real.json"]


@pytest.mark.parametrize("name", ["missing/preset.json", "", "a\0b", "x" * 300])
def test_a_preset_that_cannot_be_written_is_a_save_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(SaveError, match="cannot be written: "):
        write_atomically(tmp_path / name, b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_preset_replaces_no_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SaveError, match="not a regular file"):
        write_atomically(tmp_path / "pipe", b"new")
    assert (tmp_path / "pipe").is_fifo()


def test_json_is_indented_text_with_a_newline_at_the_end() -> None:
    assert dump_json({"é": [1.0]}).decode() == '{\n  "é": [\n    1.0\n  ]\n}\n'
