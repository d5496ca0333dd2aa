"""Quantiles of reports are those of their merged histogram."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.bucket_arrays import bucket_index
from bench_app.measure.buckets import HIGHEST_NS
from bench_app.measure.histogram import Histogram
from bench_app.measure.histogram_delta import EMPTY_DELTA, HistogramDelta
from bench_app.measure.quantiles import MOST_DELTAS, QUANTILES, PendingDeltas, quantiles_of
from bench_app.measure.recorder import Recorder

latencies = st.lists(st.one_of(st.integers(0, 5000), st.integers(0, HIGHEST_NS)), max_size=60)


def delta_of(values: list[int]) -> HistogramDelta:
    recorder = Recorder()
    recorder.add(np.array(values, np.int64))
    return recorder.take()


def merged(deltas: list[HistogramDelta]) -> Histogram:
    histogram = Histogram()
    for delta in deltas:
        histogram.merge(delta)
    return histogram


@given(st.lists(latencies, min_size=1, max_size=8))
def test_quantiles_of_several_deltas_are_those_of_the_merged_histogram(parts: list[list[int]]) -> None:
    deltas = [delta_of(part) for part in parts]
    found = dict(zip(QUANTILES, quantiles_of(deltas), strict=True))
    histogram = merged(deltas)
    if not histogram.count:
        assert all(math.isnan(value) for value in found.values())
        return
    assert list(found) == ["p50", "p90", "p99", "p99_9", "max"]
    for name, q in QUANTILES.items():
        ours, theirs = int(found[name]), histogram.percentile(q)
        assert bucket_index(np.array([ours])) == bucket_index(np.array([theirs])), name
        assert ours == theirs, name
    assert found["max"] == histogram.max_ns


def test_quantiles_do_not_depend_on_how_many_reports_there_were() -> None:
    values = np.random.default_rng(5).lognormal(12, 2, 5000).astype(np.int64).tolist()
    whole = quantiles_of([delta_of(values)])
    assert quantiles_of([delta_of(values[start : start + 70]) for start in range(0, 5000, 70)]) == whole
    assert quantiles_of(delta_of(values[start::3]) for start in range(3)) == whole


def test_drain_gives_the_latencies_since_the_last_call() -> None:
    pending = PendingDeltas()
    assert all(math.isnan(value) for value in pending.drain())
    pending.add(delta_of([10, 20]))
    pending.add(EMPTY_DELTA)
    pending.add(delta_of([30]))
    assert pending.drain() == [20, 30, 30, 30, 30]
    assert all(math.isnan(value) for value in pending.drain())


def test_deltas_that_are_never_drained_stay_few() -> None:
    pending = PendingDeltas()
    for value in range(1000):
        pending.add(delta_of([value]))
    assert len(pending) == MOST_DELTAS
    assert pending.drain()[-1] == 999
