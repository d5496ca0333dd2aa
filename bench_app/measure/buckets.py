"""The buckets of a latency histogram: value in ns <-> bucket index.

The buckets are those of HdrHistogram (http://hdrhistogram.org) with lowest value 1 ns and 3 significant digits: 2048
buckets of 1 ns, then 1024 for every doubling. So a bucket is never wider than 0.1 % of its values.

Without numpy, which :mod:`bench_app.measure.bucket_arrays` needs for many values at once.
"""

from __future__ import annotations

HIGHEST_NS = 3_600_000_000_000
"""The highest value that a histogram holds: one hour."""
SIGNIFICANT_DIGITS = 3
GROUP = 1024
"""Buckets for every doubling of the value."""

GROUP_BITS = GROUP.bit_length() - 1
LOW_MASK = 2 * GROUP - 1
"""HdrHistogram's sub_bucket_mask: it keeps all values below 2048 in the first two groups."""


def bucket_index_of_one(value: int) -> int:
    """The bucket of one value, which must not be negative.

    Same as :func:`bench_app.measure.bucket_arrays.bucket_index`, in plain Python, which costs less for a single value.
    """
    doublings = (value | LOW_MASK).bit_length() - (GROUP_BITS + 1)
    return (doublings << GROUP_BITS) + (value >> doublings)
