"""Results are written whole or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from bench_app.system import files
from bench_app.system.files import write_out


def test_a_full_disk_costs_no_earlier_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write_out(tmp_path, b"result")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_a_folder_that_takes_no_other_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(target: Path, data: bytes) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "run.json").write_bytes(b"first")
    monkeypatch.setattr(files, "_write_beside", denied)
    write_out(tmp_path / "run.json", b"second")
    assert (tmp_path / "run.json").read_bytes() == b"second"
    with pytest.raises(PermissionError):
        write_out(tmp_path / "other.json", b"second")
    assert not (tmp_path / "other.json").exists()
