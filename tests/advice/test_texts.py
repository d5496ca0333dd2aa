"""Numbers in sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.advice.texts import (
    count_text,
    listed,
    proposed_text,
    rate_text,
    rounded_down,
    rounded_up,
    seconds_text,
    settings_text,
    value_text,
    would_do,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0002, "0.2 ms"), (0.05, "50 ms"), (0.3, "300 ms"), (1.0, "1 s"), (2.5, "2.5 s"), (3600.0, "3,600 s")],
)
def test_a_time(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_rates_and_counts() -> None:
    assert (rate_text(5000), rate_text(0.5)) == ("5,000/s", "0.5/s")
    assert (count_text(1), count_text(45_300), count_text(2, "event")) == ("1 message", "45,300 messages", "2 events")


@given(st.floats(0.001, 1e9))
def test_rounding_goes_one_way_and_not_far(value: float) -> None:
    assert value <= rounded_up(value) <= max(value * 1.1 + 1, 1)


@given(st.floats(1e-6, 1e9))
def test_rounding_down_never_ends_at_0(value: float) -> None:
    assert 0 < value * 0.89 <= rounded_down(value) <= value * (1 + 1e-9)


@given(st.floats(1e-6, 1e9))
def test_a_number_rounded_down_has_two_digits_as_a_number_and_as_text(value: float) -> None:
    assert float(f"{rounded_down(value):.2g}") == rounded_down(value)
    assert float(value_text(rounded_down(value)).replace(",", "")) == rounded_down(value)


def test_an_error_of_rounding_leaves_no_long_number() -> None:
    assert repr(rounded_down(0.15 - 0.1)) == "0.05"


def test_settings_are_listed_with_their_values() -> None:
    proposal = {"bench.listeners.h[0].delay_ms": 0.022, "output.handlers.h.config.high_water_mark": 50_000}
    assert settings_text(proposal) == "delay_ms 0.022 and high_water_mark 50,000"
    assert settings_text({"bench.handlers.h.start_gate": True}) == "start_gate true"


def test_a_key_of_several_listeners_is_listed_once_unless_its_values_differ() -> None:
    same = {"bench.listeners.h[0].delay_ms": 1.5, "bench.listeners.h[1].delay_ms": 1.5}
    assert settings_text(same) == "delay_ms 1.5"
    assert settings_text({**same, "bench.listeners.h[1].delay_ms": 2}) == "[0].delay_ms 1.5 and [1].delay_ms 2"


def test_a_proposal_has_listeners_to_add_and_all_settings() -> None:
    assert proposed_text({}) == ""
    assert proposed_text({"a.b": 1}) == "proposed: set b 1"
    assert proposed_text({"a.b": 1, "a.c": 2}) == "proposed, all together: set b 1 and c 2"
    assert proposed_text({"a.b": 1}, "2 more") == "proposed, all together: add 2 more, and set b 1"


def test_alternatives_are_said_to_be_alternatives() -> None:
    assert would_do(["a"]) == "a would do"
    assert would_do(["a", "b"]) == "either a or b would do"
    assert would_do(["a", "b", "c"]) == "one of these would do: a, b or c"
    assert (listed([]), listed(["a", "b", "c"], "or")) == ("", "a, b or c")


def test_a_small_value_is_written_without_an_exponent() -> None:
    assert [value_text(value) for value in (9.9e-05, 0.34, 45_300, 1234.5)] == ["0.000099", "0.34", "45,300", "1,234.5"]
