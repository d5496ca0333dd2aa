"""A recording from its start to its files, with a writer process that is killed or whose disk is full."""

from __future__ import annotations

import os
import resource
import signal
import time
from pathlib import Path

import pytest

from bench_app.errors import InputError
from bench_app.recording import recorder as recorder_module
from bench_app.recording.message import read_line
from bench_app.recording.recorder import Recorder, RecordingSummary, RecordOptions, refuse_bad_file, spool_folder
from bench_app.recording.spool import TapSlot
from bench_app.recording.tap import Tap


def numbers_in(path: Path) -> list[int]:
    return [int(read_line(line).frames[0]) for line in path.read_bytes().splitlines()]


def test_everything_that_was_received_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    recorder = Recorder(RecordOptions(path))
    recorder.wait_ready()
    tap = Tap(recorder.tap("h/one"), "ipc:///x")
    for number in range(2000):
        tap.send([b"%d" % number], number)
    tap.close()
    summary = recorder.drain()
    recorder.finish(b"{}")
    assert numbers_in(path) == list(range(2000))
    assert summary == RecordingSummary([str(path)], 2000, 0, path.stat().st_size, "")
    assert summary.note == f"recorded 2,000 messages in {path}"
    assert not spool_folder(path).exists()


def test_a_killed_writer_leaves_whole_messages_and_the_rest_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    recorder = Recorder(RecordOptions(path))
    recorder.wait_ready()
    tap = Tap(recorder.tap(), "")
    number = 1000
    for sent in range(number):
        tap.send([b"%d" % sent], 1)
    while not tap.slots[TapSlot.WRITTEN]:
        time.sleep(0.01)
    os.kill(recorder.pid, signal.SIGKILL)
    tap.send([b"%d" % number], 1)
    tap.close()
    # As if the kill had come within a line.
    recorder.finish()
    with path.open("ab") as file:
        file.write(b'{"received_ns":1,"frames":["')
    summary = recorder.drain()
    found = numbers_in(path)
    assert found == list(range(len(found)))
    assert (summary.recorded, summary.recorded + summary.not_recorded) == (len(found), number + 1)
    assert "was killed or failed" in summary.reason
    assert " not recorded: the process that writes was killed" in summary.note


def test_a_full_disk_leaves_whole_messages_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    recorder = Recorder(RecordOptions(path))
    resource.prlimit(recorder.pid, resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
    recorder.wait_ready()
    tap = Tap(recorder.tap(), "")
    for number in range(200):
        tap.send([b"%d" % number], 1)
    tap.close()
    summary = recorder.drain()
    recorder.finish()
    found = numbers_in(path)
    assert found == list(range(len(found)))
    assert 0 < len(found) < 200
    assert (summary.recorded, summary.not_recorded) == (len(found), 200 - len(found))
    assert summary.reason == f"{path}: File too large"


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    refuse_bad_file(tmp_path / "a.jsonl")
    with pytest.raises(InputError, match="it is a folder"):
        refuse_bad_file(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        refuse_bad_file(tmp_path / "no" / "a.jsonl")
    with pytest.raises(InputError, match="needs a regular file"):
        refuse_bad_file(Path("/dev/null"))


def test_progress_is_told_and_the_wait_ends_when_it_must(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "PROGRESS_S", 0.0)
    path = tmp_path / "a.jsonl"
    recorder = Recorder(RecordOptions(path))
    recorder.wait_ready()
    os.kill(recorder.pid, signal.SIGSTOP)
    tap = Tap(recorder.tap(), "")
    for number in range(300):
        tap.send([b"%d" % number], 1)
    tap.close()
    told: list[tuple[int, int]] = []
    summary = recorder.drain(lambda done, total: told.append((done, total)), lambda: bool(told))
    recorder.finish()
    assert told[0] == (0, 300)
    assert (summary.recorded, summary.not_recorded) == (0, 300)
    assert spool_folder(path).exists()


def test_a_writer_whose_program_was_killed_completes_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    recorder = Recorder(RecordOptions(path))
    recorder.wait_ready()
    tap = Tap(recorder.tap(), "")
    for number in range(300):
        tap.send([b"%d" % number], 1)
    tap.close()
    # What the end of the program does.
    assert recorder._process.stdin is not None
    recorder._process.stdin.close()
    assert recorder._process.wait(20) == 0
    assert numbers_in(path) == list(range(300))
    assert not spool_folder(path).exists()
