"""The clock of ``time.perf_counter_ns``, read without Python: CLOCK_MONOTONIC, on macOS CLOCK_UPTIME_RAW."""

from libc.stdint cimport int64_t

cdef extern from *:
    """
    #include <stdint.h>
    #include <time.h>
    #if defined(__APPLE__)
    static inline int64_t bench_now_ns(void) { return (int64_t)clock_gettime_nsec_np(CLOCK_UPTIME_RAW); }
    static inline void bench_sleep_until(int64_t at_ns) {
        int64_t left_ns = at_ns - bench_now_ns();
        struct timespec left = {left_ns / 1000000000, left_ns % 1000000000};
        if (left_ns > 0) nanosleep(&left, NULL);
    }
    static inline void bench_sleep_exactly(void) {}
    #else
    #if defined(__linux__)
    #include <sys/prctl.h>
    #endif
    static inline void bench_sleep_exactly(void) {
    #if defined(__linux__)
        prctl(PR_SET_TIMERSLACK, 1UL);
    #endif
    }
    static inline int64_t bench_now_ns(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    }
    /* A wake-up costs more than a message: at 50,000/s a sender would wake for each event. At 15 us it takes a sixth less
       processor time, and latencies stay as they are; at 50 us they grow. */
    #define BENCH_SHORTEST_SLEEP_NS 15000
    static inline void bench_sleep_until(int64_t at_ns) {
        int64_t shortest_ns = bench_now_ns() + BENCH_SHORTEST_SLEEP_NS;
        if (at_ns < shortest_ns) at_ns = shortest_ns;
        struct timespec at = {at_ns / 1000000000, at_ns % 1000000000};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
    }
    #endif
    """
    int64_t now_ns "bench_now_ns"() noexcept nogil
    # Sleeps until a time of this clock, and for 15 us at least. A signal may end the sleep early.
    void sleep_until "bench_sleep_until"(int64_t at_ns) noexcept nogil
    # Lets sleeps of this thread end on time. Linux would group them within 50 us otherwise.
    void sleep_exactly "bench_sleep_exactly"() noexcept nogil
