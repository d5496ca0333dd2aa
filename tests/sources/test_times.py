"""Recorded times in every accepted form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.sources.times import RecordedClock

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
    assert clock.read_ns(100_000_000_000_001) == 100_000_000_000_001_000
    # A little less, after the clock was set back. Alone, this number would be read as milliseconds.
    assert clock.read_ns(99_999_999_999_999) == 99_999_999_999_999_000


@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2100, 1, 1)))
def test_iso_to_the_microsecond(at: datetime) -> None:
    whole = at.replace(tzinfo=UTC)
    found = RecordedClock().read_ns(whole.isoformat())
    since = whole - datetime(1970, 1, 1, tzinfo=UTC)
    assert found == ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000
