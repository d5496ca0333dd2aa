"""The bucket of one value is that of HdrHistogram's own library."""

from __future__ import annotations

from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.buckets import HIGHEST_NS, bucket_index_of_one
from tests.measure.latencies import latencies

LIBRARY = HdrHistogram(1, HIGHEST_NS, 3)


@given(st.lists(latencies, min_size=1, max_size=200))
def test_the_bucket_of_one_value_is_that_of_hdr_histogram(values: list[int]) -> None:
    assert [bucket_index_of_one(value) for value in values] == [LIBRARY.get_counts_array_index(one) for one in values]
