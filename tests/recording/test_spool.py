"""The spool: blocks of messages on disk, written by one process and read by another."""

from __future__ import annotations

import errno
import mmap
import os
from pathlib import Path

import pytest

from bench_app.recording import spool as spool_module
from bench_app.recording.spool import (
    ALIGNMENT,
    BLOCK_HEAD,
    SpoolReader,
    SpoolWriter,
    TapSlot,
    count_in,
    messages_of,
    packed,
    segment_path,
    to_block,
)

Message = tuple[int, list[bytes]]


class Spool:
    """Both ends, with counters of their own."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "tap-1"
        self.slots = memoryview(bytearray(8 * len(TapSlot))).cast("Q")
        self.writer = SpoolWriter(self.path, self.slots)
        self.reader = SpoolReader(self.path, self.slots)

    def write(self, *messages: Message) -> None:
        block = to_block([packed(frames, at_ns) for at_ns, frames in messages])
        self.writer.write(memoryview(block), len(messages))

    def read(self) -> list[Message]:
        found: list[Message] = []
        while self.reader.next_ns() is not None:
            found += self.reader.take()
        return found

    @property
    def segments(self) -> list[str]:
        return sorted(file.name for file in self.path.parent.glob("*.blocks"))


def test_a_block_has_its_messages_in_their_order() -> None:
    block = to_block([packed([b"topic", b"", b"body"], -5), packed([b""], 6)])
    assert len(block) == ALIGNMENT
    assert count_in(memoryview(block)) == 2
    length = BLOCK_HEAD.unpack_from(block)[2]
    assert messages_of(block[:length]) == [(-5, [b"topic", b"", b"body"]), (6, [b""])]


def test_blocks_are_read_while_more_are_written(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    assert spool.read() == []
    spool.write((1, [b"a"]), (2, [b"b", bytes(10_000)]))
    assert spool.reader.next_ns() == 1
    assert spool.read() == [(1, [b"a"]), (2, [b"b", bytes(10_000)])]
    assert spool.read() == []
    spool.write((3, [b"c"]))
    assert spool.read() == [(3, [b"c"])]
    assert spool.slots[TapSlot.SPOOLED] == 3


def test_a_large_block_of_aligned_memory_goes_to_the_disk_as_it_is(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    block = to_block([packed([bytes([number]) * 100_000], number) for number in range(7)])
    aligned = mmap.mmap(-1, len(block))
    aligned[:] = block
    spool.write((5, [b"small"]))
    spool.writer.write(memoryview(aligned), 7)
    # And one that the disk cannot read where it is.
    spool.writer.write(memoryview(b"x" + block)[1:], 7)
    numbers = [at_ns for at_ns, _ in spool.read()]
    assert numbers == [5, *range(7), *range(7)]


def test_a_full_segment_is_followed_by_another_and_removed_when_settled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "SEGMENT_BYTES", 2 * ALIGNMENT)
    spool = Spool(tmp_path)
    for number in range(5):
        spool.write((number, [b"%d" % number]))
    names = [segment_path(spool.path, number).name for number in (1, 2, 3)]
    assert spool.segments == names
    assert spool.reader.next_ns() == 0
    spool.reader.take()
    first = spool.reader.position
    assert [at_ns for at_ns, _ in spool.read()] == [1, 2, 3, 4]
    spool.reader.settle(first)
    assert spool.segments == names
    # Another reader begins where the first was settled.
    assert SpoolReader(spool.path, spool.slots).next_ns() == 1
    spool.reader.settle(spool.reader.position)
    assert spool.segments == names[2:]
    spool.reader.close()
    spool.writer.close()


def test_what_a_killed_writer_left_of_a_block_is_not_read(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write((1, [b"a"]))
    whole = to_block([packed([bytes(10_000)], 2)])
    with segment_path(spool.path, 1).open("ab") as file:
        file.write(whole[:-1])
    assert spool.read() == [(1, [b"a"])]
    # The writer that takes its place begins a segment.
    spool.writer = SpoolWriter(spool.path, spool.slots)
    spool.write((3, [b"c"]))
    assert spool.read() == [(3, [b"c"])]


def test_a_full_disk_loses_whole_blocks_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 100.0
    monkeypatch.setattr(spool_module.time, "monotonic", lambda: now_s)
    spool = Spool(tmp_path)
    spool.write((1, [b"a"]))
    write = os.pwrite

    def half(file: int, data: memoryview, at: int) -> int:
        if len(data) <= ALIGNMENT:
            raise OSError(errno.ENOSPC, "")
        return write(file, data[: len(data) // 2], at)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", half)
        spool.write((2, [bytes(6000)]))
    assert spool.slots[TapSlot.ERROR] == errno.ENOSPC
    assert segment_path(spool.path, 1).stat().st_size == ALIGNMENT
    spool.write((3, [b"c"]))
    now_s += spool_module.RETRY_S
    spool.write((4, [b"d"]))
    assert [at_ns for at_ns, _ in spool.read()] == [1, 4]
    assert spool.slots[TapSlot.SPOOLED] == 2
