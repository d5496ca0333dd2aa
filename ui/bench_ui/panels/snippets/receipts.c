/* Receipts in C: tells the bench what this consumer received. Four lines of main() are what yours needs.
   The socket is a SUB; a PULL or a REP with its name as the fourth argument. With a fifth argument, "bind", it binds.
   cc receipts.c -lzmq -o receipts      (Debian: apt install gcc libzmq3-dev)
   ./receipts tcp://127.0.0.1:5572 analytics tcp://127.0.0.1:5599 SUB */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define STAMP_LENGTH 66 /* 1-RRRRRRRR-HHHH-, then three numbers of 16 digits with a dash between them */
#define KEY "\"_bench\":\""

struct receipts {
    void *socket;
    char clock[64];
};

/* Connect to the address of the key "receipts". Returns 0, or -1 with errno. */
static int receipts_open(struct receipts *receipts, void *context, const char *address) {
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    if (!file || fscanf(file, "%63s", receipts->clock) != 1) gethostname(receipts->clock, sizeof receipts->clock);
    if (file) fclose(file);
    receipts->socket = zmq_socket(context, ZMQ_PUSH);
    return zmq_connect(receipts->socket, address);
}

/* Send a receipt for a body that has just arrived. Returns 0, or -1 if the body has no stamp or nobody reads. */
static int receipts_seen(struct receipts *receipts, const char *body, size_t size) {
    char head[128], line[STAMP_LENGTH + 48];
    const char *end = body + size, *at = body;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    while (at + strlen(KEY) + STAMP_LENGTH <= end && memcmp(at, KEY, strlen(KEY)) != 0) at++;
    if (at + strlen(KEY) + STAMP_LENGTH > end) return -1;
    int length = snprintf(line, sizeof line, "%.*s %lld %zu", STAMP_LENGTH, at + strlen(KEY),
                          (long long)now.tv_sec * 1000000000 + now.tv_nsec, size);
    int head_length = snprintf(head, sizeof head, "zmq-bench-receipts/1 %s %ld 0", receipts->clock, (long)getpid());
    if (zmq_send(receipts->socket, head, head_length, ZMQ_SNDMORE) < 0) return -1;
    return zmq_send(receipts->socket, line, length, 0) < 0 ? -1 : 0;
}

static volatile sig_atomic_t ended;
static void on_signal(int number) { ended = number; }

int main(int argc, char **argv) {
    if (argc < 4) return fprintf(stderr, "usage: receipts ENDPOINT TOPIC RECEIPTS [SUB|PULL|REP] [bind]\n"), 2;
    const char *name = argc > 4 ? argv[4] : "SUB";
    int type = strcmp(name, "PULL") == 0 ? ZMQ_PULL : strcmp(name, "REP") == 0 ? ZMQ_REP : ZMQ_SUB;
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, type);
    struct receipts receipts;
    if (type == ZMQ_SUB) zmq_setsockopt(socket, ZMQ_SUBSCRIBE, argv[2], strlen(argv[2]));
    if ((argc > 5 ? zmq_bind : zmq_connect)(socket, argv[1]) < 0 || receipts_open(&receipts, context, argv[3]) < 0) return perror(argv[1]), 1;
    while (!ended) {
        zmq_msg_t frame;
        int more;
        do {
            zmq_msg_init(&frame);
            more = zmq_msg_recv(&frame, socket, 0) >= 0 && zmq_msg_more(&frame);
            if (!more && !ended) receipts_seen(&receipts, zmq_msg_data(&frame), zmq_msg_size(&frame));
            zmq_msg_close(&frame);
        } while (more);
        if (type == ZMQ_REP && !ended) zmq_send(socket, "{}", 2, 0);
    }
    zmq_close(socket);
    zmq_close(receipts.socket);
    return zmq_ctx_term(context);
}
