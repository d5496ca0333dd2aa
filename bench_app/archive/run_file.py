"""A kept run as one file: archive -> **run file** -> archive of a colleague, report.

The file is a line with the name of the format, and after it the run: msgpack, compressed with zlib. It has everything
that the archive has, with the time series and the distributions.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import msgspec

from bench_app.archive.records import LabelledRun
from bench_app.archive.stored_record import StoredRecord
from bench_app.archive.unpacking import unpack
from bench_app.engine.result import Outcome
from bench_app.errors import InputError
from bench_app.untrusted.visible_text import visible

ENDING = ".zmqrun"
FORMAT = b"zmq-bench-kept-run/1\n"
MOST_BYTES = 256 * 1024 * 1024
"""The most memory that the run of a file may take when it is read."""


class _StoredRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it is in the file."""

    record: StoredRecord
    name: str
    title: str = ""
    interrupted: bool = False
    note: str = ""
    tags: tuple[str, ...] = ()


def run_file_bytes(run: LabelledRun) -> bytes:
    """The bytes of the file."""
    stored = _StoredRun(
        record=StoredRecord.of(run.record),
        name=run.name,
        title=run.title,
        interrupted=run.interrupted,
        note=run.note,
        tags=run.tags,
    )
    return FORMAT + zlib.compress(msgspec.msgpack.encode(stored), 6)


def is_run_file(file: Path) -> bool:
    """Whether a file is a run file, by its first bytes."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(FORMAT)) == FORMAT
    except OSError:
        return False


def read_run_file(file: Path) -> LabelledRun:
    """The run of a file. Raises InputError."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}") from error
    if not data.startswith(FORMAT):
        raise InputError(f"{file} is no file of a kept run")
    try:
        return _run_of(data[len(FORMAT) :])
    except (zlib.error, msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InputError(f"{file} is damaged: {visible(str(error))}") from error


def _run_of(packed: bytes) -> LabelledRun:
    unzip = zlib.decompressobj()
    plain = unzip.decompress(packed, MOST_BYTES)
    if not unzip.eof:
        raise ValueError(f"it is cut off, or longer than {MOST_BYTES:,} bytes")
    stored = unpack(plain, _StoredRun)
    return LabelledRun(
        # A run file has a record of the present version, which has its own outcome.
        record=stored.record.as_record(Outcome.INTERRUPTED if stored.interrupted else Outcome.PASS),
        name=stored.name,
        title=stored.title,
        interrupted=stored.interrupted,
        note=stored.note,
        tags=stored.tags,
    )
