"""Dialects of CSV files, found in their first lines."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.sources.csv_dialect import DELIMITERS, delimiter_of, find_dialect, looks_like_table


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("time;speed;unit\n17;0,5;m/s\n18;1,5;m/s\n", ";"),
        ("a\tb\tc\n1,0\t2\t3\n", "\t"),
        ("a|b\n1|x,y\n2|z,w\n", "|"),
        ('"a;b",c\n"1;2",3\n', ","),
        ("name,note\nx,a;b;c\ny,d;e;f\n", ","),
        ("a\n1\n", ","),
        ("", ","),
        ("a,b\n1\n\n1,2,3\n1,2", ","),
        ("# made, by; hand\na;b\n1;2\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_that_divides_all_rows_alike(text: str, delimiter: str) -> None:
    assert find_dialect(lines(text)).delimiter == delimiter


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "sep=;\r"])
def test_a_sep_line_names_the_delimiter(first: str) -> None:
    found = find_dialect([f"{first}\n", "a,b;c\n", "1,2;3\n"])
    assert (found.delimiter, found.skipped, found.comments) == (";", {1}, ())


def test_what_the_user_gives_holds() -> None:
    found = find_dialect(lines("units\na;b,c\n1;2,3\n"), ",", {1})
    assert (found.delimiter, found.skipped) == (",", {1})


def test_a_header_behind_a_mark() -> None:
    assert find_dialect(lines("# hello\n# t,x\n1,2\n")).has_marked_header
    assert not find_dialect(lines("# hello\nt,x\n1,2\n")).has_marked_header


def test_a_decimal_comma() -> None:
    assert find_dialect(lines("a;b\n1;0,5\n")).has_decimal_comma
    assert not find_dialect(lines("a,b\n1,0\n")).has_decimal_comma
    # Here 1,234 is a thousand and more.
    assert not find_dialect(lines("a\tb\n1,234\t0.5\n")).has_decimal_comma


@pytest.mark.parametrize(
    ("text", "found"), [(";", ";"), ("tab", "\t"), ("TAB", "\t"), ("::", None), ("", None), ('"', None)]
)
def test_the_names_of_delimiters(text: str, found: str | None) -> None:
    assert delimiter_of(text) == found


@pytest.mark.parametrize(
    ("text", "is_table"),
    [
        *(("a,b\n1,2\n", True), ("a;b\n1;2\n3;4\n", True), ("a text,\nof two lines\n", False), ("a,b\n", False)),
        ("", False),
    ],
)
def test_what_looks_like_a_table(text: str, is_table: bool) -> None:
    assert looks_like_table(lines(text)) == is_table


CELLS = st.text(st.characters(codec="latin-1", categories=["L", "N", "P", "S"], exclude_characters="#"), min_size=1)


@given(st.sampled_from(DELIMITERS), st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=3, max_size=8))
def test_quoted_cells_never_hide_the_delimiter(delimiter: str, rows: list[tuple[str, ...]]) -> None:
    sheet = io.StringIO(newline="")
    csv.writer(sheet, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    assert find_dialect(lines(sheet.getvalue())).delimiter == delimiter
