"""Samples counted one at a time are recorded as many at once are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.histogram_delta import EMPTY_DELTA
from bench_app.measure.single_samples import SingleSamples
from tests.measure.latencies import latencies, nanoseconds, recorded


@given(st.lists(st.tuples(latencies | st.integers(-5, -1), st.integers(1, 9)), min_size=1, max_size=20))
def test_equal_samples_are_recorded_as_often_as_they_came(samples: list[tuple[int, int]]) -> None:
    singles = SingleSamples()
    for value, count in samples:
        singles.add(value, count)
    every = [value for value, count in samples for _ in range(count)]
    assert singles.as_delta() == recorded(nanoseconds(every)).as_delta()


def test_without_samples_the_delta_is_empty() -> None:
    assert SingleSamples().as_delta() == EMPTY_DELTA
