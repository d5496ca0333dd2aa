#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options options = {
    .transport = "tcp",
    .folder = "/tmp",
    .topic = "",
    .size = 512,
    .pool = 1,
    .seconds = 3,
    .hwm = 1000,
    .channels = 1,
    .receivers = 1,
};

static const struct option LONG[] = {
    {"library", required_argument, NULL, 'l'},  {"transport", required_argument, NULL, 't'},
    {"folder", required_argument, NULL, 'f'},   {"topic", required_argument, NULL, 'T'},
    {"size", required_argument, NULL, 's'},     {"pool", required_argument, NULL, 'p'},
    {"seconds", required_argument, NULL, 'd'},  {"warmup", required_argument, NULL, 'w'},
    {"rate", required_argument, NULL, 'r'},     {"hwm", required_argument, NULL, 'h'},
    {"channels", required_argument, NULL, 'c'}, {"receivers", required_argument, NULL, 'n'},
    {"spin-us", required_argument, NULL, 'S'},  {"sleep-us", required_argument, NULL, 'm'},
    {"exact-timers", no_argument, NULL, 'E'},   {"latency", no_argument, NULL, 'L'},
    {"no-drop", no_argument, NULL, 'D'},        {NULL, 0, NULL, 0},
};

static _Noreturn void usage(const char *problem)
{
    fprintf(stderr,
            "%s\n"
            "usage: plain_libzmq push|pub|req --library PATH [--transport tcp|ipc|inproc] [--folder DIR] [--topic T]\n"
            "       [--size BYTES] [--pool MESSAGES] [--seconds S] [--warmup S] [--rate PER_S] [--hwm MESSAGES]\n"
            "       [--channels N] [--receivers N] [--spin-us US] [--sleep-us US] [--exact-timers]\n"
            "       [--latency] [--no-drop]\n",
            problem);
    exit(2);
}

static enum pattern pattern_of(const char *name)
{
    if (strcmp(name, "push") == 0)
        return PUSH_PULL;
    if (strcmp(name, "pub") == 0)
        return PUB_SUB;
    if (strcmp(name, "req") == 0)
        return REQ_REP;
    usage("unknown pattern");
}

static void check(void)
{
    if (options.library == NULL)
        usage("--library is missing");
    if (strcmp(options.transport, "tcp") && strcmp(options.transport, "ipc") && strcmp(options.transport, "inproc"))
        usage("unknown transport");
    if (options.size < MARK || options.pool < 1 || options.seconds <= 0 || options.rate < 0)
        usage("a number is too small");
    if (options.channels < 1 || options.channels > MOST_CHANNELS || options.receivers < 1 ||
        options.channels * options.receivers > MOST_RECEIVERS)
        usage("too many sockets, or too few");
    if (options.pattern != PUB_SUB && options.receivers != 1)
        usage("only PUB has several receivers on a channel");
    if (options.pattern == REQ_REP && options.channels != 1)
        usage("REQ has one channel");
}

void read_options(int count, char **arguments)
{
    int letter;
    while ((letter = getopt_long(count, arguments, "", LONG, NULL)) != -1) {
        switch (letter) {
        case 'l': options.library = optarg; break;
        case 't': options.transport = optarg; break;
        case 'f': options.folder = optarg; break;
        case 'T': options.topic = optarg; break;
        case 's': options.size = strtoul(optarg, NULL, 10); break;
        case 'p': options.pool = atoi(optarg); break;
        case 'd': options.seconds = atof(optarg); break;
        case 'w': options.warmup = atof(optarg); break;
        case 'r': options.rate = atof(optarg); break;
        case 'h': options.hwm = atoi(optarg); break;
        case 'c': options.channels = atoi(optarg); break;
        case 'n': options.receivers = atoi(optarg); break;
        case 'S': options.pace.spin_ns = (int64_t)(atof(optarg) * 1000); break;
        case 'm': options.pace.shortest_sleep_ns = (int64_t)(atof(optarg) * 1000); break;
        case 'E': options.exact_timers = true; break;
        case 'L': options.latency = true; break;
        case 'D': options.no_drop = true; break;
        default: usage("unknown option");
        }
    }
    if (optind != count - 1)
        usage("give one pattern");
    options.pattern = pattern_of(arguments[optind]);
    check();
}
