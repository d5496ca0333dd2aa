"""The V2 encoding is that of HdrHistogram's own library, and this library reads it."""

from __future__ import annotations

import base64
import zlib

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import example, given
from hypothesis import strategies as st

from bench_app.measure.buckets import HIGHEST_NS, bucket_index_of_one
from bench_app.measure.hdr_encoding import encode_v2, zigzag_leb128
from bench_app.measure.histogram import Histogram
from bench_app.measure.histogram_delta import HistogramDelta
from tests.measure.latencies import latencies, nanoseconds, oracle, recorded


@pytest.mark.parametrize(
    "values", [[], [0], [1], [2], [3, 5, 8], [500, 1_000_000, 1_000_000, 123_456_789_012], [HIGHEST_NS]]
)
def test_the_encoding_is_the_librarys_own(values: list[int]) -> None:
    assert unpacked(encode_v2(recorded(nanoseconds(values)))) == unpacked(oracle(nanoseconds(values)).encode())


@given(st.lists(latencies, max_size=100))
def test_the_library_reads_every_count(values: list[int]) -> None:
    expected = oracle(nanoseconds(values))

    read = HdrHistogram.decode(encode_v2(recorded(nanoseconds(values))))

    assert list(read.counts) == list(expected.counts)
    assert read.total_count == len(values)
    assert (read.lowest_trackable_value, read.highest_trackable_value, read.significant_figures) == (1, HIGHEST_NS, 3)


@given(st.lists(st.tuples(latencies, st.integers(1, (1 << 62) - 1)), min_size=1, max_size=5, unique_by=lambda x: x[0]))
@example([(7, (1 << 62) - 1)])
def test_the_library_reads_large_counts(counted: list[tuple[int, int]]) -> None:
    counts: dict[int, int] = {bucket_index_of_one(value): count for value, count in counted}

    read = HdrHistogram.decode(encode_v2(histogram_with(counts)))

    assert {index: count for index, count in enumerate(read.counts) if count} == counts


@pytest.mark.parametrize(
    ("number", "encoded"),
    [
        (0, "00"),
        (-1, "01"),
        (1, "02"),
        (63, "7e"),
        (-64, "7f"),
        (64, "8001"),
        ((1 << 55) - 1, "feffffffffffff7f"),
        (1 << 55, "808080808080808001"),
        ((1 << 63) - 1, "feffffffffffffffff"),
        (-(1 << 63), "ffffffffffffffffff"),
    ],
)
def test_a_number_has_one_to_nine_bytes(number: int, encoded: str) -> None:
    assert zigzag_leb128(number).hex() == encoded


def unpacked(encoded: bytes) -> bytes:
    """The bytes before compression. Two builds of zlib may compress the same bytes differently."""
    raw = base64.b64decode(encoded)
    return raw[:4] + zlib.decompress(raw[8:])


def histogram_with(counts: dict[int, int]) -> Histogram:
    histogram = Histogram()
    for index, count in counts.items():
        one = HistogramDelta(index.to_bytes(4, "little"), count.to_bytes(8, "little"), count=count)
        histogram.merge(one)
    return histogram
