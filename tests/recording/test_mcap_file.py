"""Recordings as MCAP, read back by the library ``mcap``."""

from __future__ import annotations

import io
import resource
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mcap", reason="the package mcap is not installed")

from mcap.reader import make_reader

from bench_app.recording.mcap_file import FRAMES, JSON, McapFile, count_messages, read_mcap, repair_mcap
from bench_app.recording.message import RecordedMessage
from bench_app.recording.recorder import Recorder, RecordOptions
from bench_app.recording.tap import Tap

MESSAGES = [
    RecordedMessage(1_000, "tcp://a:1", "h/sub-1", "a.one", [b"a.one", b'{"n":1}']),
    RecordedMessage(2_000, "tcp://a:1", "h/sub-1", "a.two", [b"a.two", b'{"n":2}']),
    RecordedMessage(2_000, "tcp://a:1", "h/sub-1", "a.one", [b"a.one", b'{"n":3}', b"\xff\x00", b""]),
    RecordedMessage(3_000, "ipc:///b", "q/pull-1", "", [b'{"n":4}']),
    RecordedMessage(4_000, "ipc:///b", "q/pull-1", "", [b"no JSON"]),
    RecordedMessage(5_000, "tcp://a:1", "", "joined", [b'joined {"n":5}']),
]


def written(path: Path, result: bytes | None = None) -> McapFile:
    file = McapFile(path)
    file.append(MESSAGES[:3])
    assert (file.written, file.pending) == (0, 3)
    file.settle()
    assert (file.written, file.pending) == (3, 0)
    file.append(MESSAGES[3:])
    file.close(result)
    return file


def test_the_library_reads_channels_messages_and_the_result(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    file = written(path, b'{"verdict":"pass"}')
    assert (file.written, file.size) == (6, path.stat().st_size)
    with path.open("rb") as opened:
        reader = make_reader(opened)
        found = [(c.topic, c.message_encoding, m.log_time, m.data) for _, c, m in reader.iter_messages()]
        assert found[:2] == [("a.one", JSON, 1_000, b'{"n":1}'), ("a.two", JSON, 2_000, b'{"n":2}')]
        assert found[3] == ("q/pull-1", JSON, 3_000, b'{"n":4}')
        assert [encoding for _, encoding, _, _ in found] == [JSON, JSON, FRAMES, JSON, FRAMES, FRAMES]
        (attachment,) = reader.iter_attachments()
        assert (attachment.name, attachment.data) == ("result.json", b'{"verdict":"pass"}')
        summary = reader.get_summary()
        assert summary is not None and summary.statistics is not None
        assert summary.statistics.message_count == 6


def test_reading_gives_the_same_messages(tmp_path: Path) -> None:
    written(tmp_path / "a.mcap")
    with (tmp_path / "a.mcap").open("rb") as file:
        assert list(read_mcap(file)) == MESSAGES
    assert count_messages(tmp_path / "a.mcap") == 6


@pytest.mark.parametrize("cut", [1, 30, 200, 400])
def test_a_file_that_a_killed_writer_left_is_repaired(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.mcap"
    written(path)
    whole = path.read_bytes()
    assert repair_mcap(path) == 0
    path.write_bytes(whole[:-cut])
    assert repair_mcap(path) > 0
    with path.open("rb") as file:
        assert list(read_mcap(file)) == MESSAGES
        file.seek(0)
        assert len(list(make_reader(file).iter_messages())) == 6
    path.write_bytes(b"")
    repair_mcap(path)
    assert list(read_mcap(io.BytesIO(path.read_bytes()))) == []


FULL_DISK = """
import resource, sys
from pathlib import Path
from bench_app.recording.mcap_file import McapFile
from tests.recording.test_mcap_file import MESSAGES
file = McapFile(Path(sys.argv[1]))
file.append(MESSAGES)
file.settle()
resource.setrlimit(resource.RLIMIT_FSIZE, (file.size + 100, resource.RLIM_INFINITY))
file.append(MESSAGES)
try:
    file.settle()
except OSError:
    print(file.written, file.pending, file.is_broken)
file.close(None)
"""


def test_on_a_full_disk_the_file_has_whole_messages(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    # In a process of its own, because the limit is one of the whole process.
    assert subprocess.check_output([sys.executable, "-c", FULL_DISK, str(path)], text=True) == "6 0 True\n"
    with path.open("rb") as file:
        assert list(read_mcap(file)) == MESSAGES
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_the_writer_process_writes_mcap(tmp_path: Path) -> None:
    recorder = Recorder(RecordOptions(tmp_path / "a.mcap"))
    recorder.wait_ready()
    tap = Tap(recorder.tap("h/sub-1", has_topic=True), "tcp://a:1")
    for _ in range(10):
        tap.send([b"a.one", b'{"n":1}'], 1)
    tap.close()
    assert (recorder.drain().recorded, recorder.drain().not_recorded) == (10, 0)
    recorder.finish(b"{}")
    with (tmp_path / "a.mcap").open("rb") as file:
        reader = make_reader(file)
        assert {channel.topic for _, channel, _ in reader.iter_messages()} == {"a.one"}
        assert [attachment.data for attachment in reader.iter_attachments()] == [b"{}"]
