"""Records of CSV files: a row -> a JSON object whose keys are the names in the header."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator

from bench_app.sources.record import BadRecord, BrokenFileError, ByteFile, Record, SkipReason, read_lines

MAX_CELL_CHARS = 4 * 1024 * 1024
"""Longer than any real cell. It limits the cell that begins at a quote that is never closed."""
_JSON_LITERAL = re.compile(r"true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def read_csv(file: ByteFile) -> Iterator[Record | BadRecord]:
    """A record for each row after the header. Raises BrokenFileError if the header cannot be read."""
    # csv has only one limit, for the whole process. No other code of the bench reads CSV.
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
                raise BrokenFileError(f"the CSV header cannot be read: {error}") from error
            yield BadRecord(rows.line_num, str(error), SkipReason.BAD_ROW)
            continue
        if too_long and not keys:
            raise BrokenFileError(f"the CSV header cannot be read: {too_long[0].message}")
        yield from too_long
        too_long.clear()
        if not row:
            continue
        if not keys:
            keys = _header(row)
        elif len(row) != len(keys):
            message = f"{len(row)} cells, while the header has {len(keys)}"
            yield BadRecord(rows.line_num, message, SkipReason.BAD_ROW)
        else:
            yield _row_record(rows.line_num, keys, row)


def _text_lines(file: ByteFile, too_long: list[BadRecord]) -> Iterator[str]:
    for line in read_lines(file):
        if isinstance(line, BadRecord):
            too_long.append(line)
            # An empty line instead of the skipped line keeps the line numbers of csv.reader right.
            yield "\n"
        else:
            yield line.text.decode("utf-8", "surrogateescape")


def _header(row: list[str]) -> list[str]:
    names = [name.strip() for name in row]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise BrokenFileError(f'the CSV header has the column "{name}" twice')
    keys = [json.dumps(name, ensure_ascii=False) for name in names]
    try:
        "".join(keys).encode()
    except UnicodeEncodeError:
        raise BrokenFileError("the CSV header is not UTF-8") from None
    return keys


def _row_record(number: int, keys: list[str], row: list[str]) -> Record | BadRecord:
    event = ",".join([f"{key}:{_cell(cell)}" for key, cell in zip(keys, row, strict=True)])
    try:
        return Record(number, f"{{{event}}}".encode())
    except UnicodeEncodeError:
        return BadRecord(number, "not UTF-8", SkipReason.NOT_UTF8)


def _cell(text: str) -> str:
    """A cell as JSON text: a number (digits unchanged), true, false or null if the cell spells one, else a string."""
    return text if _JSON_LITERAL.fullmatch(text) else json.dumps(text, ensure_ascii=False)
