"""Records of CSV files: a row -> a JSON object whose keys are the names in the header."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from json.encoder import encode_basestring as _quoted

from bench_app.sources.csv_dialect import Dialect, find_dialect
from bench_app.sources.record import BadRecord, BrokenFileError, ByteFile, Record, SkipReason, read_lines

MAX_CELL_CHARS = 4 * 1024 * 1024
"""Longer than any real cell. It limits the cell that begins at a quote that is never closed."""
_DIALECT_LINES = 50
_DIALECT_BYTES = 256 * 1024
"""The dialect is found in the first lines, up to one of these limits."""
_JSON_LITERAL = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null", re.ASCII)
_LITERAL_STARTS = frozenset("-0123456789tfn")
_COMMA_NUMBER = re.compile(r"-?(?:0|[1-9]\d*),\d+(?:[eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class CsvOptions:
    """What the user says of a CSV file.

    Attributes:
        delimiter: the character between two cells; None finds it.
        skip_rows: the numbers of lines, from 1, that are neither header nor events.
    """

    delimiter: str | None = None
    skip_rows: frozenset[int] = frozenset()


def read_csv(
    file: ByteFile, options: CsvOptions = CsvOptions(), emit: Callable[[str], None] = lambda note: None
) -> Iterator[Record | BadRecord]:
    """A record for each row after the header. Raises BrokenFileError if the header cannot be read.

    ``emit`` gets a message for each thing that is read otherwise than it is written, such as a column without a name.
    """
    # csv has only one limit, for the whole process. No other code of the bench reads CSV.
    csv.field_size_limit(MAX_CELL_CHARS)
    lines = read_lines(file)
    first = list(_first_lines(lines))
    dialect = find_dialect([_decoded(line) for line in first], options.delimiter, options.skip_rows)
    if dialect.comments:
        emit(f"skipped {_format_lines(dialect.comments)} before the header: a comment")
    too_long: list[BadRecord] = []
    rows = csv.reader(
        _text_lines(itertools.chain(first, lines), dialect, too_long),
        delimiter=dialect.delimiter,
        skipinitialspace=dialect.has_blanks,
    )
    literal = _literal_with_comma if dialect.has_decimal_comma else _literal
    keys: list[str] = []
    prefixes: list[str] = []
    while True:
        try:
            row = next(rows)
        except StopIteration:
            yield from too_long
            return
        except csv.Error as error:
            if not keys:
                raise BrokenFileError(f"the CSV header cannot be read: {_reason(error)}") from error
            yield BadRecord(rows.line_num, _reason(error), SkipReason.BAD_ROW)
            continue
        if too_long and not keys:
            raise BrokenFileError(f"the CSV header cannot be read: {too_long[0].message}")
        yield from too_long
        too_long.clear()
        if not row or (len(row) == 1 and not keys and not row[0].strip()):
            continue
        if not keys:
            keys = _header(row, emit)
            prefixes = [f"{key}:" for key in keys]
        elif (cells := _as_many_as(row, keys)) is None:
            message = f"{len(row)} cells, while the header has {len(keys)}"
            yield BadRecord(rows.line_num, message, SkipReason.BAD_ROW)
        else:
            yield _row_record(rows.line_num, prefixes, cells, literal)


def _reason(error: csv.Error) -> str:
    if "new-line" in str(error):
        return "a carriage return in it has no line feed after it; expected lines that end with a line feed"
    return str(error)


def _as_many_as(row: list[str], keys: list[str]) -> list[str] | None:
    """The cells of a row without the empty ones beyond the header, as of a last delimiter; None if they do not fit."""
    if len(row) > len(keys) and not any(row[len(keys) :]):
        return row[: len(keys)]
    return row if len(row) == len(keys) else None


def _first_lines(lines: Iterator[Record | BadRecord]) -> Iterator[Record | BadRecord]:
    size = 0
    for line in itertools.islice(lines, _DIALECT_LINES):
        yield line
        size += len(line.text) if isinstance(line, Record) else 0
        if size > _DIALECT_BYTES:
            return


def _decoded(line: Record | BadRecord) -> str:
    return line.text.decode("utf-8", "surrogateescape") if isinstance(line, Record) else ""


def _text_lines(lines: Iterator[Record | BadRecord], dialect: Dialect, too_long: list[BadRecord]) -> Iterator[str]:
    is_marked = dialect.has_marked_header
    for line in lines:
        if isinstance(line, BadRecord):
            too_long.append(line)
        # An empty line instead of a skipped line keeps the line numbers of csv.reader right.
        text = "\n" if line.number in dialect.skipped else _decoded(line) or "\n"
        if is_marked and text.strip():
            is_marked, text = False, text.lstrip().removeprefix("#")
        yield text


def _header(row: list[str], emit: Callable[[str], None]) -> list[str]:
    names: list[str] = []
    for place, given in enumerate((cell.strip() for cell in row), 1):
        name = _own_name(given or f"column_{place}", names, [cell.strip() for cell in row])
        if name != given:
            what = f'has the name "{given}" again' if given else "has no name"
            emit(f'column {place} {what} in the CSV header: it is read as "{name}"')
        names.append(name)
    keys = [json.dumps(name, ensure_ascii=False) for name in names]
    try:
        "".join(keys).encode()
    except UnicodeEncodeError:
        raise BrokenFileError("the CSV header is not UTF-8") from None
    return keys


def _own_name(wanted: str, earlier: Collection[str], given: list[str]) -> str:
    """The wanted name, with a number after it if an earlier column has that name."""
    if wanted not in earlier:
        return wanted
    return next(
        name for number in itertools.count(2) if (name := f"{wanted}_{number}") not in earlier and name not in given
    )


def _row_record(number: int, prefixes: list[str], row: list[str], literal: Callable[[str], str]) -> Record | BadRecord:
    """The event of a row. ``prefixes``: the text before each value, which is its key and a colon."""
    # Most texts begin like no literal or are plain digits, so that no expression needs to look at them.
    cells = [
        prefix
        + (
            text
            if text.isdigit() and text[0] != "0" and text.isascii()
            else literal(text)
            if text[:1] in _LITERAL_STARTS
            else _quoted(text)
        )
        for prefix, text in zip(prefixes, row, strict=True)
    ]
    try:
        return Record(number, f"{{{','.join(cells)}}}".encode())
    except UnicodeEncodeError:
        return BadRecord(number, "not UTF-8", SkipReason.NOT_UTF8)


def _literal(text: str) -> str:
    """A cell as JSON text: a number (digits unchanged), true, false or null if the cell spells one, else a string."""
    return text if _JSON_LITERAL.fullmatch(text) else _quoted(text)


def _literal_with_comma(text: str) -> str:
    """The same, where a number may have a comma before its fraction."""
    return text.replace(",", ".") if "," in text and _COMMA_NUMBER.fullmatch(text) else _literal(text)


def _format_lines(numbers: tuple[int, ...]) -> str:
    return f"line {numbers[0]}" if len(numbers) == 1 else f"lines {numbers[0]} to {numbers[-1]}"
