"""Recorded times in every accepted form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.clock import NS_PER_S
from bench_app.sources.times import FAR_NS, RecordedClock, is_date

AT_NS = 1_735_689_600_123_456_000


@pytest.mark.parametrize(
    "value",
    [
        "2025-01-01T00:00:00.123456Z",
        "2025-01-01T02:00:00.123456+02:00",
        "2025-01-01 00:00:00.123456",
        "1735689600.123456",
        "1735689600123.456",
        "1735689600123456",
        "1735689600123456000",
        1735689600123456,
        1735689600123456000,
    ],
)
def test_every_form_is_read(value: Any) -> None:
    assert RecordedClock().read_ns(value) == AT_NS


@pytest.mark.parametrize("value", [None, True, "", "soon", [], {}, "NaN", "1e400", 10**40, "9" * 30, 1e300])
def test_other_values_are_not_times(value: Any) -> None:
    assert RecordedClock().read_ns(value) is None


@pytest.mark.parametrize("value", [0, 0.5, 1.001, "2.25"])
def test_small_numbers_are_seconds(value: Any) -> None:
    assert RecordedClock().read_ns(value) == round(float(value) * 1e9)


def test_the_first_number_decides_the_unit() -> None:
    clock = RecordedClock()
    assert clock.read_ns(10_000_000_000_001) == 10_000_000_000_001
    # A little less, after the clock was set back. Alone, this number would be read as microseconds.
    assert clock.read_ns(9_999_999_999_999) == 9_999_999_999_999


@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2100, 1, 1)))
def test_iso_to_the_microsecond(at: datetime) -> None:
    whole = at.replace(tzinfo=UTC)
    found = RecordedClock().read_ns(whole.isoformat())
    since = whole - datetime(1970, 1, 1, tzinfo=UTC)
    assert found == ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000


@pytest.mark.parametrize("first", [0, -1, 1, "0", 0.0])
@pytest.mark.parametrize("unit_ns", [10**9, 10**6, 10**3, 1])
def test_the_unit_comes_from_values_that_are_dates_of_our_days(first: Any, unit_ns: int) -> None:
    clock = RecordedClock()
    mark = clock.read_ns(first)
    assert mark is not None and not is_date(mark)
    assert clock.read_ns(AT_NS // unit_ns) == AT_NS // unit_ns * unit_ns
    # A mark among dates has their unit, and is no date in any.
    assert clock.read_ns(-1) == -unit_ns
    assert clock.guessed_unit == ""


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (12.5, "s"),
        (3_600.25, "s"),
        # The reading of a monotonic clock in ms, us and ns, after some hours.
        (20_000_000, "ms"),
        (20_000_000_000, "us"),
        (30_000_000_000_000, "ns"),
        (123_456_789_012_345, "ns"),
        # A clock that was never set begins in 1980.
        (315_532_805, "s"),
        (315_532_805_000, "ms"),
    ],
)
def test_a_unit_that_is_guessed_by_the_size_is_named(value: float, unit: str) -> None:
    clock = RecordedClock()
    at_ns = clock.read_ns(value)
    assert clock.guessed_unit == unit
    assert at_ns == RecordedClock(unit).read_ns(value)
    assert RecordedClock("us").read_ns(value) == round(value * 1000)


@pytest.mark.parametrize(("unit", "unit_ns"), [("s", 10**9), ("ms", 10**6), ("us", 10**3), ("ns", 1)])
def test_a_unit_that_is_given_holds_for_all_numbers(unit: str, unit_ns: int) -> None:
    clock = RecordedClock(unit)
    assert [clock.read_ns(value) for value in (0, 5, "1700000000", -1)] == [
        value * unit_ns if abs(value * unit_ns) < 2**62 else None for value in (0, 5, 1_700_000_000, -1)
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"sec": 1735689600, "nanosec": 123456000},
        {"secs": 1735689600, "nsecs": 123456000},
        {"seconds": "1735689600", "nanos": 123456000},
        {"_seconds": 1735689600, "_nanoseconds": 123456000},
        {"sec": 1735689600, "usec": 123456},
        {"Seconds": 1735689600, "Nanos": 123456000},
        {"epochSecond": 1735689600, "nano": 123456000},
        {"$numberLong": "1735689600123456"},
        {"$numberDouble": "1735689600.123456"},
        {"$date": "2025-01-01T00:00:00.123456Z"},
    ],
)
def test_objects(value: Any) -> None:
    assert RecordedClock().read_ns(value) == AT_NS


@pytest.mark.parametrize(
    "value", [{"$date": 1735689600123}, {"$date": {"$numberLong": "1735689600123"}}, {"$date": "1735689600123"}]
)
def test_a_date_of_mongodb_in_milliseconds(value: Any) -> None:
    assert RecordedClock().read_ns(value) == 1_735_689_600_123_000_000


def test_a_timestamp_of_mongodb_in_seconds() -> None:
    assert RecordedClock().read_ns({"$timestamp": {"t": 1735689600, "i": 3}}) == 1_735_689_600 * 10**9
    assert RecordedClock().read_ns({"$timestamp": 5}) is None


@pytest.mark.parametrize("value", ["9999-12-31T23:59:59.999Z", 253402300799999, 2**63 - 1, 2**64 - 1])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_mark_among_dates_is_as_far_as_can_be(value: Any, sign: int) -> None:
    clock = RecordedClock()
    clock.read_ns(1735689600123)
    if isinstance(value, str):
        value = value if sign > 0 else "0001-01-01T00:00:00Z"
    else:
        value *= sign
    assert clock.read_ns(value) == sign * FAR_NS


@pytest.mark.parametrize("value", [1735689600.123456, 1735689600123.456])
def test_a_float_is_the_number_as_it_was_written(value: float) -> None:
    assert RecordedClock().read_ns(value) == AT_NS


@pytest.mark.parametrize("value", ["20250101000000", 20250101000000])
def test_the_digits_of_date_and_time(value: Any) -> None:
    assert RecordedClock().read_ns(value) == 1_735_689_600 * 10**9
    # Not where numbers are known to be times in a unit, and not as a month 13.
    assert RecordedClock("us").read_ns(value) == 20250101000000 * 1000
    assert RecordedClock().read_ns(20251301000000) is None


@pytest.mark.parametrize(
    "value", [{}, {"$date": None}, {"$date": {"$numberLong": "x"}}, {"sec": 1.5}, {"sec": True}, {"sec": 1, "a": 2}]
)
def test_other_objects_are_not_times(value: Any) -> None:
    assert RecordedClock().read_ns(value) is None


def test_a_decimal_comma_and_an_exponent() -> None:
    assert RecordedClock().read_ns("1735689600,123456") == AT_NS
    assert RecordedClock().read_ns("1.735689600123456E+09") == AT_NS


def test_events_after_a_leap_second_keep_their_distance() -> None:
    clock = RecordedClock()
    texts = ("23:59:59.5Z", "23:59:60.0Z", "23:59:60.5Z")
    found = [clock.read_ns(f"2016-12-31T{text}") for text in texts]
    found += [clock.read_ns("2017-01-01T00:00:00.0Z"), clock.read_ns("2017-01-01T00:00:00.5Z")]
    assert [at - found[0] for at in found if at is not None and found[0] is not None] == [
        half * 500_000_000 for half in range(5)
    ]


def test_the_utc_of_a_time_after_a_leap_second_does_not_count_it() -> None:
    clock = RecordedClock()
    texts = ("2016-12-31T23:59:59Z", "2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.25Z")
    read = [clock.read_ns(text) for text in texts]
    assert None not in read
    first, leap, after = (clock.utc_ns(at_ns) for at_ns in read if at_ns is not None)
    assert (leap - first, after - first) == (1_500_000_000, 1_250_000_000)


def test_times_without_a_year_go_on_over_new_year() -> None:
    clock = RecordedClock("%b %e %T")
    for _ in range(2):
        read = [clock.read_ns(text) for text in ("Dec 31 23:59:59", "Jan  1 00:00:00", "Jan  1 00:00:01", "soon")]
        assert read[0] is not None
        assert [None if at_ns is None else at_ns - read[0] for at_ns in read] == [0, NS_PER_S, 2 * NS_PER_S, None]
        assert is_date(read[0])
        clock.begin_again()
    assert list(clock.formats) == ["the pattern %b %e %T, the year guessed"]


def test_a_second_that_was_rounded_up_to_60_is_no_leap_second() -> None:
    clock = RecordedClock()
    assert clock.read_ns("2025-01-01T00:04:60Z") == clock.read_ns("2025-01-01T00:05:00Z")


@pytest.mark.parametrize(
    ("time_format", "value"),
    [
        ("day_first", "01.01.2025 00:00:00,123456"),
        ("month_first", "1/1/25 12:00:00.123456 AM"),
        ("%Y|%m|%d %H:%M:%S.%f", "2025|01|01 00:00:00.123456"),
    ],
)
def test_a_time_format(time_format: str, value: str) -> None:
    assert RecordedClock().read_ns(value) is None
    assert RecordedClock(time_format).read_ns(value) == AT_NS


def test_a_pattern_reads_a_number_too() -> None:
    assert RecordedClock("%Y%m%d%H%M%S").read_ns(20250101000000) == AT_NS - 123_456_000


@pytest.mark.parametrize("time_format", ["", "fortnights", "%H:%M"])
def test_a_time_format_that_is_none_is_refused(time_format: str) -> None:
    with pytest.raises(ValueError, match=r"pattern"):
        RecordedClock(time_format)
