"""Percentiles, mean and merging of histograms, compared with the HdrHistogram library."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.arrays import Int64s
from bench_app.measure.buckets import HIGHEST_NS
from bench_app.measure.histogram import Histogram
from bench_app.measure.histogram_delta import EMPTY_DELTA, PERCENTILES
from bench_app.measure.recorder import Recorder
from tests.measure.latencies import latencies, nanoseconds, oracle, recorded

QUANTILES = (0.0, 0.1, 1.0, 25.0, *PERCENTILES.values(), 99.999, 100.0)


def check_against_the_library(values: Int64s) -> None:
    ours, theirs = recorded(values), oracle(values)
    largest = int(values.max())
    assert ours.percentile(0.0) == int(values.min())
    assert [ours.percentile(q) for q in QUANTILES[1:]] == [
        min(theirs.get_value_at_percentile(q), largest) for q in QUANTILES[1:]
    ]


@given(st.lists(latencies, min_size=1, max_size=200))
def test_percentiles_are_those_of_the_library(values: list[int]) -> None:
    check_against_the_library(nanoseconds(values))


def test_percentiles_of_a_long_tail_are_those_of_the_library_and_of_sorting() -> None:
    values = np.random.default_rng(7).lognormal(12, 2, 20_000).astype(np.int64)
    check_against_the_library(values)

    histogram, ordered = recorded(values), np.sort(values)
    for q in QUANTILES[1:]:
        exact = ordered[max(1, int(q * len(values) / 100 + 0.5)) - 1]
        assert histogram.percentile(q) == pytest.approx(exact, rel=0.001, abs=1)


@given(st.lists(latencies, min_size=1, max_size=100))
def test_count_mean_and_extremes_are_exact(values: list[int]) -> None:
    histogram = recorded(nanoseconds(values))

    assert histogram.count == len(values)
    assert histogram.mean_ns == sum(values) / len(values)
    assert (histogram.min_ns, histogram.max_ns) == (min(values), max(values))


@given(st.lists(st.lists(latencies, max_size=40), max_size=6))
def test_merging_parts_is_recording_the_whole(parts: list[list[int]]) -> None:
    whole = recorded(nanoseconds([value for part in parts for value in part]))
    from_deltas, from_histograms, recorder = Histogram(), Histogram(), Recorder()
    for part in parts:
        recorder.add(nanoseconds(part))
        from_deltas.merge(recorder.take())
        from_histograms.merge(recorded(nanoseconds(part)))

    assert from_deltas.as_delta() == whole.as_delta()
    assert from_histograms.as_delta() == whole.as_delta()


def test_values_out_of_range_count_as_the_bound_and_are_counted_separately() -> None:
    histogram = recorded(nanoseconds([-5, -(2**62), 10, HIGHEST_NS, HIGHEST_NS + 1, 2**62]))

    assert (histogram.count, histogram.below_range, histogram.above_range) == (6, 2, 2)
    assert (histogram.min_ns, histogram.max_ns) == (0, HIGHEST_NS)
    assert histogram.sum_ns == 10 + 3 * HIGHEST_NS
    assert histogram.percentile(100.0) == HIGHEST_NS
    assert recorded(nanoseconds([HIGHEST_NS])).above_range == 0


def test_an_empty_histogram_has_zeros_and_no_memory() -> None:
    histogram = Histogram()
    histogram.merge(EMPTY_DELTA)
    histogram.merge(Histogram())

    assert set(histogram.summary_us().values()) == {0}
    assert list(histogram.summary_us()) == ["count", "mean", "p50", "p90", "p99", "p99_9", "p99_99", "max"]
    assert histogram.percentile(99.0) == 0
    assert histogram.nbytes == 0


def test_the_summary_is_in_microseconds() -> None:
    summary = recorded(nanoseconds([1000, 1000, 1500, 2000])).summary_us()
    assert summary == {
        "count": 4,
        "mean": 1.375,
        "p50": 1.0,
        "p90": 2.0,
        "p99": 2.0,
        "p99_9": 2.0,
        "p99_99": 2.0,
        "max": 2.0,
    }
    assert isinstance(summary["count"], int)


def test_a_copy_is_independent() -> None:
    histogram = recorded(nanoseconds([1, 2, 3]))
    copied = histogram.copy()
    histogram.merge(recorded(nanoseconds([10**9])))
    assert (copied.count, copied.max_ns, copied.percentile(100.0)) == (3, 3, 3)
