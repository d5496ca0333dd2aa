"""Values are written for people, and read back as the same values."""

from __future__ import annotations

from typing import Any

import pytest
from bench_ui.forms import codecs
from bench_ui.forms.codecs import (
    read_json,
    read_list,
    read_number,
    read_numbers,
    read_span,
    write_list,
    write_number,
)


def test_numbers_as_people_write_them() -> None:
    good = {"1,000": 1000, "1 000": 1000, "−5": -5, "1e3": 1000, "1.5k": 1500, "2M": 2_000_000, "0.25": 0.25, "5.": 5}
    for text, value in good.items():
        assert read_number(text) == value, text
    for text in ("", "1,5", "1,00,000", "inf", "nan", "0x10", "1k5", "--1", "٣"):
        assert read_number(text) == text
    assert isinstance(read_number("1e3"), int)
    assert read_number(str(2**63 - 1)) == 2**63 - 1
    assert read_number("1e99999999999999999999") == read_number("9" * 400) == float("inf")
    assert [write_number(value) for value in (1000, 1000.0, 0.5, -1, 1e-7)] == ["1,000", "1,000", "0.5", "-1", "1e-07"]


def test_lists_as_people_write_them() -> None:
    for items in ([], [""], ["a"], ["a b", " c", 'q"q', "x,y", "\n", "[]", "\\"]):
        assert read_list(write_list(items)) == items
    assert read_list("  ") is None
    assert read_list('"open') == '"open'
    assert read_list("a,,b,") == ["a", "b"]
    assert read_numbers("1,000") == [1, "000"]
    assert read_span("5-10") == [5, 10]
    assert read_span("1e-3 - 5") == [0.001, 5]
    assert read_json("NaN") == "NaN"


@pytest.mark.parametrize(
    ("codec", "value", "text"),
    [
        (codecs.NUMBER, 61_200, "61,200"),
        (codecs.NUMBER, None, ""),
        (codecs.OPTIONAL_TEXT, None, ""),
        (codecs.OPTIONAL_TEXT, "slow", "slow"),
        (codecs.TEXTS, ["a", "", "x,y"], 'a, "", "x,y"'),
        (codecs.TEXTS, [], "[]"),
        (codecs.NUMBERS, [1000, 2.5], "1000, 2.5"),
        (codecs.PROCESSORS, "off", "off"),
        (codecs.PROCESSORS, "spread", "spread"),
        (codecs.PROCESSORS, [0, 12], "0, 12"),
        (codecs.SPAN, [5, 10.5], "5 - 10.5"),
        (codecs.SPAN, None, ""),
        (codecs.OBJECT, {"ok": True}, '{"ok": true}'),
        (codecs.SIZE, 2000, "2,000"),
        (codecs.SIZE, {"distribution": "uniform"}, '{"distribution": "uniform"}'),
    ],
)
def test_what_is_written_is_read_back(codec: codecs.Codec, value: Any, text: str) -> None:
    assert codec.write(value) == text
    assert codec.read(text) == (value if text else codec.read(""))


def test_a_text_that_cannot_be_read_is_returned_as_it_is() -> None:
    assert codecs.read_span("soon") == "soon"
    assert codecs.read_json("{") == "{"
    assert codecs.read_size("{oops") == "{oops"
    assert codecs.read_optional_text("  ") is None
