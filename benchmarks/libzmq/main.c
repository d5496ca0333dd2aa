/* Plain libzmq: sends messages from one process to another, and prints how fast that was as one line of JSON.

   The bench is compared with it. So it has the sockets, options and processes of the bench, and nothing else: it counts
   messages, and with --latency it reads the clock once where a message is sent and once where it is received. */
#include "library.h"
#include "shared.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared *shared;

double cpu_s(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void *make_context(void)
{
    void *context = zmq.ctx_new();
    if (context == NULL)
        fail("context");
    return context;
}

static void sending_process(void)
{
    void *context = make_context();
    run_sender(context);
    zmq.ctx_term(context);
}

static void receiving_process(void)
{
    void *context = make_context();
    start_receivers(context);
    join_receivers();
    zmq.ctx_term(context);
}

static void *receiving_thread(void *context)
{
    start_receivers(context);
    join_receivers();
    return NULL;
}

/* inproc: both sides in one process, on one context. Its processor time is counted once. */
static void one_process(void)
{
    pthread_t thread;
    void *context = make_context();
    if (pthread_create(&thread, NULL, receiving_thread, context) != 0) {
        fprintf(stderr, "no thread for the receiving side\n");
        exit(2);
    }
    run_sender(context);
    pthread_join(thread, NULL);
    shared->receiver_cpu_s = 0;
    zmq.ctx_term(context);
}

static pid_t start(void (*role)(void))
{
    pid_t child = fork();
    if (child < 0) {
        perror("fork");
        exit(2);
    }
    if (child == 0) {
        load_library(options.library);
        role();
        exit(0);
    }
    return child;
}

/* Wait for all processes. If one fails, the others would wait for it for ever, so they are killed. */
static void wait_for(const pid_t *children, int count)
{
    for (int left = count; left > 0; left--) {
        int status;
        if (wait(&status) >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
            continue;
        for (int i = 0; i < count; i++)
            kill(children[i], SIGKILL);
        exit(2);
    }
}

static void print_result(void)
{
    int major, minor, patch;
    long received = 0;
    for (int i = 0; i < options.channels * options.receivers; i++)
        received += atomic_load(&shared->receivers[i].received);
    load_library(options.library);
    zmq.version(&major, &minor, &patch);
    printf("{\"libzmq\": \"%d.%d.%d\", \"sent\": %ld, \"messages\": %ld, \"received_while_offered\": %ld, "
           "\"seconds\": %.6f, \"rate\": %.1f, \"p50_us\": %.3f, \"p99_us\": %.3f, \"max_us\": %.3f, "
           "\"lateness_p99_us\": %.3f, \"cpu_s\": %.6f}\n",
           major, minor, patch, shared->sent, received, shared->received_while_offered, shared->seconds,
           (double)shared->received_while_offered / shared->seconds, shared->latency.p50_us, shared->latency.p99_us,
           shared->latency.max_us, shared->lateness.p99_us, shared->sender_cpu_s + shared->receiver_cpu_s);
}

int main(int count, char **arguments)
{
    read_options(count, arguments);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        perror("mmap");
        return 2;
    }
    if (strcmp(options.transport, "inproc") == 0)
        wait_for((pid_t[]){start(one_process)}, 1);
    else
        wait_for((pid_t[]){start(receiving_process), start(sending_process)}, 2);
    print_result();
    return 0;
}
