"""Latency distributions: recorder -> report -> **histogram** -> ledger -> plot.

Values are ns as ``int``, in the buckets of :mod:`bench_app.measure.buckets`. A value below 0 or above
:data:`~bench_app.measure.buckets.HIGHEST_NS` counts as that bound, and also in ``below_range`` or ``above_range``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench_app.measure.arrays import Int64s
from bench_app.measure.bucket_arrays import bucket_bounds
from bench_app.measure.buckets import GROUP
from bench_app.measure.histogram_delta import PERCENTILES, HistogramDelta


class Histogram:
    """A latency distribution, to which deltas and other histograms are added.

    Memory grows with the highest value, up to 270 KB at one hour. The attributes mean the same as in
    :class:`~bench_app.measure.histogram_delta.HistogramDelta`.
    """

    def __init__(self) -> None:
        self.count = 0
        self.sum_ns = 0
        self.min_ns = 0
        self.max_ns = 0
        self.below_range = 0
        self.above_range = 0
        self._counts = np.zeros(0, np.int64)

    @property
    def nbytes(self) -> int:
        """The size of the buckets in bytes."""
        return self._counts.nbytes

    @property
    def mean_ns(self) -> float:
        """The exact mean, 0 when empty."""
        return self.sum_ns / self.count if self.count else 0.0

    def merge(self, other: HistogramDelta | Histogram) -> None:
        """Add all samples of ``other``."""
        if not other.count:
            return
        if isinstance(other, Histogram):
            self._reserve(len(other._counts))
            self._counts[: len(other._counts)] += other._counts
        else:
            indexes = np.frombuffer(other.indexes, "<i4")
            self._reserve(int(indexes[-1]) + 1)
            # A delta names each bucket once, so this indexing adds every count.
            self._counts[indexes] += np.frombuffer(other.counts, "<i8")
        self.min_ns = min(self.min_ns, other.min_ns) if self.count else other.min_ns
        self.max_ns = max(self.max_ns, other.max_ns)
        self.count += other.count
        self.sum_ns += other.sum_ns
        self.below_range += other.below_range
        self.above_range += other.above_range

    def percentile(self, q: float) -> int:
        """The value in ns that ``q`` percent (0 to 100) of the samples do not exceed; 0 when empty.

        The result is the highest value of the bucket in which the share is reached, as in HdrHistogram, but never more
        than the maximum.
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
        """The indexes of the buckets with samples, ascending, and their counts."""
        indexes = np.flatnonzero(self._counts)
        return indexes, self._counts[indexes]

    def as_delta(self) -> HistogramDelta:
        """All samples as one delta."""
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
        # Grow by whole groups, so that a slowly rising maximum does not copy the array each time.
        grown = np.zeros(-(-length // GROUP) * GROUP, np.int64)
        grown[: len(self._counts)] = self._counts
        self._counts = grown

    def _percentiles(self, qs: Sequence[float]) -> list[int]:
        if not self.count:
            return [0] * len(qs)
        # Round as the HdrHistogram library does, so that both find the same bucket.
        targets = [max(1, int(min(q, 100.0) * self.count / 100 + 0.5)) for q in qs]
        indexes = np.searchsorted(np.cumsum(self._counts), targets).astype(np.int64)
        highest = bucket_bounds(indexes)[1]
        return [min(int(value), self.max_ns) if q > 0 else self.min_ns for q, value in zip(qs, highest, strict=True)]


def _us(value_ns: float) -> float:
    return round(value_ns / 1000, 3)
