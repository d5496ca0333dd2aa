"""Patterns of times, as of strptime."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.sources.time_pattern import TimePattern

AT_NS = 1_743_296_399_500_000_000


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("%d.%m.%Y %H:%M:%S,%f", "30.03.2025 00:59:59,500"),
        ("%m/%d/%y %I:%M:%S.%f %p", "3/30/25   12:59:59.5 a.m."),
        ("%Y%m%d%H%M%S%f", "20250330005959500"),
        ("%F %T.%f %z", "2025-03-30 02:59:59.5 +0200"),
        ("[%a %b %d %H:%M:%S.%f %Y]", "[Sun Mar 30 00:59:59.500000000 2025]"),
        ("%A, %d %B %Y at %H:%M:%S.%f %Z", "Sunday, 30 March 2025 at 00:59:59.5 UTC"),
        ("100%% %Y-%m-%d %T,%f", "100% 2025-03-30 00:59:59,5"),
    ],
)
def test_patterns(pattern: str, text: str) -> None:
    found = TimePattern(pattern).read(text)
    assert found is not None
    assert found.at_ns == AT_NS


@pytest.mark.parametrize(
    "text", ["", "30.3.2025", "30.13.2025 00:59:59", "31.02.2025 00:00:00", "x30.03.2025 00:59:59"]
)
def test_a_text_that_does_not_fit_is_no_time(text: str) -> None:
    assert TimePattern("%d.%m.%Y %H:%M:%S").read(text) is None


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("%H:%M:%S", "month and day"), ("%d.%m.%Y %Q", "%Q is not read"), ("%d %d %m %Y", "once"), ("%", "% is")],
)
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        TimePattern(pattern)


def test_a_pattern_may_have_no_year() -> None:
    syslog, other = TimePattern("%b %d %T"), TimePattern("%b %d %Y %T")
    assert (syslog.has_year, other.has_year) == (False, True)
    found, same = syslog.read("Feb 29 23:59:59"), other.read("Feb 29 2000 23:59:59")
    assert found is not None
    assert same is not None
    assert (found.at_ns, found.format) == (same.at_ns, "the pattern %b %d %T, the year guessed")


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)),
    st.sampled_from(["%d.%m.%Y %H:%M:%S,%f", "%m/%d/%Y %I:%M:%S.%f %p", "%Y%m%d%H%M%S%f", "%d %B %Y %T.%f"]),
)
def test_what_strftime_writes_is_read(at: datetime, pattern: str) -> None:
    found = TimePattern(pattern).read(at.strftime(pattern))
    assert found is not None
    since = at.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    assert found.at_ns == since // timedelta(microseconds=1) * 1000
