/* What the sending and the receiving process tell each other. It lies in shared memory. */
#ifndef SHARED_H
#define SHARED_H

#include "options.h"
#include "samples.h"

#include <stdatomic.h>

/* One receiving socket. It has a cache line of its own, because it is written for each message. */
struct receiver {
    _Alignas(128) atomic_long received; /* events */
    atomic_bool is_ready;               /* the first message came */
    atomic_bool has_ended;
};

struct shared {
    char endpoints[MOST_CHANNELS][256];
    atomic_bool is_bound;
    atomic_long measure_from_ns;
    struct receiver receivers[MOST_RECEIVERS];
    /* results of the sender */
    double seconds;
    long sent;
    long received_while_offered;
    struct percentiles lateness;
    double sender_cpu_s;
    /* results of the receiver; of REQ, the latency is the round trip, and the sender measures it */
    struct percentiles latency;
    double receiver_cpu_s;
};

extern struct shared *shared;

/* The processor time of this process so far, in seconds. */
double cpu_s(void);

/* Run the sending side on a context, from the first socket to the last. */
void run_sender(void *context);

/* Run the receiving side on a context, with one thread for each socket. `start_receivers` returns at once. */
void start_receivers(void *context);
void join_receivers(void);

/* Whether every receiver got the first message, or the last one. */
bool all_ready(void);
bool all_ended(void);

#endif
