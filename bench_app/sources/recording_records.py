"""Recordings of the bench as a replay source: file of ``--record`` -> **record** -> replay source.

A record is a line as it is in the file, so that times are read as those of any other event. The handler's port makes
the frames of a line; see :mod:`bench_app.handlers.recorded_port`.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench_app.recording.message import read_line
from bench_app.sources.record import BadRecord, ByteFile, Record, SkipReason, read_lines
from bench_app.untrusted.json_reader import BadJsonError


def read_recording(file: ByteFile) -> Iterator[Record | BadRecord]:
    """A record for each recorded message. A recording may end within a message if its writer was killed."""
    for record in read_lines(file):
        if isinstance(record, BadRecord) or not record.text.strip():
            if isinstance(record, BadRecord):
                yield record
            continue
        try:
            read_line(record.text)
        except BadJsonError as error:
            yield BadRecord(record.number, f"no recorded message: {error}", SkipReason.NOT_JSON)
        else:
            yield record
