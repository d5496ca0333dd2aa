"""The writer takes messages from the spools of taps and writes files, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bench_app.measure.counters import read_counters
from bench_app.recording import writer as writer_module
from bench_app.recording.message import RecordedMessage, read_line
from bench_app.recording.tap import Tap, TapOrder
from bench_app.recording.writer import STATUS, STATUS_NAME, Rotation, Writer, WriterSetup


def message(number: int) -> RecordedMessage:
    return RecordedMessage(number, "", "", "", [b"body %d" % number])


def frames_in(path: Path) -> list[Sequence[bytes]]:
    return [read_line(line).frames for line in path.read_bytes().splitlines()]


def test_the_writer_writes_the_messages_of_all_taps_and_counts_them(tmp_path: Path) -> None:
    path, folder = tmp_path / "a.jsonl", tmp_path / "spool"
    folder.mkdir()
    writer = Writer(WriterSetup(str(folder), str(path), wall_offset_ns=1000))
    orders = [TapOrder(str(folder), number, f"h/{number}", has_topic=True) for number in (1, 2)]
    taps = [Tap(order, "e") for order in orders]
    taps[0].send([b"t", b"one"], 5)
    taps[1].send([b"two"], 4)
    for tap in taps:
        tap.close()
    writer.drain()
    counts = [read_counters(order.counters_file) for order in orders]
    assert [(one["taken"], one["written"], one["read_segment"]) for one in counts] == [(1, 1, 1), (1, 1, 1)]
    writer.tell(drained=True)
    writer.rotation.close(None)
    # The oldest first, whatever the tap.
    assert [read_line(line) for line in path.read_bytes().splitlines()] == [
        RecordedMessage(1004, "e", "h/2", "", [b"two"]),
        RecordedMessage(1005, "e", "h/1", "t", [b"t", b"one"]),
    ]
    status = STATUS.read((folder / STATUS_NAME).read_bytes())
    assert (status.files, status.bytes, status.failure, status.drained) == ([str(path)], path.stat().st_size, "", True)


def test_another_file_begins_at_a_size_and_after_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(writer_module.time, "monotonic", lambda: now_s)
    rotation = Rotation(WriterSetup("", str(tmp_path / "a.jsonl"), max_bytes=150, max_s=10.0))
    rotation.open()
    for number in range(3):
        rotation.append([message(number)])
        assert (rotation.written, rotation.lost, rotation.pending) == (number + 1, 0, 0)
    now_s = 111.0
    rotation.append([message(3)])
    rotation.close(None)
    assert (rotation.written, rotation.lost, rotation.pending) == (4, 0, 0)
    names = ["a.jsonl", "a-2.jsonl", "a-3.jsonl"]
    assert rotation.status.files == [str(tmp_path / name) for name in names]
    assert [len(frames_in(tmp_path / name)) for name in names] == [2, 1, 1]
    assert rotation.status.bytes == sum((tmp_path / name).stat().st_size for name in names)


def test_an_error_of_the_disk_is_told_and_the_writer_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 100.0
    monkeypatch.setattr(writer_module.time, "monotonic", lambda: now_s)
    path = tmp_path / "later" / "a.jsonl"
    rotation = Rotation(WriterSetup("", str(path)))
    rotation.append([message(1)])
    assert rotation.failure == f"{path}: No such file or directory"
    path.parent.mkdir()
    rotation.append([message(2)])
    assert (rotation.written, rotation.lost) == (0, 2)
    now_s += writer_module.RETRY_S
    rotation.append([message(3)])
    assert (rotation.written, rotation.lost) == (1, 2)
    rotation.close(None)
    assert frames_in(path) == [[b"body 3"]]
