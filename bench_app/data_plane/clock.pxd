"""The clock of ``time.perf_counter_ns``, read without Python: CLOCK_MONOTONIC, on macOS CLOCK_UPTIME_RAW."""

from libc.stdint cimport int64_t

cdef extern from *:
    """
    #include <stdint.h>
    #include <time.h>
    #if defined(__APPLE__)
    static inline int64_t bench_now_ns(void) { return (int64_t)clock_gettime_nsec_np(CLOCK_UPTIME_RAW); }
    #else
    static inline int64_t bench_now_ns(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    }
    #endif
    """
    int64_t now_ns "bench_now_ns"() noexcept nogil
