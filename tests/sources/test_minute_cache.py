"""The texts of times are read alike with the cache of minutes and without it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.sources import minute_cache
from bench_app.sources.minute_cache import MinuteCache
from bench_app.sources.time_pattern import TimePattern
from bench_app.sources.time_texts import WrittenTime, read_text

_TEXTS = st.builds(
    str.format,
    st.sampled_from(
        (
            "2025-03-30T00:{0:02}:{1:02}.{2:03}Z",
            "2025-03-30 00:{0:02}:{1:02},{2:06}+02:00",
            "2025-03-30 23:{0:02}:{1:02}.{2}",
            "2025-03-30T23:{0:02}:{1:02}",
            "2025-03-30 01:{0:02}:{1:02}.{2:03} +0000 UTC",
            "[30/Mar/2025:01:{0:02}:{1:02} +0200]",
            "Sun, 30 Mar 2025 01:{0:02}:{1:02} GMT",
            "Sun Mar 30 01:{0:02}:{1:02} 2025",
            "March 30, 2025 1:{0:02}:{1:02} PM",
            "2025-03-30T00:{0:02}:{1:02}.{2:012}Z",
            "2025-03-30T00:{0:02} +01:00:{1:02}",
            "{0}:{1:02}:{2}",
            "no time at 12:{0:02}:{1:02}",
        )
    ),
    st.integers(0, 61),
    st.integers(0, 62),
    st.integers(0, 999_999),
)


@given(st.lists(st.one_of(_TEXTS, st.text(alphabet="0123456789:.,TZ+- ", max_size=30))))
def test_a_text_is_the_same_time_with_the_cache(texts: list[str]) -> None:
    cache = MinuteCache(read_text)
    for text in [*texts, *texts]:
        assert cache.read(text) == read_text(text)


def test_a_minute_is_read_once() -> None:
    texts: list[str] = []

    def read(text: str) -> WrittenTime | None:
        texts.append(text)
        return read_text(text)

    cache = MinuteCache(read)
    for second in range(60):
        assert cache.read(f"2025-03-30T10:20:{second:02}.5Z") is not None
    assert texts == ["2025-03-30T10:20:00.5Z", "2025-03-30T10:20:00.0Z"]


def test_second_60_is_read_as_a_whole() -> None:
    cache = MinuteCache(read_text)
    cache.read("2016-12-31T23:59:59Z")
    found = cache.read("2016-12-31T23:59:60Z")
    assert found is not None
    assert found.is_leap


def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minute_cache, "MOST_MINUTES", 3)
    cache = MinuteCache(read_text)
    for minute in range(60):
        text = f"2025-03-30T10:{minute:02}:07Z"
        assert cache.read(text) == read_text(text)


@pytest.mark.parametrize(
    ("pattern", "is_usual"),
    [
        ("%d.%m.%Y %H:%M:%S,%f", True),
        ("%d.%m.%Y %H:%M:%S", True),
        ("%Y%m%d %T", True),
        ("%d/%m/%y %I:%M:%S %p", True),
        ("%H:%M:%S.%y %d.%m", False),
        ("%M:%S:%H %F", False),
        ("%H:%M:%S%f %F", False),
        ("%d.%m.%Y %H-%M-%S", False),
    ],
)
def test_a_pattern_is_cached_only_with_the_usual_clock(pattern: str, is_usual: bool) -> None:
    assert TimePattern(pattern).has_usual_clock is is_usual
