#include "samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void make_samples(struct samples *samples, size_t room)
{
    samples->count = 0;
    samples->room = room;
    samples->values = malloc(room * sizeof(int64_t) + 1);
    if (samples->values == NULL) {
        fprintf(stderr, "no memory for samples\n");
        exit(2);
    }
    memset(samples->values, 1, room * sizeof(int64_t));
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static double at(const struct samples *samples, double share)
{
    return (double)samples->values[(size_t)((double)(samples->count - 1) * share)] / 1000;
}

struct percentiles percentiles_of(struct samples *samples)
{
    if (samples->count == 0)
        return (struct percentiles){0};
    qsort(samples->values, samples->count, sizeof(int64_t), compare);
    return (struct percentiles){at(samples, 0.5), at(samples, 0.99), at(samples, 1)};
}
