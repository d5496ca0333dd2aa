/* The receiving side: one thread for each socket. */
#include "clock.h"
#include "messages.h"
#include "shared.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static const int SOCKET_TYPES[] = {[PUSH_PULL] = ZMQ_PULL, [PUB_SUB] = ZMQ_SUB, [REQ_REP] = ZMQ_REP};
enum { MOST_SAMPLES = 4000000 };

static void *context;
static pthread_t threads[MOST_RECEIVERS];
static struct samples latencies[MOST_RECEIVERS];

static void *open_socket(int number)
{
    int linger = 0;
    void *socket = zmq.socket(context, SOCKET_TYPES[options.pattern]);
    if (socket == NULL)
        fail("socket");
    zmq.setsockopt(socket, ZMQ_RCVHWM, &options.hwm, sizeof options.hwm);
    zmq.setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    if (options.pattern == PUB_SUB)
        zmq.setsockopt(socket, ZMQ_SUBSCRIBE, options.topic, strlen(options.topic));
    if (zmq.connect(socket, shared->endpoints[number / options.receivers]) < 0)
        fail("connect");
    return socket;
}

static inline void measure(struct samples *samples, zmq_msg_t *message)
{
    int64_t received_ns = now_ns(), sent_ns;
    memcpy(&sent_ns, zmq.msg_data(message), sizeof sent_ns);
    if (sent_ns >= atomic_load_explicit(&shared->measure_from_ns, memory_order_relaxed))
        add_sample(samples, received_ns - sent_ns);
}

static void *receive(void *argument)
{
    static const char reply[REPLY];
    int number = (int)(intptr_t)argument;
    struct receiver *state = &shared->receivers[number];
    bool measures = options.latency && options.pattern != REQ_REP;
    void *socket = open_socket(number);
    zmq_msg_t message;
    long received = 0;
    zmq.msg_init(&message);
    for (;;) {
        size_t size = receive_message(socket, &message);
        if (size >= MARK) {
            if (measures)
                measure(&latencies[number], &message);
            /* The sender of requests counts the replies. */
            if (options.pattern != REQ_REP)
                atomic_store_explicit(&state->received, ++received, memory_order_relaxed);
        } else if (size == END) {
            break;
        } else {
            atomic_store(&state->is_ready, true);
        }
        if (options.pattern == REQ_REP)
            send_frame(socket, reply, sizeof reply, 0);
    }
    zmq.msg_close(&message);
    zmq.close(socket);
    atomic_store(&state->has_ended, true);
    return NULL;
}

bool all_ready(void)
{
    for (int i = 0; i < options.channels * options.receivers; i++)
        if (!atomic_load(&shared->receivers[i].is_ready))
            return false;
    return true;
}

bool all_ended(void)
{
    for (int i = 0; i < options.channels * options.receivers; i++)
        if (!atomic_load(&shared->receivers[i].has_ended))
            return false;
    return true;
}

void start_receivers(void *on_context)
{
    int count = options.channels * options.receivers;
    bool measures = options.latency && options.pattern != REQ_REP;
    context = on_context;
    while (!atomic_load(&shared->is_bound))
        sleep_ns(1000000);
    for (intptr_t number = 0; number < count; number++) {
        make_samples(&latencies[number], measures ? (size_t)(MOST_SAMPLES / count) : 0);
        if (pthread_create(&threads[number], NULL, receive, (void *)number) != 0) {
            fprintf(stderr, "no thread for a receiver\n");
            exit(2);
        }
    }
}

/* The percentiles are those of all receivers together. */
void join_receivers(void)
{
    int count = options.channels * options.receivers;
    size_t total = 0;
    struct samples all;
    while (!all_ready())
        sleep_ns(1000000);
    double before_s = cpu_s();
    for (int number = 0; number < count; number++) {
        pthread_join(threads[number], NULL);
        total += latencies[number].count;
    }
    shared->receiver_cpu_s = cpu_s() - before_s;
    if (options.pattern == REQ_REP)
        return;
    make_samples(&all, total);
    for (int number = 0; number < count; number++)
        for (size_t i = 0; i < latencies[number].count; i++)
            add_sample(&all, latencies[number].values[i]);
    shared->latency = percentiles_of(&all);
    free(all.values);
}
