"""Messages on disk, as they came: tap -> **spool** -> writer process -> file.

To write a message in its format costs several times as much as to receive it, so the writer process does that when the
processors have nothing else to do. Until then the messages are in the spool: for each tap a row of files, *segments*,
in a folder beside the recording. The writer removes each segment that it has read.

A segment has *blocks*. A block begins with its mark, how many messages it has, and its length; zeros follow it up to a
multiple of ALIGNMENT. A message in a block is the time of its receipt and, for each frame, twice its length, its bytes,
and 1 more in the length if a frame follows.

Large blocks go to the disk without the kernel's copy of them, which would cost as much as the rest of a recording.
"""

from __future__ import annotations

import contextlib
import errno
import os
import struct
import time
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path

ALIGNMENT = 4096
BLOCK_HEAD = struct.Struct("=4sIQ")
BLOCK_MARK = b"ZBB1"
SEGMENT_BYTES = 64 * 1024 * 1024
RETRY_S = 1.0
"""How long the spool waits before it tries again to write after an error."""
_DIRECT_FROM = 128 * 1024
"""Smaller blocks are copied by the kernel: many of them wait for the disk less often."""
_TIME = struct.Struct("=q")
_LENGTH = struct.Struct("=Q")


class TapSlot(IntEnum):
    """The counters of a tap, shared by tap, spool and writer process.

    The tap counts OFFERED (messages received), SKIPPED (messages for which the spool had no room) and QUEUED_BYTES. The
    spool counts SPOOLED (messages), SPOOLED_BYTES (written or given up), SEGMENT and SEGMENT_BYTES (where the next
    block goes), and ERROR (the last error number of the disk). The writer counts TAKEN (messages read), WRITTEN
    (messages in the recording), READ_SEGMENT and READ_BYTES (what is in the recording, or is lost, up to there).
    """

    OFFERED = 0
    SKIPPED = 1
    QUEUED_BYTES = 2
    SPOOLED = 3
    SPOOLED_BYTES = 4
    SEGMENT = 5
    SEGMENT_BYTES = 6
    ERROR = 7
    TAKEN = 8
    WRITTEN = 9
    READ_SEGMENT = 10
    READ_BYTES = 11


SPOOLED, SPOOLED_BYTES = int(TapSlot.SPOOLED), int(TapSlot.SPOOLED_BYTES)
SEGMENT, SEGMENT_END, ERROR = int(TapSlot.SEGMENT), int(TapSlot.SEGMENT_BYTES), int(TapSlot.ERROR)
READ_SEGMENT, READ_BYTES = int(TapSlot.READ_SEGMENT), int(TapSlot.READ_BYTES)


class SpoolWriter:
    """Writes the blocks of one tap. ``slots`` are its counters; ``path`` is the segments' path without their number.

    Errors of the disk are counted: the messages of the block are lost, and the spool tries again after RETRY_S.
    """

    def __init__(self, path: Path, slots: memoryview[int]) -> None:
        self._path = path
        self._slots = slots
        self._file = self._direct = -1
        self._may_be_direct = hasattr(os, "O_DIRECT")
        self._retry_s = 0.0

    def write(self, block: memoryview, count: int) -> None:
        """Write a block of ``count`` messages, whose length is a multiple of ALIGNMENT. Raises no OSError."""
        if time.monotonic() < self._retry_s:
            return
        slots = self._slots
        try:
            if self._file < 0 or slots[SEGMENT_END] >= SEGMENT_BYTES:
                self._next_segment()
            self._write(block, slots[SEGMENT_END])
        except OSError as error:
            slots[ERROR] = error.errno or errno.EIO
            self._retry_s = time.monotonic() + RETRY_S
            self._cut()
            return
        slots[SEGMENT_END] += len(block)
        slots[SPOOLED] += count

    def close(self) -> None:
        """Close the files. A second call does nothing."""
        for file in (self._file, self._direct):
            if file >= 0:
                os.close(file)
        self._file = self._direct = -1

    def _next_segment(self) -> None:
        self.close()
        number = self._slots[SEGMENT] + 1
        path = segment_path(self._path, number)
        # A segment of an earlier try may be left.
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        # A reader that sees the new number finds no end of the former segment beside it.
        self._slots[SEGMENT_END] = 0
        self._slots[SEGMENT] = number
        if self._may_be_direct:
            # Not every file system can do it.
            with contextlib.suppress(OSError):
                self._direct = os.open(path, os.O_WRONLY | os.O_DIRECT)

    def _write(self, block: memoryview, at: int) -> None:
        is_direct = self._direct >= 0 and len(block) >= _DIRECT_FROM
        left = block
        while left:
            try:
                written = os.pwrite(self._direct if is_direct else self._file, left, at)
            except OSError as error:
                if not is_direct or error.errno != errno.EINVAL:
                    raise
                # The block, or what is left of it, is not where the disk can read it.
                is_direct, written = False, 0
            left, at = left[written:], at + written

    def _cut(self) -> None:
        """Free the space of a block that was written in part."""
        if self._file >= 0:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._slots[SEGMENT_END])


class SpoolReader:
    """Reads the blocks of one tap, also while they are written; see :class:`SpoolWriter`.

    It begins behind what is settled. Of a tap that was killed within a block, the block is left out.
    """

    def __init__(self, path: Path, slots: memoryview[int]) -> None:
        self._path = path
        self._slots = slots
        self._segment = slots[READ_SEGMENT]
        self._at = slots[READ_BYTES]
        self._file = -1
        self._next: tuple[int, int, int] | None = None

    @property
    def position(self) -> tuple[int, int]:
        """The segment and the place in it up to which blocks were taken."""
        return self._segment, self._at

    def next_ns(self) -> int | None:
        """When the first message of the next block was received; None without a block."""
        if self._next is None:
            self._next = self._find()
        return None if self._next is None else self._next[0]

    def take(self) -> list[tuple[int, list[bytes]]]:
        """The messages of the next block. Only after :meth:`next_ns` has found one."""
        assert self._next is not None
        _, length, padded = self._next
        block = os.pread(self._file, length, self._at)
        self._at += padded
        self._next = None
        return messages_of(block)

    def settle(self, position: tuple[int, int]) -> None:
        """Remember that everything up to a former :attr:`position` needs no reading again, and remove its segments."""
        before = self._slots[READ_SEGMENT]
        self._slots[READ_SEGMENT], self._slots[READ_BYTES] = position
        for number in range(before, position[0]):
            segment_path(self._path, number).unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _find(self) -> tuple[int, int, int] | None:
        """The time, the length and the padded length of the next block."""
        while True:
            # The number first: see SpoolWriter.
            newest = self._slots[SEGMENT]
            is_complete = self._segment < newest
            if self._file < 0 and self._segment:
                with contextlib.suppress(FileNotFoundError):
                    self._file = os.open(segment_path(self._path, self._segment), os.O_RDONLY)
            if self._file >= 0:
                end = os.fstat(self._file).st_size
                if not is_complete:
                    end = min(end, self._slots[SEGMENT_END])
                found = self._block_before(end)
                if found is not None:
                    return found
            if not is_complete:
                return None
            self.close()
            self._segment, self._at = self._segment + 1, 0

    def _block_before(self, end: int) -> tuple[int, int, int] | None:
        if self._at + BLOCK_HEAD.size + _TIME.size > end:
            return None
        head = os.pread(self._file, BLOCK_HEAD.size + _TIME.size, self._at)
        mark, _, length = BLOCK_HEAD.unpack_from(head)
        padded = padded_size(length)
        if mark != BLOCK_MARK or self._at + padded > end:
            return None
        (at_ns,) = _TIME.unpack_from(head, BLOCK_HEAD.size)
        return at_ns, length, padded


def segment_path(path: Path, number: int) -> Path:
    """The n-th segment of a tap."""
    return path.with_name(f"{path.name}-{number}.blocks")


def padded_size(length: int) -> int:
    """The length of a block with the zeros that follow it."""
    return -(-length // ALIGNMENT) * ALIGNMENT


def to_block(messages: Sequence[bytes]) -> bytes:
    """A block of messages; see :func:`packed`."""
    content = b"".join(messages)
    length = BLOCK_HEAD.size + len(content)
    head = BLOCK_HEAD.pack(BLOCK_MARK, len(messages), length)
    return b"".join((head, content, bytes(padded_size(length) - length)))


def count_in(block: memoryview) -> int:
    """How many messages a block has."""
    count: int = BLOCK_HEAD.unpack_from(block)[1]
    return count


def packed(frames: Sequence[bytes], received_ns: int) -> bytes:
    """A message as it is in a block."""
    parts = [_TIME.pack(received_ns)]
    last = len(frames) - 1
    for place, frame in enumerate(frames):
        parts += (_LENGTH.pack(2 * len(frame) + (place < last)), frame)
    return b"".join(parts)


def messages_of(block: bytes) -> list[tuple[int, list[bytes]]]:
    """The messages of a block without its zeros: when each was received (``perf_counter_ns``), and its frames."""
    read_time, read_length = _TIME.unpack_from, _LENGTH.unpack_from
    messages: list[tuple[int, list[bytes]]] = []
    at, end = BLOCK_HEAD.size, len(block)
    while at < end:
        (received_ns,) = read_time(block, at)
        at += _TIME.size
        frames: list[bytes] = []
        has_more = True
        while has_more:
            (length,) = read_length(block, at)
            begin = at + _LENGTH.size
            at = begin + (length >> 1)
            frames.append(block[begin:at])
            has_more = length & 1
        messages.append((received_ns, frames))
    return messages
