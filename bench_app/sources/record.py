"""A record of a file, and the reader of lines: file -> **record** -> replay source."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple, Protocol

from bench_app.untrusted.json_reader import MAX_BYTES

MAX_RECORD_BYTES = MAX_BYTES
_SKIP_BYTES = 1024 * 1024


class Record(NamedTuple):
    """A record of a file: its line number or its position in the array, both from 1, and its JSON text."""

    number: int
    text: bytes


class SkipReason(StrEnum):
    """Why a record is no event, as a key of the result."""

    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    NOT_UTF8 = "not_utf8"
    BENCH_KEY = "bench_key"
    """It has the key of the stamp."""
    NO_TIME = "no_time"
    UNREADABLE_TIME = "unreadable_time"
    OVER_LIMIT = "over_limit"
    """It is too long, or nested too deeply."""
    NO_SINK = "no_sink"
    """It does not name its sink, though the source has a field for it."""
    BAD_ROW = "bad_row"
    """It is no row of its CSV file."""


class BadRecord(NamedTuple):
    """A record that is not an event, and the reason: as a message, and as what the result counts it by."""

    number: int
    message: str
    reason: SkipReason


class ByteFile(Protocol):
    """The methods of a file opened for reading bytes that the readers use."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; b"" at the end."""
        ...

    def readline(self, size: int = -1, /) -> bytes:
        """A line with its end, or its first ``size`` bytes."""
        ...


class BrokenFileError(Exception):
    """The file does not have its format, or is incomplete."""


def read_lines(file: ByteFile) -> Iterator[Record | BadRecord]:
    """All lines with their ends. A line longer than MAX_RECORD_BYTES is skipped in pieces, so it is never in memory."""
    number = 0
    while line := file.readline(MAX_RECORD_BYTES):
        number += 1
        if len(line) < MAX_RECORD_BYTES or line.endswith(b"\n"):
            yield Record(number, line)
            continue
        while (rest := file.readline(_SKIP_BYTES)) and not rest.endswith(b"\n"):
            pass
        yield BadRecord(number, f"longer than {MAX_RECORD_BYTES:,} bytes", SkipReason.OVER_LIMIT)
