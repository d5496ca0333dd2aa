from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.histogram import (
    EMPTY_DELTA,
    HIGHEST_NS,
    PERCENTILES,
    Histogram,
    HistogramDelta,
    Int64s,
    Recorder,
    bucket_bounds,
    bucket_index,
)
from bench_app.measure.samples import SampleBuffer

QUANTILES = (0.0, 0.1, 1.0, 25.0, *PERCENTILES.values(), 99.999, 100.0)


def nanoseconds(values: list[int]) -> Int64s:
    return np.array(values, np.int64)


def recorded(values: Int64s) -> Histogram:
    recorder, histogram = Recorder(), Histogram()
    recorder.add(values)
    histogram.merge(recorder.take())
    return histogram


def oracle(values: Int64s) -> HdrHistogram:
    histogram = HdrHistogram(1, HIGHEST_NS, 3)
    for value in values.tolist():
        assert histogram.record_value(value)
    return histogram


latencies = st.one_of(
    st.integers(0, 5000),
    st.integers(0, HIGHEST_NS),
    # Both sides of every border between buckets.
    st.builds(lambda power, step: min(max(0, (1 << power) + step), HIGHEST_NS), st.integers(0, 42), st.integers(-3, 3)),
)


@given(st.lists(latencies, min_size=1, max_size=200))
def test_buckets_are_those_of_hdr_histogram(values: list[int]) -> None:
    library = HdrHistogram(1, HIGHEST_NS, 3)

    indexes = bucket_index(nanoseconds(values))
    lowest, highest = bucket_bounds(indexes)

    assert indexes.tolist() == [library.get_counts_array_index(value) for value in values]
    assert lowest.tolist() == [library.get_lowest_equivalent_value(value) for value in values]
    assert highest.tolist() == [library.get_highest_equivalent_value(value) for value in values]


@given(st.lists(st.one_of(latencies, st.integers(-(2**40), 2**52)), min_size=1, max_size=60))
def test_a_handful_is_recorded_as_a_crowd_is(values: list[int]) -> None:
    few, many = Recorder(), Recorder()
    few.add(nanoseconds(values))
    many.add(nanoseconds(values * 80))
    handful, crowd = few.take(), many.take()

    assert crowd.indexes == handful.indexes
    assert np.frombuffer(crowd.counts, "<i8").tolist() == [80 * n for n in np.frombuffer(handful.counts, "<i8")]
    assert (crowd.count, crowd.sum_ns) == (80 * handful.count, 80 * handful.sum_ns)
    assert (crowd.min_ns, crowd.max_ns) == (handful.min_ns, handful.max_ns)
    assert (crowd.below_range, crowd.above_range) == (80 * handful.below_range, 80 * handful.above_range)


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


@given(st.lists(st.tuples(st.booleans(), st.lists(latencies | st.integers(-5, -1), max_size=40)), max_size=6))
def test_samples_added_one_by_one_are_recorded_as_many_are(parts: list[tuple[bool, list[int]]]) -> None:
    recorder = Recorder()
    for one_by_one, part in parts:
        if one_by_one:
            for value in part:
                recorder.add_one(value)
        else:
            recorder.add(nanoseconds(part))
    assert recorder.take() == recorded(nanoseconds([value for _, part in parts for value in part])).as_delta()
    assert recorder.take() == EMPTY_DELTA


def test_samples_one_by_one_stay_small_too() -> None:
    values = np.random.default_rng(3).integers(0, HIGHEST_NS, 20_000)
    recorder = Recorder()
    for value in values.tolist():
        recorder.add_one(value)
    assert len(recorder._ones.buckets) < 4096
    assert recorder.take() == recorded(values).as_delta()


@pytest.mark.parametrize("sizes", [[1], [256] * 300, [70_000], [3, 65_533, 1, 200_000, 5], [65_536, 1]])
def test_a_recorder_that_is_never_asked_forgets_nothing_and_stays_small(sizes: list[int]) -> None:
    rng = np.random.default_rng(3)
    batches = [rng.integers(0, 10**9, size) for size in sizes]
    recorder = Recorder()
    for batch in batches:
        recorder.add(batch)
    assert recorder._pending.nbytes <= 512 * 1024

    assert recorder.take() == recorded(np.concatenate(batches)).as_delta()
    assert recorder.take() == EMPTY_DELTA


def test_take_gives_only_what_came_since_the_last_one() -> None:
    recorder = Recorder()
    recorder.add(nanoseconds([5, 5, 1_000_000]))
    assert recorder.take().count == 3
    recorder.add(nanoseconds([7]))
    delta = recorder.take()
    assert (delta.count, delta.sum_ns, delta.min_ns, delta.max_ns) == (1, 7, 7, 7)


def test_the_caller_may_use_its_array_again() -> None:
    recorder, values = Recorder(), nanoseconds([10, 20])
    recorder.add(values)
    values[:] = 0
    assert recorder.take().sum_ns == 30


def test_values_out_of_range_are_moved_to_the_bound_and_counted_apart() -> None:
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
    assert histogram._counts.nbytes == 0


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


def test_a_delta_survives_the_wire() -> None:
    recorder = Recorder()
    recorder.add(nanoseconds([3, 3, 12_345_678, -1]))
    delta = recorder.take()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(delta), type=HistogramDelta) == delta


def test_a_sample_buffer_hands_over_every_sample() -> None:
    recorder = Recorder()
    samples = SampleBuffer(recorder, capacity=4)
    for value in range(10):
        samples.append(value)
    samples.flush()
    samples.flush()
    delta = recorder.take()
    assert (delta.count, delta.sum_ns) == (10, 45)
