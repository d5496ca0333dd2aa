"""Records samples for tests, and computes the expected histogram with the HdrHistogram library."""

from __future__ import annotations

import numpy as np
from hdrh.histogram import HdrHistogram
from hypothesis import strategies as st

from bench_app.measure.arrays import Int64s
from bench_app.measure.buckets import HIGHEST_NS
from bench_app.measure.histogram import Histogram
from bench_app.measure.recorder import Recorder


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
    # Both sides of every bucket bound.
    st.builds(lambda power, step: min(max(0, (1 << power) + step), HIGHEST_NS), st.integers(0, 42), st.integers(-3, 3)),
)
