"""Latency distributions: handler or listener -> samples -> **histogram** -> report -> ledger -> plot.

The buckets are those of HdrHistogram (http://hdrhistogram.org) with lowest value 1 ns and 3 significant digits: 2048
buckets of 1 ns, then 1024 for every doubling, so that a bucket is never wider than 0.1 % of its values. Values are int
ns. What is below 0 or above :data:`HIGHEST_NS` is moved to that bound before anything else is done with it, and
counted apart as well.
"""

from __future__ import annotations

import sys
from array import array
from bisect import insort
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]

HIGHEST_NS = 3_600_000_000_000
SIGNIFICANT_DIGITS = 3
PERCENTILES = {"p50": 50.0, "p90": 90.0, "p99": 99.0, "p99_9": 99.9, "p99_99": 99.99}

_HALF_COUNT_BITS = 10
_HALF_COUNT = 1 << _HALF_COUNT_BITS
_FULL_MASK = 2 * _HALF_COUNT - 1
_FIRST_PENDING = 1024
_MOST_PENDING = 65_536
_MOST_ONES = 4096
"""Buckets in order as a list; beyond, to put one more in its place takes longer than to begin anew."""
_FEW = 2048
"""Up to here sorting the indexes costs less than tallying every possible bucket."""
_HANDFUL = 64
"""Up to here plain Python costs less than a dozen calls of numpy: what a slow unit has for a report."""


def bucket_index(values: Int64s) -> Int64s:
    """The bucket of each value; values must be in 0 to 2**53, where a float64 has the exponent exactly."""
    # The mask keeps all small values in bucket 0, as HdrHistogram's sub_bucket_mask does.
    exponents = np.frexp((values | _FULL_MASK).astype(np.float64))[1]
    buckets = exponents.astype(np.int64) - (_HALF_COUNT_BITS + 1)
    return (buckets << _HALF_COUNT_BITS) + (values >> buckets)


def bucket_bounds(indexes: Int64s) -> tuple[Int64s, Int64s]:
    """The lowest and the highest value in ns that each bucket takes (HdrHistogram's equivalent values)."""
    buckets = np.maximum((indexes >> _HALF_COUNT_BITS) - 1, 0)
    lowest = (indexes - (buckets << _HALF_COUNT_BITS)) << buckets
    return lowest, lowest + (np.int64(1) << buckets) - 1


class HistogramDelta(msgspec.Struct, frozen=True, array_like=True):
    """What was recorded in an interval, sparse and ready for the wire.

    ``indexes`` (int32) and ``counts`` (int64) are little-endian arrays: the buckets that got something, ascending, and
    how much. ``count`` includes the values that were moved to a bound.
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


class Recorder:
    """The hot side: collects samples between two reports in at most 0.5 MB and some 300 KB of tallied overflow.

    Many at once cost least with :meth:`add`. With :meth:`add_one` the work of a sample is done when it is added, and
    :meth:`take` is short.
    """

    def __init__(self) -> None:
        self._pending = np.empty(_FIRST_PENDING, np.int64)
        self._used = 0
        self._tallied: Histogram | None = None
        self._ones = _Tally()

    def add_one(self, value: int) -> None:
        """Add a sample in ns."""
        self._ones.add(value)
        if len(self._ones.buckets) == _MOST_ONES:
            self._merge_ones()

    def add(self, values: Int64s) -> None:
        """Add samples in ns; they are copied, so the caller may use the array again."""
        end = self._used + len(values)
        if end > len(self._pending):
            self._add_beyond(values)
            return
        self._pending[self._used : end] = values
        self._used = end

    def take(self) -> HistogramDelta:
        """What was added since the last time."""
        if self._ones.count and not self._used and self._tallied is None:
            delta, self._ones = self._ones.as_delta(), _Tally()
            return delta
        if self._ones.count:
            self._merge_ones()
        if self._tallied is not None:
            self._tally()
            delta = self._tallied.as_delta()
            self._tallied = None
            return delta
        delta = _delta_of(self._pending[: self._used])
        self._used = 0
        return delta

    def _add_beyond(self, values: Int64s) -> None:
        """Make room by growing, or by tallying once a report is long overdue."""
        needed = self._used + len(values)
        if needed <= _MOST_PENDING:
            grown = np.empty(1 << (needed - 1).bit_length(), np.int64)
            grown[: self._used] = self._pending[: self._used]
            self._pending = grown
            self.add(values)
            return
        self._tally()
        for start in range(0, len(values), _MOST_PENDING):
            self._merge(_delta_of(values[start : start + _MOST_PENDING]))

    def _tally(self) -> None:
        self._merge(_delta_of(self._pending[: self._used]))
        self._used = 0

    def _merge_ones(self) -> None:
        self._merge(self._ones.as_delta())
        self._ones = _Tally()

    def _merge(self, delta: HistogramDelta) -> None:
        if self._tallied is None:
            self._tallied = Histogram()
        self._tallied.merge(delta)


class Histogram:
    """A distribution that others can be merged into; memory grows with its highest value, to 270 KB at one hour."""

    def __init__(self) -> None:
        self.count = 0
        self.sum_ns = 0
        self.min_ns = 0
        self.max_ns = 0
        self.below_range = 0
        self.above_range = 0
        self._counts = np.zeros(0, np.int64)

    @property
    def mean_ns(self) -> float:
        """The exact mean, 0 when empty."""
        return self.sum_ns / self.count if self.count else 0.0

    def merge(self, other: HistogramDelta | Histogram) -> None:
        """Add what ``other`` has."""
        if not other.count:
            return
        if isinstance(other, Histogram):
            self._reserve(len(other._counts))
            self._counts[: len(other._counts)] += other._counts
        else:
            indexes = np.frombuffer(other.indexes, "<i4")
            self._reserve(int(indexes[-1]) + 1)
            # A delta names no bucket twice, so plain indexing adds each of its counts.
            self._counts[indexes] += np.frombuffer(other.counts, "<i8")
        self.min_ns = min(self.min_ns, other.min_ns) if self.count else other.min_ns
        self.max_ns = max(self.max_ns, other.max_ns)
        self.count += other.count
        self.sum_ns += other.sum_ns
        self.below_range += other.below_range
        self.above_range += other.above_range

    def percentile(self, q: float) -> int:
        """The value in ns that ``q`` percent (0 to 100) of the samples do not exceed; 0 when empty.

        It is the highest value of the bucket where that share is reached, as in HdrHistogram, but never above the
        maximum.
        """
        return self._percentiles((q,))[0]

    def summary_us(self) -> dict[str, float]:
        """Count (int), mean, the usual percentiles and maximum in microseconds; all 0 when empty."""
        values_ns = self._percentiles(tuple(PERCENTILES.values()))
        summary: dict[str, float] = {"count": self.count, "mean": _us(self.mean_ns)}
        summary.update(zip(PERCENTILES, map(_us, values_ns), strict=True))
        summary["max"] = _us(self.max_ns)
        return summary

    def recorded(self) -> tuple[Int64s, Int64s]:
        """The indexes of the buckets that have something, ascending, and their counts."""
        indexes = np.flatnonzero(self._counts)
        return indexes, self._counts[indexes]

    def as_delta(self) -> HistogramDelta:
        """All of it as one delta."""
        indexes, counts = self.recorded()
        return HistogramDelta(
            indexes=indexes.astype("<i4").tobytes(),
            counts=counts.astype("<i8").tobytes(),
            count=self.count,
            sum_ns=self.sum_ns,
            min_ns=self.min_ns,
            max_ns=self.max_ns,
            below_range=self.below_range,
            above_range=self.above_range,
        )

    def copy(self) -> Histogram:
        """An independent copy."""
        copied = Histogram()
        copied.merge(self)
        return copied

    def _reserve(self, length: int) -> None:
        if length <= len(self._counts):
            return
        # Whole groups of 1024, so that a slowly rising maximum does not copy everything each time.
        grown = np.zeros(-(-length // _HALF_COUNT) * _HALF_COUNT, np.int64)
        grown[: len(self._counts)] = self._counts
        self._counts = grown

    def _percentiles(self, qs: Sequence[float]) -> list[int]:
        if not self.count:
            return [0] * len(qs)
        # The rounding is the library's own, so that both name the same bucket.
        targets = [max(1, int(min(q, 100.0) * self.count / 100 + 0.5)) for q in qs]
        indexes = np.searchsorted(np.cumsum(self._counts), targets).astype(np.int64)
        highest = bucket_bounds(indexes)[1]
        return [min(int(value), self.max_ns) if q > 0 else self.min_ns for q, value in zip(qs, highest, strict=True)]


def _us(value_ns: float) -> float:
    return round(value_ns / 1000, 3)


def _delta_of(values: Int64s) -> HistogramDelta:
    if not len(values):
        return EMPTY_DELTA
    if len(values) <= _HANDFUL:
        return _delta_of_handful(values.tolist())
    below = above = 0
    is_few = len(values) <= _FEW
    if is_few:
        # Buckets rise with their values, so what is sorted here need not be sorted again.
        values = np.sort(values)
    lowest, highest = int(values.min()), int(values.max())
    if lowest < 0 or highest > HIGHEST_NS:
        below, above = int((values < 0).sum()), int((values > HIGHEST_NS).sum())
        values = np.clip(values, 0, HIGHEST_NS)
        lowest, highest = int(values.min()), int(values.max())
    indexes, counts = (_tally_rising if is_few else _tally_any)(bucket_index(values))
    return HistogramDelta(
        indexes=indexes.astype("<i4").tobytes(),
        counts=counts.astype("<i8").tobytes(),
        count=len(values),
        sum_ns=int(values.sum()),
        min_ns=lowest,
        max_ns=highest,
        below_range=below,
        above_range=above,
    )


class _Tally:
    """Counts one value after the other in plain Python; its buckets are always in order, so that a delta is quick."""

    __slots__ = ("_above", "_below", "_counts", "_max", "_min", "_sum", "buckets", "count")

    def __init__(self) -> None:
        self.buckets: list[int] = []
        """The indexes of those that have something, ascending."""
        self.count = 0
        self._counts: dict[int, int] = {}
        self._sum = self._below = self._above = 0
        self._min, self._max = HIGHEST_NS, 0

    def add(self, value: int) -> None:
        """Count a value in ns."""
        if value < 0:
            self._below += 1
            value = 0
        elif value > HIGHEST_NS:
            self._above += 1
            value = HIGHEST_NS
        bucket = (value | _FULL_MASK).bit_length() - (_HALF_COUNT_BITS + 1)
        index = (bucket << _HALF_COUNT_BITS) + (value >> bucket)
        if index in self._counts:
            self._counts[index] += 1
        else:
            self._counts[index] = 1
            insort(self.buckets, index)
        self.count += 1
        self._sum += value
        if value < self._min:
            self._min = value
        if value > self._max:
            self._max = value

    def as_delta(self) -> HistogramDelta:
        """All of it, which is at least one value."""
        # Four and eight bytes on every platform there is; the order of bytes is not the same everywhere.
        indexes, counts = array("i", self.buckets), array("q", map(self._counts.__getitem__, self.buckets))
        if sys.byteorder == "big":
            indexes.byteswap()
            counts.byteswap()
        return HistogramDelta(
            indexes=indexes.tobytes(),
            counts=counts.tobytes(),
            count=self.count,
            sum_ns=self._sum,
            min_ns=self._min,
            max_ns=self._max,
            below_range=self._below,
            above_range=self._above,
        )


def _delta_of_handful(values: list[int]) -> HistogramDelta:
    tally = _Tally()
    for value in values:
        tally.add(value)
    return tally.as_delta()


def _tally_rising(indexes: Int64s) -> tuple[Int64s, Int64s]:
    """The distinct ones of rising indexes, and how often each is there."""
    changes = np.flatnonzero(indexes[1:] != indexes[:-1]) + 1
    bounds = np.empty(len(changes) + 2, np.int64)
    bounds[0], bounds[1:-1], bounds[-1] = 0, changes, len(indexes)
    return indexes[bounds[:-1]], bounds[1:] - bounds[:-1]


def _tally_any(indexes: Int64s) -> tuple[Int64s, Int64s]:
    """The distinct indexes, ascending, and how often each is there."""
    tally = np.bincount(indexes)
    distinct = np.flatnonzero(tally)
    return distinct, tally[distinct]
