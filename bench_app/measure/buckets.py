"""The buckets of a latency histogram: value in ns <-> bucket index.

The buckets are those of HdrHistogram (http://hdrhistogram.org) with lowest value 1 ns and 3 significant digits: 2048
buckets of 1 ns, then 1024 for every doubling. So a bucket is never wider than 0.1 % of its values.
"""

from __future__ import annotations

import numpy as np

from bench_app.measure.arrays import Int64s

HIGHEST_NS = 3_600_000_000_000
"""The highest value that a histogram holds: one hour."""
SIGNIFICANT_DIGITS = 3
GROUP = 1024
"""Buckets for every doubling of the value."""

_GROUP_BITS = GROUP.bit_length() - 1
# HdrHistogram's sub_bucket_mask: it keeps all values below 2048 in the first two groups.
_LOW_MASK = 2 * GROUP - 1


def bucket_index(values: Int64s) -> Int64s:
    """The bucket of each value. Values must be from 0 to 2**53, because a float64 holds these exactly."""
    exponents = np.frexp((values | _LOW_MASK).astype(np.float64))[1]
    doublings = exponents.astype(np.int64) - (_GROUP_BITS + 1)
    return (doublings << _GROUP_BITS) + (values >> doublings)


def bucket_index_of_one(value: int) -> int:
    """The bucket of one value, which must not be negative.

    Same as :func:`bucket_index`, in plain Python, which costs less for a single value.
    """
    doublings = (value | _LOW_MASK).bit_length() - (_GROUP_BITS + 1)
    return (doublings << _GROUP_BITS) + (value >> doublings)


def bucket_bounds(indexes: Int64s) -> tuple[Int64s, Int64s]:
    """The lowest and the highest value in ns of each bucket (HdrHistogram's equivalent values)."""
    doublings = np.maximum((indexes >> _GROUP_BITS) - 1, 0)
    lowest = (indexes - (doublings << _GROUP_BITS)) << doublings
    return lowest, lowest + (np.int64(1) << doublings) - 1
