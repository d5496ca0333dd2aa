"""Reads recorded events from files, one at a time: file -> **records** -> replay source.

Formats are JSON Lines, a JSON array and CSV, each plain or gzipped. The readers hold one record at a time, and
:data:`~bench_app.sources.record.MAX_RECORD_BYTES` limits the size of a record.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import NamedTuple

from bench_app.errors import SourceError
from bench_app.sources.csv_records import read_csv
from bench_app.sources.json_records import read_json_array, read_json_lines
from bench_app.sources.record import BadRecord, BrokenFileError, ByteFile, Record
from bench_app.sources.recording_records import read_recording

_BOM = b"\xef\xbb\xbf"
_ENDINGS = ((".jsonl", "jsonl"), (".ndjson", "jsonl"), (".json", "json"), (".csv", "csv"))


class Format(NamedTuple):
    """A file format: the reader of its records, and the name of a record in messages."""

    read: Callable[[ByteFile], Iterator[Record | BadRecord]]
    unit: str


def find_format(path: Path, wanted: str) -> Format:
    """The wanted format. For ``auto`` the file name decides; raises SourceError if the name has no known ending."""
    if wanted in FORMATS:
        return FORMATS[wanted]
    name = path.name.lower().removesuffix(".gz")
    for ending, found in _ENDINGS:
        if name.endswith(ending):
            return FORMATS[found]
    raise SourceError(f"{path}: no format fits this name; expected .jsonl, .ndjson, .json or .csv (or set format)")


def read_records(path: Path, file_format: Format) -> Iterator[Record | BadRecord]:
    """All records of a file. Raises SourceError if the file cannot be read, or not to its end."""
    try:
        _check_is_regular_file(path)
        with _open(path) as file:
            if file.peek(len(_BOM))[: len(_BOM)] == _BOM:
                file.read(len(_BOM))
            yield from file_format.read(file)
    except FileNotFoundError:
        raise SourceError(f"{path}: there is no such file") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceError(f"{path}: the gzip data is broken: {error}") from error
    except BrokenFileError as error:
        raise SourceError(f"{path}: {error}") from error
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from error


def first_record(path: Path, file_format: Format) -> Record | BadRecord | None:
    """The first record of a file; None if it has none. Raises SourceError as :func:`read_records` does."""
    records = read_records(path, file_format)
    try:
        return next(iter(records), None)
    finally:
        if isinstance(records, Generator):
            records.close()


def _check_is_regular_file(path: Path) -> None:
    if path.is_dir():
        raise SourceError(f"{path}: this is a folder; a replay reads a file")
    # Opening a pipe without a writer would block for ever, and a device such as /dev/zero has no end.
    if path.exists() and not path.is_file():
        raise SourceError(f"{path}: a pipe or a device; a replay reads a file")


def _open(path: Path) -> io.BufferedReader | gzip.GzipFile:
    return gzip.GzipFile(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb")


FORMATS: dict[str, Format] = {
    "jsonl": Format(read_json_lines, "line"),
    "json": Format(read_json_array, "element"),
    "csv": Format(read_csv, "line"),
    "recording": Format(read_recording, "line"),
}
