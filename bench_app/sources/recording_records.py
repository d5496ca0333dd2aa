"""Recordings of the bench as a replay source: file of ``--record`` -> **record** -> replay source.

A record is a line as it is in a recording in JSON Lines, so that times are read as those of any other event. Messages
of MCAP become such lines. The handler's port makes the frames of a line; see :mod:`bench_app.handlers.recorded_port`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO, Any

from bench_app.recording.message import RecordedLine, read_line
from bench_app.sources.record import BadRecord, BrokenFileError, ByteFile, Record, SkipReason, read_lines
from bench_app.untrusted.json_reader import BadJsonError

MCAP_MAGIC = b"\x89MCAP0\r\n"
"""The beginning of an MCAP file."""


def read_recording(file: ByteFile) -> Iterator[Record | BadRecord]:
    """A record for each recorded message. A recording may end within a message if its writer was killed."""
    for record in read_lines(file):
        if isinstance(record, BadRecord) or not record.text.strip():
            if isinstance(record, BadRecord):
                yield record
            continue
        try:
            message = read_line(record.text)
        except BadJsonError as error:
            yield BadRecord(record.number, f"no recorded message: {error}", SkipReason.NOT_JSON)
        else:
            yield Record(record.number, RecordedLine.of(record.text, message))


def read_mcap_messages(file: IO[Any]) -> Iterator[Record]:
    """A record for each message of an MCAP file. Raises BrokenFileError."""
    try:
        from mcap.exceptions import McapError

        from bench_app.recording.mcap_file import read_mcap
    except ImportError:
        raise BrokenFileError('MCAP needs the package mcap (pip install "zmq-bench[mcap]" installs it)') from None
    try:
        for number, message in enumerate(read_mcap(file), start=1):
            yield Record(number, RecordedLine.of(message.to_line(), message))
    except (McapError, ValueError, LookupError, struct.error) as error:
        raise BrokenFileError(f"the MCAP data are broken: {error}") from error
