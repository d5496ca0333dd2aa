/* The sending side: one socket for each channel, all in one thread. */
#include "clock.h"
#include "messages.h"
#include "shared.h"

#include <stdio.h>
#include <stdlib.h>

enum { CLOCK_EVERY = 64 }; /* at full speed without latencies, the clock is read before every 64th event */

static const int SOCKET_TYPES[] = {[PUSH_PULL] = ZMQ_PUSH, [PUB_SUB] = ZMQ_PUB, [REQ_REP] = ZMQ_REQ};

static void *sockets[MOST_CHANNELS];
static char *pool;
static struct samples lateness, round_trips;
static long sent;

static void open_socket(void *context, int channel)
{
    char *endpoint = shared->endpoints[channel];
    size_t size = sizeof shared->endpoints[channel];
    int linger = 1000, yes = 1;
    void *socket = sockets[channel] = zmq.socket(context, SOCKET_TYPES[options.pattern]);
    if (socket == NULL)
        fail("socket");
    zmq.setsockopt(socket, ZMQ_SNDHWM, &options.hwm, sizeof options.hwm);
    zmq.setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    if (options.no_drop && zmq.setsockopt(socket, ZMQ_XPUB_NODROP, &yes, sizeof yes) < 0)
        fail("ZMQ_XPUB_NODROP");
    if (strcmp(options.transport, "tcp") == 0)
        snprintf(endpoint, size, "tcp://127.0.0.1:*");
    else if (strcmp(options.transport, "ipc") == 0)
        snprintf(endpoint, size, "ipc://%s/%d", options.folder, channel);
    else
        snprintf(endpoint, size, "inproc://%d", channel);
    if (zmq.bind(socket, endpoint) < 0)
        fail(endpoint);
    if (zmq.getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) < 0)
        fail("ZMQ_LAST_ENDPOINT");
}

/* Send a mark on every channel, again and again, until every receiver has got one. */
static void send_mark(size_t size, bool (*has_arrived)(void))
{
    static const char mark[MARK];
    bool is_sent = false;
    while (!has_arrived()) {
        for (int channel = 0; channel < options.channels; channel++)
            if (options.pattern != REQ_REP || !is_sent)
                is_sent = send_message(sockets[channel], mark, size, ZMQ_DONTWAIT);
        sleep_ns(1000000);
    }
}

static void receive_reply(zmq_msg_t *reply)
{
    if (zmq.msg_recv(reply, sockets[0], 0) < 0)
        fail("reply");
}

static void make_pool(void)
{
    size_t bytes = options.size * (size_t)options.pool;
    pool = malloc(bytes);
    if (pool == NULL) {
        fprintf(stderr, "no memory for the pool\n");
        exit(2);
    }
    for (size_t i = 0; i < bytes; i++)
        pool[i] = (char)(' ' + (i * 31 + i / options.size) % 90);
}

static inline void send_event(void *socket, zmq_msg_t *reply)
{
    char *body = pool + (size_t)(sent % options.pool) * options.size;
    int64_t sent_ns = 0;
    if (options.latency) {
        sent_ns = now_ns();
        memcpy(body, &sent_ns, sizeof sent_ns);
    }
    send_message(socket, body, options.size, 0);
    sent++;
    if (options.pattern != REQ_REP)
        return;
    receive_reply(reply);
    atomic_store_explicit(&shared->receivers[0].received, sent, memory_order_relaxed);
    if (options.latency && sent_ns >= atomic_load_explicit(&shared->measure_from_ns, memory_order_relaxed))
        add_sample(&round_trips, now_ns() - sent_ns);
}

static void send_at_full_speed(int64_t end_ns, zmq_msg_t *reply)
{
    int channel = 0;
    while (sent % CLOCK_EVERY || now_ns() < end_ns) {
        send_event(sockets[channel], reply);
        channel = channel + 1 < options.channels ? channel + 1 : 0;
    }
}

/* Due times are computed from the number of the event, so that the schedule does not drift. */
static void send_paced(int64_t start_ns, int64_t end_ns, zmq_msg_t *reply)
{
    for (int64_t number = 0;; number++) {
        int64_t due_ns = start_ns + (int64_t)((double)number * 1e9 / options.rate);
        if (due_ns >= end_ns)
            return;
        int64_t now = wait_until(due_ns, &options.pace);
        if (options.latency && now >= atomic_load_explicit(&shared->measure_from_ns, memory_order_relaxed))
            add_sample(&lateness, now - due_ns);
        for (int channel = 0; channel < options.channels; channel++)
            send_event(sockets[channel], reply);
    }
}

static void offer(zmq_msg_t *reply)
{
    int64_t start_ns = now_ns();
    int64_t end_ns = start_ns + (int64_t)(options.seconds * 1e9);
    atomic_store(&shared->measure_from_ns, start_ns + (int64_t)(options.warmup * 1e9));
    if (options.exact_timers)
        use_exact_timers();
    if (options.rate > 0)
        send_paced(start_ns, end_ns, reply);
    else
        send_at_full_speed(end_ns, reply);
    for (int i = 0; i < options.channels * options.receivers; i++)
        shared->received_while_offered += atomic_load(&shared->receivers[i].received);
    shared->seconds = (double)(now_ns() - start_ns) / 1e9;
    shared->sent = sent;
}

void run_sender(void *context)
{
    zmq_msg_t reply;
    size_t events = options.latency ? (size_t)(options.seconds * (options.rate > 0 ? options.rate : 1e6)) : 0;
    zmq.msg_init(&reply);
    make_pool();
    make_samples(&lateness, events);
    make_samples(&round_trips, options.pattern == REQ_REP ? events : 0);
    for (int channel = 0; channel < options.channels; channel++)
        open_socket(context, channel);
    atomic_store(&shared->is_bound, true);
    send_mark(HELLO, all_ready);
    if (options.pattern == REQ_REP)
        receive_reply(&reply);
    double before_s = cpu_s();
    offer(&reply);
    shared->sender_cpu_s = cpu_s() - before_s;
    send_mark(END, all_ended);
    shared->lateness = percentiles_of(&lateness);
    if (options.pattern == REQ_REP)
        shared->latency = percentiles_of(&round_trips);
    zmq.msg_close(&reply);
    for (int channel = 0; channel < options.channels; channel++)
        zmq.close(sockets[channel]);
}
