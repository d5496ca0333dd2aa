"""What is left of a recording whose processes were killed can be read."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from bench_app.errors import InputError
from bench_app.recording.left_spool import import_spool
from bench_app.recording.message import read_line
from bench_app.recording.recorder import Recorder, RecordOptions, spool_folder
from bench_app.recording.tap import Tap


def numbers_in(path: Path) -> list[int]:
    return [int(read_line(line).frames[0]) for line in path.read_bytes().splitlines()]


def test_what_a_killed_recording_left_is_written_later(tmp_path: Path) -> None:
    path, rest = tmp_path / "a.jsonl", tmp_path / "rest.jsonl"
    recorder = Recorder(RecordOptions(path))
    recorder.wait_ready()
    folder = spool_folder(path)
    with pytest.raises(InputError, match="is in use"):
        import_spool(folder, rest)
    os.kill(recorder.pid, signal.SIGKILL)
    tap = Tap(recorder.tap("h/one"), "e")
    for number in range(100):
        tap.send([b"%d" % number], number)
    tap.close()
    summary = recorder.drain()
    assert summary.reason.endswith(f"; zmq-bench import {folder} -o FILE reads what it left")
    recorder.finish()
    with pytest.raises(InputError, match="is there already"):
        Recorder(RecordOptions(path))
    # As if the user had moved it.
    moved = folder.rename(tmp_path / "moved")
    assert import_spool(moved, rest) == 100
    assert numbers_in(rest) == list(range(100))
    assert read_line(rest.read_bytes().splitlines()[0]).source == "h/one"
    assert not moved.exists()


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not one in which a recording was made"):
        import_spool(tmp_path, tmp_path / "a.jsonl")
