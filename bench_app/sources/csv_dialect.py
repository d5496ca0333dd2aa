"""The dialect of a CSV file, from its first lines: lines -> **dialect** -> rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|")
_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_SEP_LINE = re.compile(r'"?sep=(?P<delimiter>.)"?', re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?", re.ASCII)
_POINT_NUMBER = re.compile(r"[+-]?\d+\.\d+", re.ASCII)


@dataclass(frozen=True)
class Dialect:
    """How the rows of a CSV file are written.

    Attributes:
        delimiter: the character between two cells.
        skipped: the numbers of the lines, from 1, that are no rows: a ``sep=`` line, comments, and what the user names.
        comments: the numbers of the lines that are skipped because they are comments before the header.
        has_decimal_comma: a number has a comma before its fraction.
        has_marked_header: the header begins with ``#``, which is not part of its first name.
        has_blanks: each delimiter of the header has a blank after it, which is not part of a cell.
    """

    delimiter: str
    skipped: frozenset[int] = frozenset()
    comments: tuple[int, ...] = ()
    has_decimal_comma: bool = False
    has_marked_header: bool = False
    has_blanks: bool = False


def delimiter_of(text: str) -> str | None:
    """The delimiter that the user wrote, a character or its name such as ``tab``; None if it is neither."""
    if len(text) == 1 and text not in '"\r\n\0':
        return text
    return _NAMES.get(text.lower())


def find_dialect(lines: Sequence[str], delimiter: str | None = None, skip_rows: Collection[int] = ()) -> Dialect:
    """The dialect of a file that begins with ``lines``.

    ``delimiter`` and ``skip_rows`` (line numbers) are those that the user gives. Otherwise a ``sep=`` line names the
    delimiter, or it is the one that divides most rows as it divides the header.
    """
    skipped = set(skip_rows)
    first = next((number for number, line in enumerate(lines, 1) if line.strip()), 0)
    if first and (found := _SEP_LINE.fullmatch(lines[first - 1].strip("\r\n"))):
        delimiter = delimiter or found["delimiter"]
        skipped.add(first)
    rows = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and number not in skipped]
    comments = _comments(rows)
    table = [line for number, line in rows if number not in comments]
    is_marked = bool(comments) and bool(table) and _is_data(table[0], delimiter)
    if is_marked:
        header = comments.pop()
        table = [line.lstrip().removeprefix("#") if at == header else line for at, line in rows[len(comments) :]]
    delimiter = delimiter or _most_even(table)
    return Dialect(
        delimiter,
        frozenset(skipped | set(comments)),
        tuple(comments),
        delimiter != "," and not (delimiter != ";" and _has_point_numbers(table, delimiter)),
        is_marked,
        _has_blanks(table, delimiter),
    )


def looks_like_table(lines: Sequence[str]) -> bool:
    """Whether the first lines of a file are most likely a table: each row is as wide as the header."""
    dialect = find_dialect(lines)
    widths = [len(row) for row in _rows(_table(lines, dialect), dialect.delimiter)]
    return len(widths) > 1 and widths[0] > 1 and len(set(widths)) == 1


def _table(lines: Sequence[str], dialect: Dialect) -> list[str]:
    return [line for number, line in enumerate(lines, 1) if line.strip() and number not in dialect.skipped]


def _comments(rows: Sequence[tuple[int, str]]) -> list[int]:
    """The lines before the header that begin with ``#``."""
    numbers = []
    for number, line in rows:
        if not line.lstrip().startswith("#"):
            break
        numbers.append(number)
    return numbers


def _is_data(line: str, delimiter: str | None) -> bool:
    """Whether a line cannot be a header, because all of its cells are numbers."""
    (row,) = _rows([line], delimiter or _most_even([line])) or [[]]
    return bool(row) and all(_NUMBER.fullmatch(cell.strip()) for cell in row)


def _most_even(lines: Sequence[str]) -> str:
    best, best_score = ",", (0, 0, 0)
    for delimiter in DELIMITERS:
        rows = _rows(lines, delimiter)
        widths = [len(row) for row in rows]
        if not widths or widths[0] < 2:
            continue
        # A wrong delimiter cuts quoted cells in two, and leaves their quotes inside.
        quotes = sum('"' in cell for row in rows for cell in row)
        score = (widths.count(widths[0]), -quotes, widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _has_point_numbers(lines: Sequence[str], delimiter: str) -> bool:
    return any(_POINT_NUMBER.fullmatch(cell.strip()) for row in _rows(lines, delimiter) for cell in row)


def _has_blanks(lines: Sequence[str], delimiter: str) -> bool:
    (header,) = _rows(lines[:1], delimiter) or [[]]
    return len(header) > 1 and all(cell.startswith(" ") and cell.strip() for cell in header[1:])


def _rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """The rows as far as they can be read. The last one is left out if a quote is open at the end."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            rows.append(row)
    except csv.Error:
        pass
    return rows
