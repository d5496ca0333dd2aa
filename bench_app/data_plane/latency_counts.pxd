"""Latencies counted into the buckets of :mod:`bench_app.measure.buckets` without Python."""

from libc.stdint cimport int64_t, uint64_t

cdef extern from *:
    """
    #include <stdint.h>

    /* The samples since the last report. The numbers of the buckets come from bench_app.measure.buckets. */
    typedef struct {
        int64_t *counts;
        int64_t highest_ns;
        int group_bits;
        int64_t count, sum_ns, min_ns, max_ns, below_range, above_range;
    } bench_latency_counts;

    static inline void bench_count_latency(bench_latency_counts *all, int64_t ns) {
        int doublings;
        if (ns < 0) {
            all->below_range++;
            ns = 0;
        } else if (ns > all->highest_ns) {
            all->above_range++;
            ns = all->highest_ns;
        }
        /* The lowest two groups have buckets of 1 ns. */
        doublings = 63 - all->group_bits - __builtin_clzll((uint64_t)ns | (((uint64_t)2 << all->group_bits) - 1));
        all->counts[((int64_t)doublings << all->group_bits) + (ns >> doublings)]++;
        all->count++;
        all->sum_ns += ns;
        if (ns < all->min_ns) all->min_ns = ns;
        if (ns > all->max_ns) all->max_ns = ns;
    }
    """
    ctypedef struct latency_counts "bench_latency_counts":
        int64_t *counts
        int64_t highest_ns
        int group_bits
        int64_t count
        int64_t sum_ns
        int64_t min_ns
        int64_t max_ns
        int64_t below_range
        int64_t above_range
    void count_latency "bench_count_latency"(latency_counts *all, int64_t ns) noexcept nogil


cdef class LatencyCounts:
    cdef latency_counts all
    cdef int64_t buckets
