/* Durations in nanoseconds, all kept until their percentiles are asked for. */
#ifndef SAMPLES_H
#define SAMPLES_H

#include <stddef.h>
#include <stdint.h>

struct samples {
    int64_t *values;
    size_t count;
    size_t room;
};

struct percentiles {
    double p50_us;
    double p99_us;
    double max_us;
};

/* All memory is allocated and touched here, so that adding a sample allocates nothing. */
void make_samples(struct samples *samples, size_t room);

/* Samples beyond the room are left out. */
static inline void add_sample(struct samples *samples, int64_t value_ns)
{
    if (samples->count < samples->room)
        samples->values[samples->count++] = value_ns;
}

/* Sorts the samples. All zero if there is none. */
struct percentiles percentiles_of(struct samples *samples);

#endif
