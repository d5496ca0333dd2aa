"""Times that are written as text, in the usual kinds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.sources.time_texts import (
    COMMON_LOG,
    ISO,
    NAMED_MONTH,
    RFC_2822,
    YEAR_FIRST,
    DateOrder,
    has_no_year,
    looks_like_numbers,
    read_text,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AT_NS = 1_743_296_399_500_000_000
"""2025-03-30T00:59:59.5Z"""
WHOLE_NS = AT_NS - 500_000_000


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-30T00:59:59.5Z",
        "2025-03-30t00:59:59.5z",
        "2025-03-30 00:59:59,500",
        "2025-03-30T02:59:59.500000000+02:00",
        "2025-03-30T02:59:59.5+0200",
        "2025-03-30T02:59:59.5+02",
        "2025-03-29T21:29:59.5 -03:30",
        "2025-03-30 00:59:59.500000 +0000 UTC",
        "2025-03-30 02:59:59.5 +0200 CEST",
        "2025-03-30 02:59:59.5 +0200 CEST m=+0.000012345",
        "2025-03-30 00:59:59.5 UTC",
        "2025-03-30T00:59:59.5 GMT",
        "2025-03-30T02:59:59.5+02:00[Europe/Berlin]",
        "20250330T005959.5Z",
        "2025/03/30 00:59:59.5",
        "2025-03-30 12:59:59.5 AM",
        "2025-03-30 01:59:59.5 UTC+1",
        "2025-03-30 02:59:59.5 GMT+02:00",
        "2025.03.30 00:59:59,5",
        "2025-03-30_00:59:59.5",
        "  2025-03-30T00:59:59.5Z\n",
    ],
)
def test_iso_8601_in_its_usual_bends(text: str) -> None:
    found = read_text(text)
    assert found is not None
    assert (found.at_ns, found.format) == (AT_NS, ISO)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sun, 30 Mar 2025 00:59:59 +0000", RFC_2822),
        ("30 Mar 2025 02:59:59 +0200", RFC_2822),
        ("Sun, 30 Mar 2025 00:59:59 GMT", RFC_2822),
        ("Sat, 29 Mar 2025 19:59:59 EST", RFC_2822),
        ("Sunday, 30-Mar-25 00:59:59 GMT", RFC_2822),
        ("Sun, 30 Mar 2025 02:59:59 +0200 (CEST)", RFC_2822),
        ("30/Mar/2025:00:59:59 +0000", COMMON_LOG),
        ("[29/Mar/2025:17:59:59 -0700]", COMMON_LOG),
        ("Sun Mar 30 00:59:59 2025", NAMED_MONTH),
        ("Sun Mar 30 00:59:59 UTC 2025", NAMED_MONTH),
        ("Mar 30, 2025, 12:59:59 AM", NAMED_MONTH),
        ("[Sun Mar 30 00:59:59 2025]", NAMED_MONTH),
        ("Sun Mar 30 2025 02:59:59 GMT+0200 (Central European Summer Time)", NAMED_MONTH),
    ],
)
def test_texts_with_the_name_of_the_month(text: str, name: str) -> None:
    found = read_text(text)
    assert found is not None
    assert (found.at_ns, found.format) == (WHOLE_NS, name)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("30.03.2025 00:59:59,500", "day_first"),
        ("30/3/2025, 00:59:59.5", "day_first"),
        ("30-03-25 00:59:59.5", "day_first"),
        ("3/30/2025 12:59:59.5 AM", "month_first"),
        ("03/30/2025T00:59:59.5Z", "month_first"),
    ],
)
def test_a_date_in_numbers_is_read_only_when_its_order_is_given(text: str, order: DateOrder) -> None:
    assert read_text(text) is None
    assert looks_like_numbers(text)
    found = read_text(text, order)
    assert found is not None
    assert found.at_ns == AT_NS


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "2025-13-01T00:00:00Z", "2025-02-29T00:00:00Z", "2025-01-01T25:00:00", "2025-01-01T24:00:01"),
        *("2025-01-01T00:60:00", "2025-01-01T00:00:61", "2025-01-01T00:00:00 CET", "2025-01-01T00:00:00+25:00"),
        *("30/Foo/2025:00:59:59 +0000", "Mar 30, 2025, 13:59:59 AM", "31.02.2025 00:00:00", "12:00:00"),
    ],
)
def test_texts_that_are_no_times(text: str) -> None:
    assert read_text(text, "day_first") is None


def test_second_60_is_the_second_after_59() -> None:
    leap, after = read_text("2016-12-31T23:59:60.250Z"), read_text("2017-01-01T00:00:00.250Z")
    assert leap is not None and after is not None
    assert (leap.is_leap, after.is_leap) == (True, False)
    assert leap.at_ns == after.at_ns


def test_a_date_alone_is_midnight_and_24_is_the_end_of_the_day() -> None:
    midnight = read_text("2025-03-30")
    end = read_text("2025-03-29T24:00:00Z")
    assert midnight is not None and end is not None
    assert midnight.at_ns == end.at_ns == 1_743_292_800_000_000_000
    assert (midnight.has_zone, end.has_zone) == (False, True)


def test_a_week_date() -> None:
    found = read_text("2025-W13-7T00:59:59Z")
    assert found is not None
    assert found.at_ns == WHOLE_NS


ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=ZONES)
WRITERS = (
    lambda at: at.isoformat(),
    lambda at: at.isoformat(" "),
    lambda at: at.strftime("%Y-%m-%d %H:%M:%S.%f %z"),
    lambda at: at.strftime("%Y%m%dT%H%M%S,%f%z"),
    lambda at: at.strftime("%d/%b/%Y:%H:%M:%S.%f %z"),
    lambda at: at.strftime("%a, %d %b %Y %H:%M:%S.%f %z"),
    lambda at: at.strftime("%d.%m.%Y %H:%M:%S,%f %z"),
)


@given(MOMENTS, st.sampled_from(WRITERS))
def test_every_kind_is_exact_to_the_microsecond(at: datetime, write: object) -> None:
    assert callable(write)
    found = read_text(write(at), "day_first")
    assert found is not None
    assert found.at_ns == (at - EPOCH) // timedelta(microseconds=1) * 1000


@given(st.integers(0, 10**9 - 1))
def test_nanoseconds(fraction: int) -> None:
    found = read_text(f"2025-03-30T00:59:59.{fraction:09d}Z")
    assert found is not None
    assert found.at_ns == WHOLE_NS + fraction


@given(st.text(max_size=40) | st.text("0123456789:.-/TZ +,", max_size=40))
def test_any_text_is_a_time_or_none(text: str) -> None:
    for order in (None, "day_first", "month_first"):
        found = read_text(text, order)
        assert found is None or isinstance(found.at_ns, int)


@pytest.mark.parametrize("text", ["2025-3-30 0:59:59.5", "2025/3/30, 12:59:59.5 AM", "2025.3.30 0:59:59,5 UTC"])
def test_a_date_with_the_year_first_needs_no_zeros(text: str) -> None:
    for order in (None, "day_first", "month_first"):
        found = read_text(text, order)  # type: ignore[arg-type]
        assert found is not None
        assert (found.at_ns, found.format) == (AT_NS, YEAR_FIRST)


@pytest.mark.parametrize("text", ["Mar 30 00:59:59", "Mar  3 00:59:59.123", "Sun Mar 30 00:59:59"])
def test_a_date_without_a_year_is_not_read_and_seen_as_such(text: str) -> None:
    assert read_text(text) is None
    assert has_no_year(text)
    assert not has_no_year(f"{text} 2025")
