"""Latencies counted into the buckets of :mod:`bench_app.measure.buckets` without Python."""

from libc.stdint cimport int64_t, uint64_t

cdef extern from *:
    """
    #include <stdint.h>

    /* A bucket is seldom in the fastest cache. Counted one by one, each sample would wait for its bucket, because the calls
       of libzmq and of the clock between two samples wait for all memory. Of many samples together, the waits overlap. */
    #define BENCH_WAITING 64

    /* The samples since the last report. The numbers of the buckets come from bench_app.measure.buckets. The last samples
       are not counted yet: they wait in `waiting`. */
    typedef struct {
        int64_t waiting[BENCH_WAITING];
        int64_t waiting_count;
        int64_t *counts;
        int64_t highest_ns;
        int group_bits;
        int64_t count, sum_ns, min_ns, max_ns, below_range, above_range;
    } bench_latency_counts;

    static inline void bench_count_one(bench_latency_counts *all, int64_t ns) {
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
    static __attribute__((noinline, unused)) void bench_count_waiting(bench_latency_counts *all) {
        int64_t number;
        for (number = 0; number < all->waiting_count; number++) bench_count_one(all, all->waiting[number]);
        all->waiting_count = 0;
    }
    static inline void bench_count_latency(bench_latency_counts *all, int64_t ns) {
        all->waiting[all->waiting_count++] = ns;
        if (all->waiting_count == BENCH_WAITING) bench_count_waiting(all);
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
    # Adds a sample. `count_waiting` must be called before the other numbers are read.
    void count_latency "bench_count_latency"(latency_counts *all, int64_t ns) noexcept nogil
    void count_waiting "bench_count_waiting"(latency_counts *all) noexcept nogil


cdef class LatencyCounts:
    cdef latency_counts all
    cdef int64_t buckets
