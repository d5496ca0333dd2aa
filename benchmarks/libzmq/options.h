/* What the command line asks for. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pattern { PUSH_PULL, PUB_SUB, REQ_REP };

enum {
    MOST_CHANNELS = 256,  /* sending sockets */
    MOST_RECEIVERS = 256, /* receiving sockets, all channels together */
    MARK = 8,             /* a message shorter than this is no event: see messages.h */
    REPLY = 43            /* bytes of a reply, as many as the default reply of the bench has */
};

struct options {
    const char *library;
    enum pattern pattern;
    const char *transport; /* tcp, ipc or inproc */
    const char *folder;    /* of the sockets of ipc */
    const char *topic;     /* first frame of PUB */
    size_t size;           /* bytes of the body of a message */
    int pool;              /* distinct messages, sent in turns */
    double seconds;
    double warmup;         /* the first seconds, whose latencies are not measured */
    double rate;           /* events per second and channel; 0: as fast as the socket takes them */
    int hwm;
    int channels;
    int receivers;         /* per channel */
    struct pace pace;
    bool exact_timers;     /* sleeps of a paced sender end on time */
    bool latency;          /* put the send time into messages, and measure */
    bool no_drop;          /* PUB waits for the slowest subscriber */
};

extern struct options options;

/* Ends the program with a usage message if the arguments are wrong. */
void read_options(int count, char **arguments);

#endif
