"""Reads recorded events from files, one at a time: file -> **records** -> replay source, ``send``, ``check``.

Formats are JSON (one value a line, values one after the other, or one array) and CSV. Compression and encoding are
recognised by the content, and so is the format where the file name does not say it. The readers hold one record at a
time, and :data:`~bench_app.sources.record.MAX_RECORD_BYTES` limits the size of a record.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench_app.errors import SourceError
from bench_app.model import ReplaySource
from bench_app.recording.message import is_recorded_line
from bench_app.sources.compression import BUFFER_BYTES, ENDINGS, decompressed
from bench_app.sources.csv_dialect import delimiter_of, looks_like_table
from bench_app.sources.csv_records import CsvOptions, read_csv
from bench_app.sources.json_records import read_json_array
from bench_app.sources.json_text import read_json_text
from bench_app.sources.long_line import PIECE_BYTES
from bench_app.sources.record import MAX_RECORD_BYTES, BadRecord, BrokenFileError, ByteFile, Record
from bench_app.sources.recording_records import MCAP_MAGIC, read_mcap_messages, read_recording
from bench_app.sources.text_encoding import as_utf8
from bench_app.untrusted.json_reader import ANY_JSON, BadJsonError

_FORMAT_ENDINGS = {
    **{".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".geojsonl": "jsonl", ".json-seq": "jsonl"},
    **{".csv": "csv", ".tsv": "csv", ".tab": "csv"},
}
_UNITS = {"jsonl": "line", "json": "element", "csv": "line", "recording": "line"}
_READERS: dict[str, Callable[[ByteFile], Iterator[Record | BadRecord]]] = {
    "jsonl": read_json_text,
    "json": read_json_array,
    "recording": read_recording,
}
NO_CSV_OPTIONS = CsvOptions()
FORMAT_NAMES = {
    "jsonl": "JSON, one value after the other",
    "json": "JSON array",
    "csv": "CSV",
    "recording": "recording of the bench",
}


@dataclass(frozen=True)
class ReadOptions:
    """What the user says of a file. The defaults leave everything to its name and its content.

    Attributes:
        format: ``jsonl`` (JSON values one after the other), ``json`` (an array, or values), ``csv``, ``recording`` (of
            the bench) or ``auto``.
        csv: the options of a CSV file.
        otherwise: the format if neither name nor content shows it; "" refuses such a file.
    """

    format: str = "auto"
    csv: CsvOptions = NO_CSV_OPTIONS
    otherwise: str = ""


def options_of(spec: ReplaySource) -> ReadOptions:
    """The options of a replay. Raises SourceError if its delimiter cannot be used."""
    delimiter = None if spec.delimiter is None else delimiter_of(spec.delimiter)
    if spec.delimiter is not None and delimiter is None:
        raise SourceError(f"{spec.path}: delimiter: one character or tab was expected")
    rows = range(1, spec.skip_rows + 1) if isinstance(spec.skip_rows, int) else spec.skip_rows
    return ReadOptions(spec.format, CsvOptions(delimiter, frozenset(rows)))


@dataclass(frozen=True)
class RecordFile:
    """An open file of records.

    Attributes:
        format: ``jsonl``, ``json``, ``csv`` or ``recording``.
        encoding: the name of the encoding of its text.
        compression: the name of its compression; "" if it has none.
        size: the bytes of the file; 0 if they are not known.
        records: reads the records, one at a time.
        bytes_read: the number of bytes read from the file so far.
    """

    format: str
    encoding: str
    compression: str
    size: int
    records: Iterator[Record | BadRecord]
    bytes_read: Callable[[], int]

    @property
    def unit(self) -> str:
        """The name of a record's number in messages."""
        return _UNITS[self.format]


def read_records(path: Path, options: ReadOptions = ReadOptions()) -> Iterator[Record | BadRecord]:
    """All records of a file. Raises SourceError if the file cannot be read, or not to its end."""
    with open_records(path, options) as file:
        yield from file.records


def begins_as_recording(path: Path) -> bool:
    """Whether the first line of a file is a recorded message, or the file has messages in MCAP.

    Only this line is read, as the first value of a file can be an array of all its events. Raises SourceError if the
    file cannot be read.
    """
    with _errors_of(str(path)):
        _check_is_regular_file(path)
        with path.open("rb", buffering=0) as raw, io.BufferedReader(raw, BUFFER_BYTES) as file:
            plain, _ = decompressed(file)
            if plain.peek(1).startswith(MCAP_MAGIC):
                return next(read_mcap_messages(plain), None) is not None
            text, _ = as_utf8(plain)
            if not text.peek(1).lstrip().startswith(b"{"):
                return False
            lines = iter(lambda: text.readline(PIECE_BYTES), b"")
            head = next((line for line in lines if line.strip()), b"")
            if len(head) == PIECE_BYTES and not head.endswith(b"\n") and b'"frames"' in head:
                head += text.readline(MAX_RECORD_BYTES)
            return is_recorded_line(head)


@contextmanager
def open_records(
    path: Path, options: ReadOptions = ReadOptions(), emit: Callable[[str], None] = lambda note: None
) -> Iterator[RecordFile]:
    """Open a file of records, and close it at the end.

    ``emit`` gets a message for each thing that is read otherwise than it is written. Raises SourceError if the file
    cannot be read, also within the ``with`` block.
    """
    with _errors_of(str(path)):
        _check_is_regular_file(path)
        with path.open("rb", buffering=0) as raw, io.BufferedReader(raw, BUFFER_BYTES) as file:
            yield record_file(file, path.name, options, emit, raw.tell)


@contextmanager
def open_stream(
    stream: io.BufferedReader[Any], name: str, file_name: str = "", options: ReadOptions = ReadOptions()
) -> Iterator[RecordFile]:
    """The records of an open stream, such as a pipe, whose bytes are read as they come. Raises SourceError.

    ``name`` is for messages. ``file_name`` may show the format.
    """
    with _errors_of(name):
        # What is read of a pipe is not known, nor needed: it has no size.
        bytes_read = stream.raw.tell if stream.seekable() else lambda: 0
        yield record_file(stream, file_name, options, lambda note: None, bytes_read)


def record_file(
    raw: io.BufferedReader[Any],
    name: str,
    options: ReadOptions,
    emit: Callable[[str], None],
    bytes_read: Callable[[], int],
) -> RecordFile:
    """The records of an open file, by its name and its content. Raises BrokenFileError."""
    plain, compression = decompressed(raw)
    size = os.fstat(raw.fileno()).st_size if _has_descriptor(raw) else 0
    if plain.peek(1).startswith(MCAP_MAGIC):
        return RecordFile("recording", "MCAP", compression, size, read_mcap_messages(plain), bytes_read)
    text, encoding = as_utf8(plain)
    found = find_format(name, text.peek(1), options.format, options.otherwise)
    records = read_csv(text, options.csv, emit) if found == "csv" else _READERS[found](text)
    return RecordFile(found, encoding, compression, size, records, bytes_read)


def find_format(name: str, head: bytes, wanted: str = "auto", otherwise: str = "") -> str:
    """The format of a file that begins with ``head``; raises BrokenFileError if neither name nor content shows it."""
    stem = name.lower()
    for ending in ENDINGS:
        stem = stem.removesuffix(ending)
    named = wanted if wanted != "auto" else _FORMAT_ENDINGS.get(Path(stem).suffix)
    start = head.lstrip()
    if named == "csv" and wanted == "auto" and _begins_as_json(start):
        named = None
    if named in ("csv", "recording") or (named == "jsonl" and wanted != "auto"):
        return named
    if start.startswith((b"{", b"\x1e")):
        return "jsonl"
    if start.startswith(b"["):
        return "jsonl" if (named or otherwise) == "jsonl" and _has_arrays_as_lines(start) else "json"
    if named is not None:
        return named
    if not start:
        return "jsonl"
    if looks_like_table(_whole_lines(head)):
        return "csv"
    if otherwise:
        return otherwise
    raise BrokenFileError(
        "no format fits its name or its content; expected .jsonl, .ndjson, .json or .csv (or set format)"
    )


def _begins_as_json(head: bytes) -> bool:
    """Whether a file begins with a JSON object, or with an array of objects. The header of a table does not."""
    return re.match(rb'\[?\s*\{\s*"', head) is not None


def _has_arrays_as_lines(head: bytes) -> bool:
    """Whether each line is a value of its own: the first one is, and it is not an array of all events."""
    first, _, rest = head.partition(b"\n")
    try:
        value = ANY_JSON.read(first)
    except BadJsonError:
        return False
    return bool(rest.strip()) or not (isinstance(value, list) and all(isinstance(item, dict) for item in value))


def _whole_lines(head: bytes) -> list[str]:
    lines = head.decode("utf-8", "surrogateescape").splitlines(keepends=True)[:50]
    return lines if len(lines) < 2 or lines[-1].endswith("\n") else lines[:-1]


def _has_descriptor(file: io.BufferedReader[Any]) -> bool:
    try:
        file.fileno()
    except OSError:
        return False
    return True


@contextmanager
def _errors_of(name: str) -> Iterator[None]:
    """Errors of reading as a SourceError that names the file."""
    try:
        yield
    except FileNotFoundError:
        raise SourceError(f"{name}: there is no such file") from None
    except BrokenFileError as error:
        raise SourceError(f"{name}: {error}") from error
    except OSError as error:
        raise SourceError(f"{name}: cannot be read: {error.strerror or error}") from error


def _check_is_regular_file(path: Path) -> None:
    if path.is_dir():
        raise SourceError(f"{path}: this is a folder; a replay reads a file")
    # Opening a pipe without a writer would block for ever, and a device such as /dev/zero has no end.
    if path.exists() and not path.is_file():
        raise SourceError(f"{path}: a pipe or a device; a replay reads a file")
