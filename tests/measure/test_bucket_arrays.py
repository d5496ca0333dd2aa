"""Buckets are those of HdrHistogram's own library."""

from __future__ import annotations

from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.bucket_arrays import bucket_bounds, bucket_index
from bench_app.measure.buckets import HIGHEST_NS
from tests.measure.latencies import latencies, nanoseconds


@given(st.lists(latencies, min_size=1, max_size=200))
def test_buckets_of_many_values_are_those_of_hdr_histogram(values: list[int]) -> None:
    library = HdrHistogram(1, HIGHEST_NS, 3)

    indexes = bucket_index(nanoseconds(values))
    lowest, highest = bucket_bounds(indexes)

    assert indexes.tolist() == [library.get_counts_array_index(value) for value in values]
    assert lowest.tolist() == [library.get_lowest_equivalent_value(value) for value in values]
    assert highest.tolist() == [library.get_highest_equivalent_value(value) for value in values]
