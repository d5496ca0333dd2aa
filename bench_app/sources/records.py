"""Reading recorded events from files, one at a time: file -> **records** -> replay source.

JSON Lines, a JSON array, or CSV, each plain or gzipped. Nothing here holds more than one record.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import ijson
import msgspec

from bench_app.errors import SourceError

MAX_LINE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Record:
    """A record of a file: its place (a line's number, or an element's in an array) and its JSON text."""

    place: str
    text: bytes


@dataclass(frozen=True)
class BadRecord:
    """A record that is no event, and why."""

    place: str
    reason: str


Reader = Callable[[IO[bytes]], Iterator[Record | BadRecord]]


def find_format(path: Path, wanted: str) -> str:
    """The format of a file, by name where ``wanted`` is ``auto``; raises SourceError where the name says nothing."""
    if wanted != "auto":
        return wanted
    name = path.name.lower().removesuffix(".gz")
    for ending, found in ((".jsonl", "jsonl"), (".ndjson", "jsonl"), (".json", "json"), (".csv", "csv")):
        if name.endswith(ending):
            return found
    raise SourceError(f"{path}: no format fits this name; expected .jsonl, .ndjson, .json or .csv (or set format)")


def read_records(path: Path, file_format: str) -> Iterator[Record | BadRecord]:
    """All records of a file; raises SourceError where the file itself cannot be read (any further)."""
    try:
        with _open(path) as file:
            yield from READERS[file_format](file)
    except FileNotFoundError:
        raise SourceError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise SourceError(f"{path}: this is a folder; a replay reads a file") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceError(f"{path}: the gzip data is broken: {error}") from error
    except ijson.JSONError as error:
        raise SourceError(f"{path}: not a JSON array: {' '.join(str(error).split())}") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not UTF-8: {error.reason}") from error
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from error


def _open(path: Path) -> IO[bytes]:
    # The mode is fixed, so the stream is one of bytes, whatever the declared union of gzip.open says.
    return gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def _json_lines(file: IO[bytes]) -> Iterator[Record | BadRecord]:
    number = 0
    while line := file.readline(MAX_LINE_BYTES):
        number += 1
        if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
            _skip_line(file)
            yield BadRecord(f"line {number}", f"longer than {MAX_LINE_BYTES // 1024**2} MiB")
            continue
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        line = line.strip()
        if line:
            yield Record(f"line {number}", line)


def _skip_line(file: IO[bytes]) -> None:
    while (rest := file.readline(1024 * 1024)) and not rest.endswith(b"\n"):
        pass


def _json_array(file: IO[bytes]) -> Iterator[Record | BadRecord]:
    for number, value in enumerate(ijson.items(file, "item", use_float=True), 1):
        yield Record(f"element {number}", msgspec.json.encode(value))


def _csv(file: IO[bytes]) -> Iterator[Record | BadRecord]:
    rows = csv.reader(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""))
    header = next(rows, [])
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRecord(f"line {rows.line_num}", str(error))
            continue
        if not row:
            continue
        if len(row) != len(header):
            yield BadRecord(f"line {rows.line_num}", f"{len(row)} cells, while the header has {len(header)}")
            continue
        event = {name: _cell(cell) for name, cell in zip(header, row, strict=True)}
        yield Record(f"line {rows.line_num}", msgspec.json.encode(event))


def _cell(text: str) -> Any:
    """A cell as the JSON number, true, false or null that it spells, else as a string."""
    if text and (text[0] in "-0123456789" or text in ("true", "false", "null")):
        try:
            return msgspec.json.decode(text)
        except msgspec.MsgspecError:
            return text
    return text


READERS: dict[str, Reader] = {"jsonl": _json_lines, "json": _json_array, "csv": _csv}
