"""Figures as people read them: the unit suits the value, and every value has a text."""

from __future__ import annotations

import math
import re

import pytest
from bench_ui.widgets import number_format
from hypothesis import given
from hypothesis import strategies as st

ODD = [float("nan"), float("inf"), float("-inf")]
UNITS = {"ns": 1.0, "µs": 1e3, "ms": 1e6, "s": 1e9}


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (61_200, "61,200"), (1e9, "1,000,000,000"), (12.9, "12"), (-5, "-5")]
)
def test_count(number: float, text: str) -> None:
    assert number_format.count(number) == text


@given(st.integers(-(2**62), 2**62))
def test_a_count_keeps_every_digit(number: int) -> None:
    assert int(number_format.count(number).replace(",", "")) == number


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0/s"), (0.25, "0.2/s"), (5, "5.0/s"), (10, "10/s"), (5000, "5,000/s"), (999_999, "999,999/s")],
)
def test_rate(value: float, text: str) -> None:
    assert number_format.rate(value) == text


@pytest.mark.parametrize("value", [1e6, 1.25e6, 9.99e8])
def test_a_rate_from_a_million_on_is_in_millions(value: float) -> None:
    text = number_format.rate(value)
    assert text.endswith("M/s")
    assert float(text[:-3]) == pytest.approx(value / 1e6, rel=0.01)


@pytest.mark.parametrize("value", ODD)
def test_a_rate_that_is_not_known_is_a_dash(value: float) -> None:
    assert number_format.rate(value) == number_format.NOTHING


@pytest.mark.parametrize(("value", "text"), [(0, "0.0 %"), (2.54, "2.5 %"), (9.96, "10 %"), (100, "100 %")])
def test_percent(value: float, text: str) -> None:
    assert number_format.percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.5, "0.5"),
        (7, "7"),
        (12.3, "12"),
        (999, "999"),
        (1000, "1.0k"),
        (5000, "5.0k"),
        (-5000, "-5.0k"),
        (123_456, "123k"),
        (2.5e6, "2.5M"),
        (3e9, "3.0G"),
    ],
)
def test_short(value: float, text: str) -> None:
    assert number_format.short(value) == text


@given(st.floats(0, 1e11))
def test_short_is_right_to_one_part_in_twenty(value: float) -> None:
    text = number_format.short(value)
    scale = {"k": 1e3, "M": 1e6, "G": 1e9}.get(text[-1], 1.0)
    assert float(text.rstrip("kMG")) * scale == pytest.approx(value, rel=0.05, abs=0.051)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 ns"),
        (0.4, "0 ns"),
        (1, "1.00 ns"),
        (45, "45.0 ns"),
        (999, "999 ns"),
        (1000, "1.00 µs"),
        (412_000, "412 µs"),
        (1_250_000, "1.25 ms"),
        (12_500_000, "12.5 ms"),
        (3_600_000_000_000, "3600 s"),
    ],
)
def test_duration(value: float, text: str) -> None:
    assert number_format.duration_ns(value) == text


@pytest.mark.parametrize("value", [None, *ODD])
def test_a_duration_that_is_not_known_is_a_dash(value: float | None) -> None:
    assert number_format.duration_ns(value) == number_format.NOTHING


@given(st.floats(1, 4e12))
def test_a_duration_is_right_to_a_hundredth(value: float) -> None:
    number, unit = number_format.duration_ns(value).split(" ")
    assert float(number) * UNITS[unit] == pytest.approx(value, rel=0.01)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00.0"), (-3, "00:00.0"), (12.4, "00:12.4"), (59.9, "00:59.9"), (60, "01:00.0"), (3661.5, "61:01.5")],
)
def test_clock(seconds: float, text: str) -> None:
    assert number_format.clock(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (-0.04, "0:00"),
        (5, "0:05"),
        (65, "1:05"),
        (1.5, "0:01.5"),
        (-5, "-0:05"),
        (-61.2, "-1:01.2"),
        (59.97, "1:00"),
        (119.94, "1:59.9"),
        (3600, "60:00"),
    ],
)
def test_axis_clock(seconds: float, text: str) -> None:
    assert number_format.axis_clock(seconds) == text


@given(st.integers(-360_000, 360_000))
def test_an_axis_clock_says_each_tenth_of_a_second(tenths: int) -> None:
    found = re.fullmatch(r"(-?)(\d+):([0-5]\d)(?:\.([1-9]))?", number_format.axis_clock(tenths / 10))
    assert found is not None
    sign, minutes, seconds, rest = found.groups()
    assert (int(minutes) * 600 + int(seconds) * 10 + int(rest or 0)) * (-1 if sign else 1) == tenths


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (512, "512 B"), (1000, "1.0 kB"), (2100, "2.1 kB"), (3.4e6, "3.4 MB"), (5e9, "5.0 GB")],
)
def test_size(number: float, text: str) -> None:
    assert number_format.size(number) == text


@pytest.mark.parametrize(
    ("value", "above"),
    [(1, 1), (1.1, 2), (2.1, 2.5), (2.6, 5), (5.1, 10), (10, 10), (1000, 1000), (1001, 2000), (0.03, 0.05), (0.3, 0.5)],
)
def test_nice_above(value: float, above: float) -> None:
    assert number_format.nice_above(value) == pytest.approx(above)


@pytest.mark.parametrize("value", [0.0, -7.0, *ODD])
def test_there_is_a_nice_bound_for_nothing(value: float) -> None:
    assert number_format.nice_above(value) == 1.0


@given(st.floats(1e-9, 1e15))
def test_a_nice_bound_is_not_below_and_not_far_above(value: float) -> None:
    above = number_format.nice_above(value)
    assert value * 0.999998 <= above <= value * 2.01
    lead = above / 10.0 ** math.floor(math.log10(above) + 1e-9)
    assert min(abs(lead - step) for step in (1, 2, 2.5, 5)) < 1e-6


def test_a_clock_never_shows_sixty_seconds() -> None:
    assert number_format.clock(59.97) == "01:00.0"
    assert number_format.clock(119.96) == "02:00.0"


def test_a_long_text_keeps_its_ends() -> None:
    assert number_format.shortened("short", 20) == "short"
    assert number_format.shortened("a" * 500 + "end", 43) == "a" * 20 + " … " + "a" * 17 + "end"


@pytest.mark.parametrize(
    ("value", "text"),
    [(4_254_000.0, "4.3 ms"), (42_540_000.0, "43 ms"), (425_400_000.0, "425 ms"), (1.63e9, "1.6 s"), (0.0, "0 ns")],
)
def test_a_coarse_duration_has_two_digits(value: float, text: str) -> None:
    assert number_format.coarse_duration_ns(value) == text


@pytest.mark.parametrize("value", [None, float("nan")])
def test_a_coarse_duration_that_is_not_known(value: float | None) -> None:
    assert number_format.coarse_duration_ns(value) == number_format.NOTHING
