"""Compiled latency counts give the deltas of the Python recorder."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.buckets import HIGHEST_NS
from bench_app.measure.histogram_delta import EMPTY_DELTA
from bench_app.measure.recorder import Recorder
from tests.compiled import compiled

latency_counts = compiled("latency_counts")

SAMPLES = st.lists(
    st.one_of(st.integers(-(10**6), 5000), st.integers(0, 10**9), st.integers(HIGHEST_NS - 2, HIGHEST_NS + 10**12)),
    max_size=200,
)


@given(first=SAMPLES, second=SAMPLES)
def test_each_delta_is_that_of_the_python_recorder(first: list[int], second: list[int]) -> None:
    counts, recorder = latency_counts.LatencyCounts(), Recorder()
    for samples in (first, second):
        counts.add(np.array(samples, np.int64))
        recorder.add(np.array(samples, np.int64))
        assert counts.take() == recorder.take()
    assert counts.take() == EMPTY_DELTA


@given(samples=SAMPLES)
def test_one_sample_counts_like_many(samples: list[int]) -> None:
    counts, recorder = latency_counts.LatencyCounts(), Recorder()
    for number, sample in enumerate(samples):
        (counts.add_one if number % 2 else counts.append)(sample)
        recorder.add_one(sample)
    assert counts.take() == recorder.take()


def test_its_memory_does_not_grow() -> None:
    counts = latency_counts.LatencyCounts()
    before = counts.nbytes
    counts.add(np.arange(0, HIGHEST_NS, HIGHEST_NS // 100_000, np.int64))
    assert counts.nbytes == before < 300_000
