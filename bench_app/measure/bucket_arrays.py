"""The buckets of many values at once, with numpy: values in ns <-> bucket indexes. See :mod:`.buckets`."""

from __future__ import annotations

import numpy as np

from bench_app.measure.arrays import Int64s
from bench_app.measure.buckets import GROUP_BITS, LOW_MASK


def bucket_index(values: Int64s) -> Int64s:
    """The bucket of each value. Values must be from 0 to 2**53, because a float64 holds these exactly."""
    exponents = np.frexp((values | LOW_MASK).astype(np.float64))[1]
    doublings = exponents.astype(np.int64) - (GROUP_BITS + 1)
    return (doublings << GROUP_BITS) + (values >> doublings)


def bucket_bounds(indexes: Int64s) -> tuple[Int64s, Int64s]:
    """The lowest and the highest value in ns of each bucket (HdrHistogram's equivalent values)."""
    doublings = np.maximum((indexes >> GROUP_BITS) - 1, 0)
    lowest = (indexes - (doublings << GROUP_BITS)) << doublings
    return lowest, lowest + (np.int64(1) << doublings) - 1
