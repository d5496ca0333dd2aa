"""The latencies of one report: recorder -> **report** -> histogram. The names of the usual percentiles.

Without numpy: a handler's worker and the library need these names, and none of the arithmetic.
"""

from __future__ import annotations

import msgspec

PERCENTILES = {"p50": 50.0, "p90": 90.0, "p99": 99.0, "p99_9": 99.9, "p99_99": 99.99}
"""The usual percentiles by their names in results, checks and time series."""


def percentile_label(name: str) -> str:
    """The name of a percentile for people: ``p99_9`` -> p99.9."""
    return name.replace("_", ".")


class HistogramDelta(msgspec.Struct, frozen=True, array_like=True):
    """The samples of an interval in a sparse form, ready for the wire.

    Attributes:
        indexes: the indexes of the buckets with samples, ascending, as little-endian int32.
        counts: the number of samples in each of these buckets, as little-endian int64.
        count: the number of all samples, those out of range included.
        sum_ns: the sum of all samples.
        min_ns: the lowest sample.
        max_ns: the highest sample.
        below_range: how many samples were below 0 and count as 0.
        above_range: how many samples were above the highest value and count as that value.
    """

    indexes: bytes = b""
    counts: bytes = b""
    count: int = 0
    sum_ns: int = 0
    min_ns: int = 0
    max_ns: int = 0
    below_range: int = 0
    above_range: int = 0


EMPTY_DELTA = HistogramDelta()
