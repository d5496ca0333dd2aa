"""The files of a recording: writer -> **JSON Lines file** -> disk. It has whole messages only, also on a full disk.

A format is a class with the methods of :class:`RecordingFile`. A file that a killed writer left may end within a
message; :func:`repair_lines` cuts that off.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bench_app.recording.message import RecordedMessage

_TAIL_BYTES = 64 * 1024
_BLOCK_BYTES = 1024 * 1024


class RecordingFile(Protocol):
    """A file of a recording that is open for writing.

    Attributes:
        written: how many messages are in the file.
        pending: how many messages were added after these and are not in the file yet.
        size: the bytes of the file.
    """

    written: int
    pending: int
    size: int

    @property
    def is_broken(self) -> bool:
        """Whether the file takes no more messages after an error."""
        ...

    def append(self, messages: Sequence[RecordedMessage]) -> None:
        """Add messages. Raises OSError if the disk takes no more; the file then ends with a whole message."""
        ...

    def settle(self) -> None:
        """Write the pending messages. Raises OSError as :meth:`append` does."""
        ...

    def close(self, result: bytes | None) -> None:
        """Complete the file, with the result of the run if the format has a place for it. May raise OSError."""
        ...


class JsonLinesFile:
    """A file with a line of JSON for each message; see :mod:`bench_app.recording.message`. Replaces the file."""

    is_broken = False

    def __init__(self, path: Path) -> None:
        self.written = 0
        self.pending = 0
        self.size = 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)

    def append(self, messages: Sequence[RecordedMessage]) -> None:
        """See :class:`RecordingFile`."""
        lines = [message.to_line() for message in messages]
        taken, failure = write_all(self._file, b"".join(lines))
        whole = 0
        for line in lines:
            if whole + len(line) > taken:
                break
            whole += len(line)
            self.written += 1
        self.size += whole
        if failure is not None:
            os.ftruncate(self._file, self.size)
            raise failure

    def settle(self) -> None:
        """See :class:`RecordingFile`. No message is ever pending."""

    def close(self, result: bytes | None) -> None:
        """See :class:`RecordingFile`. JSON Lines have no place for a result."""
        os.close(self._file)


def write_all(file: int, data: bytes) -> tuple[int, OSError | None]:
    """Write to a file descriptor. Returns how many bytes are written, and the error that ended it, if any."""
    taken, left = 0, memoryview(data)
    while taken < len(data):
        try:
            taken += os.write(file, left[taken:])
        except OSError as error:
            return taken, error
    return taken, None


def count_lines(path: Path) -> int:
    """How many whole lines a file has."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK_BYTES), b""))


def repair_lines(path: Path) -> int:
    """Cut off an incomplete last line. Returns how many bytes were cut off."""
    with path.open("r+b") as file:
        size = end = file.seek(0, os.SEEK_END)
        while end:
            begin = max(0, end - _TAIL_BYTES)
            file.seek(begin)
            at = file.read(end - begin).rfind(b"\n")
            if at >= 0:
                end = begin + at + 1
                break
            end = begin
        if end < size:
            file.truncate(end)
    return size - end


def is_mcap(path: Path) -> bool:
    """Whether a recording of this name is MCAP; otherwise it is JSON Lines."""
    return path.suffix.lower() == ".mcap"


def numbered(path: Path, number: int) -> Path:
    """The n-th file of a recording that rotates: ``run.jsonl``, ``run-2.jsonl``, ``run-3.jsonl``."""
    return path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
