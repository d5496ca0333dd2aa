"""A recorder keeps every sample, from single values and from arrays, and stays small."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.buckets import HIGHEST_NS
from bench_app.measure.histogram_delta import EMPTY_DELTA
from bench_app.measure.recorder import MOST_PENDING, MOST_SINGLE_BUCKETS, Recorder
from tests.measure.latencies import latencies, nanoseconds, recorded


@given(st.lists(st.one_of(latencies, st.integers(-(2**40), 2**52)), min_size=1, max_size=60))
def test_a_few_samples_are_recorded_as_many_are(values: list[int]) -> None:
    few, many = Recorder(), Recorder()
    few.add(nanoseconds(values))
    many.add(nanoseconds(values * 80))
    of_few, of_many = few.take(), many.take()

    assert of_many.indexes == of_few.indexes
    assert np.frombuffer(of_many.counts, "<i8").tolist() == [80 * n for n in np.frombuffer(of_few.counts, "<i8")]
    assert (of_many.count, of_many.sum_ns) == (80 * of_few.count, 80 * of_few.sum_ns)
    assert (of_many.min_ns, of_many.max_ns) == (of_few.min_ns, of_few.max_ns)
    assert (of_many.below_range, of_many.above_range) == (80 * of_few.below_range, 80 * of_few.above_range)


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


def test_samples_one_by_one_stay_small() -> None:
    values = np.random.default_rng(3).integers(0, HIGHEST_NS, 20_000)
    recorder = Recorder()
    for value in values.tolist():
        recorder.add_one(value)
        assert recorder.single_buckets < MOST_SINGLE_BUCKETS
    assert recorder.take() == recorded(values).as_delta()


@pytest.mark.parametrize("sizes", [[1], [256] * 300, [70_000], [3, 65_533, 1, 200_000, 5], [65_536, 1]])
def test_a_recorder_whose_report_is_overdue_loses_nothing_and_stays_small(sizes: list[int]) -> None:
    rng = np.random.default_rng(3)
    batches = [rng.integers(0, 10**9, size) for size in sizes]
    recorder = Recorder()
    for batch in batches:
        recorder.add(batch)
    whole = recorded(np.concatenate(batches))
    assert recorder.nbytes <= 8 * MOST_PENDING + whole.nbytes

    assert recorder.take() == whole.as_delta()
    assert recorder.take() == EMPTY_DELTA


def test_take_gives_only_the_samples_since_the_last_take() -> None:
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
