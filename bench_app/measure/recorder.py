"""Collects latency samples between two reports: handler or listener -> samples -> **recorder** -> report."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from bench_app.measure.arrays import Int64s
from bench_app.measure.bucket_arrays import bucket_index
from bench_app.measure.buckets import HIGHEST_NS
from bench_app.measure.histogram import Histogram
from bench_app.measure.histogram_delta import EMPTY_DELTA, HistogramDelta
from bench_app.measure.single_samples import SingleSamples

_FIRST_PENDING = 1024
MOST_PENDING = 65_536
MOST_SINGLE_BUCKETS = 4096
"""The most buckets of single samples. In a longer ordered list, an insertion costs more than starting a new list."""
_SORT_LIMIT = 2048
"""Up to this many values, sorting the values costs less than counting over every possible bucket."""
_PYTHON_LIMIT = 64
"""Up to this many values, plain Python costs less than a dozen numpy calls. Reports of a slow unit have so few."""


class LatencyRecorder(Protocol):
    """Collects samples in ns until a report takes them: :class:`Recorder`, or its compiled counterpart."""

    def add_one(self, value: int, /) -> None:
        """Add a sample."""
        ...

    def add(self, values: Int64s, /) -> None:
        """Add samples. They are copied, so the caller may reuse the array."""
        ...

    def take(self) -> HistogramDelta:
        """The samples added since the last call."""
        ...


class Recorder:
    """Collects the samples of a hot loop until a report takes them.

    :meth:`add` costs least for many samples at once. :meth:`add_one` counts a sample completely, which keeps
    :meth:`take` short. Memory stays below 0.5 MB of pending samples and 300 KB of overflow histogram. The overflow
    histogram holds the samples of a report that is long overdue.
    """

    def __init__(self) -> None:
        self._pending = np.empty(_FIRST_PENDING, np.int64)
        self._used = 0
        self._overflow: Histogram | None = None
        self._singles = SingleSamples()

    @property
    def nbytes(self) -> int:
        """The size of pending samples and overflow histogram in bytes."""
        return self._pending.nbytes + (0 if self._overflow is None else self._overflow.nbytes)

    @property
    def single_buckets(self) -> int:
        """How many buckets hold samples of :meth:`add_one` that are not in the overflow histogram yet."""
        return len(self._singles.buckets)

    def add_one(self, value: int) -> None:
        """Add a sample in ns."""
        self._singles.add(value)
        if len(self._singles.buckets) == MOST_SINGLE_BUCKETS:
            self._merge_singles()

    def add(self, values: Int64s) -> None:
        """Add samples in ns. They are copied, so the caller may reuse the array."""
        end = self._used + len(values)
        if end > len(self._pending):
            self._add_beyond(values)
            return
        self._pending[self._used : end] = values
        self._used = end

    def take(self) -> HistogramDelta:
        """The samples added since the last call."""
        if self._singles.count and not self._used and self._overflow is None:
            delta, self._singles = self._singles.as_delta(), SingleSamples()
            return delta
        if self._singles.count:
            self._merge_singles()
        if self._overflow is not None:
            self._merge_pending()
            delta = self._overflow.as_delta()
            self._overflow = None
            return delta
        delta = _delta_of(self._pending[: self._used])
        self._used = 0
        return delta

    def _add_beyond(self, values: Int64s) -> None:
        """Make room: grow, or move the pending samples to the overflow histogram."""
        needed = self._used + len(values)
        if needed <= MOST_PENDING:
            grown = np.empty(1 << (needed - 1).bit_length(), np.int64)
            grown[: self._used] = self._pending[: self._used]
            self._pending = grown
            self.add(values)
            return
        self._merge_pending()
        for start in range(0, len(values), MOST_PENDING):
            self._merge(_delta_of(values[start : start + MOST_PENDING]))

    def _merge_pending(self) -> None:
        self._merge(_delta_of(self._pending[: self._used]))
        self._used = 0

    def _merge_singles(self) -> None:
        self._merge(self._singles.as_delta())
        self._singles = SingleSamples()

    def _merge(self, delta: HistogramDelta) -> None:
        if self._overflow is None:
            self._overflow = Histogram()
        self._overflow.merge(delta)


def _delta_of(values: Int64s) -> HistogramDelta:
    if not len(values):
        return EMPTY_DELTA
    if len(values) <= _PYTHON_LIMIT:
        return _delta_of_few(values.tolist())
    below = above = 0
    is_few = len(values) <= _SORT_LIMIT
    if is_few:
        # Buckets rise with their values, so sorted values give sorted buckets.
        values = np.sort(values)
    lowest, highest = int(values.min()), int(values.max())
    if lowest < 0 or highest > HIGHEST_NS:
        below, above = int((values < 0).sum()), int((values > HIGHEST_NS).sum())
        values = np.clip(values, 0, HIGHEST_NS)
        lowest, highest = int(values.min()), int(values.max())
    indexes, counts = (_count_rising if is_few else _count_any)(bucket_index(values))
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


def _delta_of_few(values: list[int]) -> HistogramDelta:
    samples = SingleSamples()
    for value in values:
        samples.add(value)
    return samples.as_delta()


def _count_rising(indexes: Int64s) -> tuple[Int64s, Int64s]:
    """The distinct indexes of a rising array, and the count of each."""
    changes = np.flatnonzero(indexes[1:] != indexes[:-1]) + 1
    bounds = np.empty(len(changes) + 2, np.int64)
    bounds[0], bounds[1:-1], bounds[-1] = 0, changes, len(indexes)
    return indexes[bounds[:-1]], bounds[1:] - bounds[:-1]


def _count_any(indexes: Int64s) -> tuple[Int64s, Int64s]:
    """The distinct indexes, ascending, and the count of each."""
    counts = np.bincount(indexes)
    distinct = np.flatnonzero(counts)
    return distinct, counts[distinct]
