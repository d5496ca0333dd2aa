/* Monotonic time in nanoseconds, the same in all processes of a machine. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

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

/* Sleep until `spin_ns` before `due_ns`, and spin for the rest. Returns the time. */
static inline int64_t wait_until(int64_t due_ns, int64_t spin_ns)
{
    int64_t now = now_ns();
    if (due_ns - now > spin_ns) {
        sleep_ns(due_ns - now - spin_ns);
        now = now_ns();
    }
    while (now < due_ns)
        now = now_ns();
    return now;
}

#endif
