from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.bucket_arrays import bucket_bounds, bucket_index
from bench_app.measure.histogram import Histogram
from bench_app.measure.recorder import Recorder
from bench_app.measure.waiting import Waits, explained_ns

MS = 1_000_000
WAITS = st.lists(st.integers(0, 5_000 * MS), min_size=1, max_size=60)


def waits(values: list[int], total: int | None = None) -> Waits:
    recorder, histogram = Recorder(), Histogram()
    recorder.add(np.array(values, np.int64))
    histogram.merge(recorder.take())
    return Waits(histogram, len(values) if total is None else total)


def lowest_of_bucket(value: int) -> int:
    return int(bucket_bounds(bucket_index(np.array([value], np.int64)))[0][0])


def test_nothing_is_explained_without_a_wait() -> None:
    assert explained_ns([], 99.0) == 0
    assert explained_ns([waits([])], 99.0) == 0
    assert explained_ns([waits([0] * 100)], 99.0) == 0


def test_a_wait_of_every_fiftieth_message_explains_the_p99_and_not_the_p90() -> None:
    place = waits([0] * 98 + [50 * MS] * 2)
    assert explained_ns([place], 99.0) == pytest.approx(50 * MS, rel=0.01)
    assert explained_ns([place], 90.0) == 0


def test_messages_without_a_wait_need_not_be_recorded() -> None:
    assert explained_ns([waits([50 * MS] * 2, total=100)], 99.0) == pytest.approx(50 * MS, rel=0.01)
    assert explained_ns([waits([50 * MS] * 2, total=1000)], 99.0) == 0


def test_waits_at_two_places_may_concern_different_messages() -> None:
    handler, listener = waits([10 * MS], total=150), waits([20 * MS], total=150)
    assert explained_ns([handler], 99.0) == 0
    assert explained_ns([handler, listener], 99.0) == pytest.approx(10 * MS, rel=0.01)


@given(st.lists(WAITS, min_size=1, max_size=3), st.sampled_from([50.0, 90.0, 99.0, 99.9]), st.randoms())
def test_it_bounds_the_percentile_of_the_longest_wait(
    places: list[list[int]], percentile: float, random: object
) -> None:
    """Whatever message meets whatever wait at each place, the percentile of the longest is not above the bound."""
    length = max(map(len, places))
    padded = [values + [0] * (length - len(values)) for values in places]
    for values in padded:
        random.shuffle(values)  # type: ignore[attr-defined]
    longest = sorted(max(met) for met in zip(*padded, strict=True))
    # More than this share of the messages waited at least as long as the one at the index.
    index = max((number for number in range(length) if (length - number) / length > 1 - percentile / 100), default=0)
    bound = explained_ns([waits(values, length) for values in places], percentile)
    assert bound >= lowest_of_bucket(longest[index])
