"""Captions: text with readings in braces, which get the values of a moment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.errors import CheckError
from bench_app.preset.captions import format_value, parse_caption

KNOWN = {"pub": ["fast", "slow"], "push": ["pull-1"]}


def test_a_reading_gets_its_value() -> None:
    caption = parse_caption("{pub: accepted} sent = {pub/slow: received} received", KNOWN)
    values = {("pub", None, "accepted"): 12345, ("pub", "slow", "received"): 7}
    filled = caption.fill(lambda reading: values[reading.handler or "", reading.listener, reading.metric])
    assert filled == "12,345 sent = 7 received"


@given(st.text())
def test_text_without_readings_stays_as_it_is(text: str) -> None:
    assert parse_caption(text.replace("{", "{{"), KNOWN).fill(lambda _: 0) == text


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("lost: {pub/slw: lost}", 12, "a listener of pub: fast, slow; did you mean slow?"),
        ("lost: {pub: lots}", 13, "a metric, such as drops"),
        ("{lost}", 2, "a handler and a colon before the metric"),
        ("{pub: lost > 5}", 12, "nothing after the metric"),
        ("a { b", 3, "a closing brace"),
        ("{}", 2, "a metric"),
    ],
)
def test_a_fault_has_its_column(text: str, column: int, expected: str) -> None:
    with pytest.raises(CheckError) as caught:
        parse_caption(text, KNOWN)
    assert caught.value.column == column
    assert caught.value.expected.startswith(expected)


@given(st.text())
def test_any_text_is_a_caption_or_a_fault(text: str) -> None:
    try:
        parse_caption(text, KNOWN).fill(lambda _: None)
    except CheckError as error:
        assert 1 <= error.column <= len(text) + 1


def test_values_are_for_people() -> None:
    assert [format_value(value) for value in (None, 1234567, 0.1234, 1234.5)] == ["?", "1,234,567", "0.123", "1,234"]
