"""Numbers in sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.advice.texts import count_text, rate_text, rounded_down, rounded_up, seconds_text


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
    assert rounded_down(value) <= value * (1 + 1e-9)
    if value >= 0.1:
        assert rounded_down(value) >= value * 0.89
