# cython: language_level=3, boundscheck=False, wraparound=False
"""Latency samples between two reports, counted at once into buckets: compiled loop -> **counts** -> report.

The compiled counterpart of :class:`bench_app.measure.recorder.Recorder`. Compiled loops count by ``count_latency`` of
``latency_counts.pxd``. The buckets are those of :mod:`bench_app.measure.buckets`, which this module asks at its import.
"""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

import sys

from bench_app.measure.buckets import GROUP, HIGHEST_NS, bucket_index_of_one
from bench_app.measure.histogram_delta import EMPTY_DELTA, HistogramDelta


cdef class LatencyCounts:
    """Counts samples in ns. It has a bucket for every value up to the highest, 270 KB, allocated once.

    The sum is a 64-bit number: it holds the samples of a report for 100 ms to spare, not those of days.
    """

    def __cinit__(self) -> None:
        self.buckets = bucket_index_of_one(HIGHEST_NS) + 1
        self.all.counts = <int64_t *>calloc(self.buckets, sizeof(int64_t))
        if self.all.counts == NULL:
            raise MemoryError
        self.all.highest_ns = HIGHEST_NS
        self.all.group_bits = GROUP.bit_length() - 1
        self._begin()

    def __dealloc__(self) -> None:
        free(self.all.counts)

    @property
    def nbytes(self) -> int:
        """The size of the buckets in bytes."""
        return self.buckets * sizeof(int64_t)

    def add_one(self, ns: int) -> None:
        """Add a sample in ns."""
        count_latency(&self.all, ns)

    def append(self, ns: int) -> None:
        """Add a sample in ns; the name that :class:`bench_app.measure.samples.SampleBuffer` gives to it."""
        count_latency(&self.all, ns)

    def add(self, const int64_t[::1] values) -> None:
        """Add samples in ns."""
        cdef Py_ssize_t at
        for at in range(values.shape[0]):
            count_latency(&self.all, values[at])

    def take(self) -> HistogramDelta:
        """The samples added since the last call."""
        cdef int64_t lowest, highest, at, used = 0
        cdef int32_t *indexes
        cdef int64_t *counts
        count_waiting(&self.all)
        if not self.all.count:
            return EMPTY_DELTA
        lowest, highest = bucket_index_of_one(self.all.min_ns), bucket_index_of_one(self.all.max_ns)
        indexes = <int32_t *>malloc((highest - lowest + 1) * sizeof(int32_t))
        counts = <int64_t *>malloc((highest - lowest + 1) * sizeof(int64_t))
        try:
            if indexes == NULL or counts == NULL:
                raise MemoryError
            for at in range(lowest, highest + 1):
                if self.all.counts[at]:
                    indexes[used] = <int32_t>at
                    counts[used] = self.all.counts[at]
                    used += 1
            delta = HistogramDelta(
                _little_endian(<char *>indexes, used, sizeof(int32_t)),
                _little_endian(<char *>counts, used, sizeof(int64_t)),
                self.all.count,
                self.all.sum_ns,
                self.all.min_ns,
                self.all.max_ns,
                self.all.below_range,
                self.all.above_range,
            )
        finally:
            free(indexes)
            free(counts)
        memset(self.all.counts + lowest, 0, (highest - lowest + 1) * sizeof(int64_t))
        self._begin()
        return delta

    def _begin(self) -> None:
        self.all.count = self.all.sum_ns = self.all.max_ns = self.all.below_range = self.all.above_range = 0
        self.all.min_ns = HIGHEST_NS


cdef bytes _little_endian(char *numbers, int64_t amount, int size):
    raw = numbers[: amount * size]
    if sys.byteorder == "little":
        return raw
    return b"".join(raw[at : at + size][::-1] for at in range(0, amount * size, size))
