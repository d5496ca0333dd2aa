/* Monotonic time in nanoseconds, the same in all processes of a machine. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

static inline int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline void sleep_ns(int64_t duration_ns)
{
    struct timespec duration = {.tv_sec = duration_ns / 1000000000, .tv_nsec = duration_ns % 1000000000};
    nanosleep(&duration, NULL);
}

static inline void sleep_until_ns(int64_t at_ns)
{
#if defined(__linux__)
    struct timespec at = {.tv_sec = at_ns / 1000000000, .tv_nsec = at_ns % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
#else
    sleep_ns(at_ns - now_ns());
#endif
}

/* Let sleeps of this thread end on time. Linux would group them with other timers within 50 us. */
static inline void use_exact_timers(void)
{
#if defined(__linux__)
    prctl(PR_SET_TIMERSLACK, 1UL);
#endif
}

/* How a paced sender waits. */
struct pace {
    int64_t spin_ns;           /* how long before a due time it stops sleeping and spins */
    int64_t shortest_sleep_ns; /* a sleep takes so long at least */
};

/* Sleep until shortly before `due_ns`, and spin for the rest. Returns the time, which may be later. */
static inline int64_t wait_until(int64_t due_ns, const struct pace *pace)
{
    int64_t now = now_ns(), wake_ns = due_ns - pace->spin_ns;
    if (wake_ns > now) {
        if (wake_ns < now + pace->shortest_sleep_ns)
            wake_ns = now + pace->shortest_sleep_ns;
        sleep_until_ns(wake_ns);
        now = now_ns();
    }
    while (now < due_ns)
        now = now_ns();
    return now;
}

#endif
