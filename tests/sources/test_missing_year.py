"""The year of a time that is written without one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.sources.missing_year import ASSUMED_YEAR, MissingYear


def ns(text: str) -> int:
    return round(datetime.fromisoformat(f"{text}Z").timestamp()) * 10**9


def placed(now: str, *texts: str) -> list[int]:
    years = MissingYear(ns(now))
    return [years.place(ns(f"{ASSUMED_YEAR}-{text}")) for text in texts]


@pytest.mark.parametrize(
    ("now", "text", "year"),
    [
        ("2025-03-31T00:00:00", "03-30T23:59:59", 2025),
        ("2025-03-31T00:00:00", "12-31T23:59:59", 2024),
        # Less than a day ahead is the clock or the zone of another machine.
        ("2025-03-31T00:00:00", "03-31T23:00:00", 2025),
        ("2025-03-31T00:00:00", "04-01T23:00:00", 2024),
        ("2024-12-31T12:00:00", "01-01T01:00:00", 2025),
        # The latest year that has this day.
        ("2026-03-01T00:00:00", "02-29T01:00:00", 2024),
        ("1904-02-01T00:00:00", "02-29T01:00:00", 1896),
    ],
)
def test_the_first_time_is_of_the_latest_year_in_which_it_is_not_in_the_future(now: str, text: str, year: int) -> None:
    assert placed(now, text) == [ns(f"{year}-{text}")]


def test_a_file_goes_on_over_new_year_and_back() -> None:
    assert placed("2025-03-31T00:00:00", "12-31T23:59:59", "01-01T00:00:00", "12-31T23:59:59") == [
        ns("2024-12-31T23:59:59"),
        ns("2025-01-01T00:00:00"),
        ns("2024-12-31T23:59:59"),
    ]


def test_each_round_of_a_loop_begins_in_the_same_year() -> None:
    years = MissingYear(ns("2025-12-01T00:00:00"))
    texts = ("2000-01-10T00:00:00", "2000-06-10T00:00:00", "2000-11-10T00:00:00")
    first = [years.place(ns(text)) for text in texts]
    years.begin_again()
    assert [years.place(ns(text)) for text in texts] == first


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
    st.lists(st.integers(0, 150 * 86_400), max_size=20),
)
def test_a_log_with_no_gap_of_half_a_year_gets_its_own_years(begin: datetime, distances_s: list[int]) -> None:
    times = [begin.replace(microsecond=0)]
    for distance_s in distances_s:
        times.append(times[-1] + timedelta(seconds=distance_s))
    # The log is read on the day of its first line.
    years = MissingYear(round(times[0].timestamp()) * 10**9)
    for at in times:
        written = round(at.replace(year=ASSUMED_YEAR).timestamp()) * 10**9
        assert years.place(written) == round(at.timestamp()) * 10**9
