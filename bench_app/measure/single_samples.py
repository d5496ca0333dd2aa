"""Latency samples one at a time: heartbeat, handler or listener -> **single samples** -> report. Without numpy."""

from __future__ import annotations

import sys
from array import array
from bisect import insort

from bench_app.measure.buckets import HIGHEST_NS, bucket_index_of_one
from bench_app.measure.histogram_delta import EMPTY_DELTA, HistogramDelta


class SingleSamples:
    """Counts values one at a time in plain Python, with the buckets in order, so that making a delta is quick."""

    __slots__ = ("_above", "_below", "_counts", "_max", "_min", "_sum", "buckets", "count")

    def __init__(self) -> None:
        self.buckets: list[int] = []
        """The indexes of the buckets with samples, ascending."""
        self.count = 0
        self._counts: dict[int, int] = {}
        self._sum = self._below = self._above = 0
        self._min, self._max = HIGHEST_NS, 0

    def add(self, value: int, count: int = 1) -> None:
        """Count a value in ns, ``count`` times."""
        if value < 0:
            self._below += count
            value = 0
        elif value > HIGHEST_NS:
            self._above += count
            value = HIGHEST_NS
        index = bucket_index_of_one(value)
        if index in self._counts:
            self._counts[index] += count
        else:
            self._counts[index] = count
            insort(self.buckets, index)
        self.count += count
        self._sum += value * count
        if value < self._min:
            self._min = value
        if value > self._max:
            self._max = value

    def as_delta(self) -> HistogramDelta:
        """All values as one delta."""
        if not self.count:
            return EMPTY_DELTA
        # "i" has four bytes and "q" eight on every platform; the order of the bytes differs.
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
