"""Reading recorded events from files, one at a time: file -> **records** -> replay source.

JSON Lines, a JSON array, or CSV, each plain or gzipped. Nothing here holds more than one record, and no record may be
so large that it matters.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import ijson
import msgspec

from bench_app.errors import SourceError

MAX_RECORD_BYTES = 64 * 1024 * 1024
MAX_CELL_CHARS = 4 * 1024 * 1024
"""Longer than any sound cell, and short enough for a quote that is never closed not to swallow the file."""
_BOM = b"\xef\xbb\xbf"
_SKIP_BYTES = 1024 * 1024
_ENDINGS = ((".jsonl", "jsonl"), (".ndjson", "jsonl"), (".json", "json"), (".csv", "csv"))
_MAX_DIGITS = sys.get_int_max_str_digits() or 4300
# An integer that Python refuses to convert crashes the C parser of ijson 3.6 (a segmentation fault), so it must never
# see one. Told by what may stand before a number: within a string, nearly always something else does.
_TOO_MANY_DIGITS = re.compile(rb"(?<=[\s:,\[-])[0-9]{%d}" % (_MAX_DIGITS + 1))
# Every 256th byte tells in a fraction of the time that there is no run of digits so long, in strings or not.
_PROBE_STEP = 256
_MANY_DIGITS = re.compile(rb"[0-9]{%d}" % ((_MAX_DIGITS + 1) // _PROBE_STEP))
_JSON_LITERAL = re.compile(r"true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


class Record(NamedTuple):
    """A record of a file: its number (of the line, or of an array's element, from 1) and its JSON text."""

    number: int
    text: bytes


class BadRecord(NamedTuple):
    """A record that is no event, and why."""

    number: int
    reason: str


class Bytes(Protocol):
    """What a reader asks of a file."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; none at the end."""
        ...

    def readline(self, size: int = -1, /) -> bytes:
        """A line with its end, or its first ``size`` bytes."""
        ...


class Format(NamedTuple):
    """One format of files: how its records are read, and what a record is called."""

    read: Callable[[Bytes], Iterator[Record | BadRecord]]
    unit: str


def find_format(path: Path, wanted: str) -> Format:
    """The format of a file, by name where ``wanted`` is ``auto``; raises SourceError where the name says nothing."""
    if wanted in FORMATS:
        return FORMATS[wanted]
    name = path.name.lower().removesuffix(".gz")
    for ending, found in _ENDINGS:
        if name.endswith(ending):
            return FORMATS[found]
    raise SourceError(f"{path}: no format fits this name; expected .jsonl, .ndjson, .json or .csv (or set format)")


def read_records(path: Path, file_format: Format) -> Iterator[Record | BadRecord]:
    """All records of a file; raises SourceError where the file itself cannot be read (any further)."""
    try:
        _refuse_other_than_files(path)
        with _open(path) as file:
            if file.peek(len(_BOM))[: len(_BOM)] == _BOM:
                file.read(len(_BOM))
            yield from file_format.read(file)
    except FileNotFoundError:
        raise SourceError(f"{path}: there is no such file") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceError(f"{path}: the gzip data is broken: {error}") from error
    except _BrokenFileError as error:
        raise SourceError(f"{path}: {error}") from error
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from error


def _refuse_other_than_files(path: Path) -> None:
    if path.is_dir():
        raise SourceError(f"{path}: this is a folder; a replay reads a file")
    # Opening a pipe nobody writes to, or reading a device, would never come to an end.
    if path.exists() and not path.is_file():
        raise SourceError(f"{path}: a pipe or a device; a replay reads a file")


def _open(path: Path) -> io.BufferedReader | gzip.GzipFile:
    return gzip.GzipFile(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb")


def _lines(file: Bytes) -> Iterator[Record | BadRecord]:
    """All lines with their ends; one too long is passed over without ever being held."""
    number = 0
    while line := file.readline(MAX_RECORD_BYTES):
        number += 1
        if len(line) < MAX_RECORD_BYTES or line.endswith(b"\n"):
            yield Record(number, line)
            continue
        while (rest := file.readline(_SKIP_BYTES)) and not rest.endswith(b"\n"):
            pass
        yield BadRecord(number, f"longer than {MAX_RECORD_BYTES:,} bytes")


def _json_lines(file: Bytes) -> Iterator[Record | BadRecord]:
    for line in _lines(file):
        if isinstance(line, BadRecord):
            yield line
        elif text := line.text.strip():
            yield Record(line.number, text)


class _BrokenFileError(Exception):
    """The file as a whole is not what its format asks for, or breaks off in the middle of it."""


class _Metered:
    """A file that refuses to give more than an element may have; ``spent`` goes back to 0 with every element."""

    def __init__(self, file: Bytes, first: bytes) -> None:
        self._file = file
        self._first = first
        self._tail = b""
        self._refuses = False
        self.spent = 0

    def read(self, size: int = -1) -> bytes:
        if self.spent > MAX_RECORD_BYTES:
            raise _BrokenFileError(f"an element of the array is longer than {MAX_RECORD_BYTES:,} bytes")
        if self._refuses:
            raise _BrokenFileError(f"an element of the array has a number of more than {_MAX_DIGITS:,} digits")
        if not size:  # a parser's way to ask whether these are bytes
            return b""
        data, self._first = self._first or self._file.read(size), b""
        self.spent += len(data)
        return self._up_to_endless_number(data)

    def _up_to_endless_number(self, data: bytes) -> bytes:
        """What stands before a number that is too long: sound elements among it; the next read refuses the rest."""
        seen = self._tail + data
        found = _MANY_DIGITS.search(seen[::_PROBE_STEP]) and _TOO_MANY_DIGITS.search(seen)
        if found is None:
            self._tail = seen[-_MAX_DIGITS - 1 :]
            return data
        self._refuses = True
        # Where its first digits went out before, one more is no harm, while no bytes would mean the file's end.
        return data[: max(1, found.start() - len(self._tail))]


def _json_array(file: Bytes) -> Iterator[Record | BadRecord]:
    first = b" "
    while first and first in b" \t\r\n":
        first = file.read(1)
    if first and first != b"[":
        raise _BrokenFileError('it holds no JSON array; for one event on each line set "format" to "jsonl"')
    metered = _Metered(file, first)
    encoder = msgspec.json.Encoder(decimal_format="number")
    number = 0
    try:
        for value in ijson.items(metered, "item") if first else ():
            metered.spent = 0
            number += 1
            try:
                yield Record(number, encoder.encode(value))
            except (RecursionError, ValueError) as error:
                yield BadRecord(number, f"cannot be read: {error}")
    except ArithmeticError as error:
        raise _BrokenFileError(f"after element {number} the JSON array has a number no computer can hold") from error
    except (ijson.JSONError, ValueError) as error:
        what = error.args[0] if error.args else error
        text = what.decode(errors="replace") if isinstance(what, bytes) else str(what)
        raise _BrokenFileError(
            f"after element {number} the JSON array cannot be read: {' '.join(text.split())[:300]}"
        ) from error


def _csv(file: Bytes) -> Iterator[Record | BadRecord]:
    # A setting of the whole process, but one that only this reader depends on.
    csv.field_size_limit(MAX_CELL_CHARS)
    too_long: list[BadRecord] = []
    rows = csv.reader(_text_lines(file, too_long))
    keys: list[str] = []
    while True:
        try:
            row = next(rows)
        except StopIteration:
            yield from too_long
            return
        except csv.Error as error:
            if not keys:
                raise _BrokenFileError(f"the CSV header cannot be read: {error}") from error
            yield BadRecord(rows.line_num, str(error))
            continue
        if too_long and not keys:
            raise _BrokenFileError(f"the CSV header cannot be read: {too_long[0].reason}")
        yield from too_long
        too_long.clear()
        if not row:
            continue
        if not keys:
            keys = _header(row)
        elif len(row) != len(keys):
            yield BadRecord(rows.line_num, f"{len(row)} cells, while the header has {len(keys)}")
        else:
            yield _row_record(rows.line_num, keys, row)


def _text_lines(file: Bytes, too_long: list[BadRecord]) -> Iterator[str]:
    for line in _lines(file):
        if isinstance(line, BadRecord):
            too_long.append(line)
            # The reader counts the lines it gets, so this one leaves an empty one behind.
            yield "\n"
        else:
            yield line.text.decode("utf-8", "surrogateescape")


def _header(row: list[str]) -> list[str]:
    names = [name.strip() for name in row]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise _BrokenFileError(f'the CSV header has the column "{name}" twice')
    keys = [json.dumps(name, ensure_ascii=False) for name in names]
    try:
        "".join(keys).encode()
    except UnicodeEncodeError:
        raise _BrokenFileError("the CSV header is not UTF-8") from None
    return keys


def _row_record(number: int, keys: list[str], row: list[str]) -> Record | BadRecord:
    event = ",".join([f"{key}:{_cell(cell)}" for key, cell in zip(keys, row, strict=True)])
    try:
        return Record(number, f"{{{event}}}".encode())
    except UnicodeEncodeError:
        return BadRecord(number, "not UTF-8")


def _cell(text: str) -> str:
    """A cell as JSON text: the number, true, false or null that it spells, to the last digit, else a string."""
    return text if _JSON_LITERAL.fullmatch(text) else json.dumps(text, ensure_ascii=False)


FORMATS: dict[str, Format] = {
    "jsonl": Format(_json_lines, "line"),
    "json": Format(_json_array, "element"),
    "csv": Format(_csv, "line"),
}
