"""Times in the events of other systems, and the latencies computed from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.cli.event_time import ISO, EventTimeLatency, read_time
from bench_app.errors import InputError

AT_NS = 1_735_689_600_123_456_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS_NS = {"seconds": 10**9, "milliseconds": 10**6, "microseconds": 10**3, "nanoseconds": 1}
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    ("value", "understood"),
    [
        ("2025-01-01T00:00:00.123456Z", ISO),
        (" 2025-01-01T02:00:00.123456+02:00 ", ISO),
        ("2025-01-01 00:00:00.123456000+00:00", ISO),
        ("1735689600.123456", "seconds since 1970"),
        ("1735689600123.456", "milliseconds since 1970"),
        (1735689600123456, "microseconds since 1970"),
        (1735689600123456000, "nanoseconds since 1970"),
        ("1735689600123456000", "nanoseconds since 1970"),
    ],
)
def test_formats_of_times(value: Any, understood: str) -> None:
    assert read_time(value) == (AT_NS, understood)


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, "", "soon", [], {}, "NaN", float("nan"), float("inf"), 10**40, 1e300, "9" * 40),
        *("2025-01-01T00:00:00", "2025-01-01", 0, 12.5, -1735689600, 3600),
    ],
)
def test_values_that_are_no_times(value: Any) -> None:
    assert read_time(value) is None


@pytest.mark.parametrize(
    ("value", "understood"),
    [
        ({"sec": 1735689600, "nanosec": 123456000}, "an object of seconds and a fraction"),
        ({"$date": "2025-01-01T00:00:00.123456Z"}, "$date"),
        ("2025-01-01 00:00:00.123456 +0000 UTC", ISO),
        ("Wed, 01 Jan 2025 00:00:00.123456 GMT", "RFC 2822"),
        ("01/Jan/2025:00:00:00.123456 +0000", "common log format"),
    ],
)
def test_formats_that_a_replay_reads_too(value: Any, understood: str) -> None:
    assert read_time(value) == (AT_NS, understood)


def test_nanoseconds_are_kept() -> None:
    sent = read_time("2025-01-01 00:00:00.123456789+00:00")
    assert sent is not None
    assert sent.at_ns == AT_NS + 789


@given(st.integers(10**17, 10**19), st.sampled_from(sorted(UNITS_NS)))
def test_the_magnitude_of_a_number_shows_its_unit(at_ns: int, unit: str) -> None:
    whole = at_ns // UNITS_NS[unit]
    assert read_time(whole + 1) == ((whole + 1) * UNITS_NS[unit], f"{unit} since 1970")
    assert read_time(str(whole + 1)) == read_time(whole + 1)


@given(st.floats(1e8, 9e10))
def test_seconds_with_a_fraction(seconds: float) -> None:
    sent = read_time(seconds)
    assert sent is not None
    # A float64 holds a present-day time in seconds to a quarter of a microsecond.
    assert sent.at_ns == pytest.approx(seconds * 1e9, rel=1e-15)


@given(st.datetimes(datetime(1974, 1, 1), datetime(2200, 1, 1), timezones=ZONES))
def test_iso_in_any_zone(at: datetime) -> None:
    assert read_time(at.isoformat()) == ((at - EPOCH) // timedelta(microseconds=1) * 1000, ISO)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_any_value_is_a_date_or_none(value: Any) -> None:
    sent = read_time(value)
    assert sent is None or sent.format == ISO or 10**17 <= sent.at_ns < 10**20


VALUES = st.sampled_from([AT_NS, AT_NS // 10**6, "2025-01-01T00:00:00Z", "never", None, AT_NS - 10**13, AT_NS + 5])


@given(st.lists(st.one_of(VALUES.map(lambda value: {"a": {"t": value}}), st.just({"a": {}}), st.just(b"x"))))
def test_every_event_is_in_one_count(events: list[Any]) -> None:
    times = EventTimeLatency("a.t")
    for event in events:
        times.add(event, AT_NS)
    times.lines()
    counted = times.missing + times.unreadable + times.ahead + times.older + times.latency.count
    assert counted == len(events)
    assert sum(times.formats.values()) == times.ahead + times.older + times.latency.count


def test_the_summary_names_formats_latencies_and_times_without_a_latency() -> None:
    times = EventTimeLatency("metadata.sent_at")
    values = [AT_NS - 2_000_000, AT_NS + 7_000_000, "soon", AT_NS - 2 * 3_600 * 10**9]
    for event in [*({"metadata": {"sent_at": value}} for value in values), {"metadata": 1}, "text"]:
        times.add(event, AT_NS)
    assert times.lines() == [
        "field metadata.sent_at understood as nanoseconds since 1970: 3",
        "field metadata.sent_at -> received, 1 message: p50 2.000 ms, p99 2.000 ms, max 2.000 ms "
        "(by this machine's wall clock; right only where the clocks agree)",
        "field metadata.sent_at lies in the future in 1 message, by up to 7.000 ms: this machine's clock is behind "
        "the sender's, or the field is rounded; they are not in the percentiles",
        "field metadata.sent_at is more than an hour old in 1 message, up to 2.0 h: they are not in the percentiles",
        "2 messages without field metadata.sent_at",
        'field metadata.sent_at is no time in 1 message (the first: "soon"); it takes ISO 8601 with a zone, or s, ms, '
        "us or ns since 1970",
    ]


def test_without_events_there_is_no_summary() -> None:
    assert EventTimeLatency("t").lines() == []


def test_text_that_is_no_path_is_refused() -> None:
    with pytest.raises(InputError, match="column"):
        EventTimeLatency("a..b")
