#include "library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

struct library zmq;

static void *symbol(void *handle, const char *name)
{
    void *found = dlsym(handle, name);
    if (found == NULL) {
        fprintf(stderr, "the library has no %s\n", name);
        exit(2);
    }
    return found;
}

/* ISO C has no cast from void * to a function pointer. POSIX allows to store it through a void **. */
#define LOAD(name) *(void **)&zmq.name = symbol(handle, "zmq_" #name)

void load_library(const char *path)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    LOAD(ctx_new);
    LOAD(ctx_term);
    LOAD(socket);
    LOAD(close);
    LOAD(setsockopt);
    LOAD(getsockopt);
    LOAD(bind);
    LOAD(connect);
    LOAD(msg_init);
    LOAD(msg_init_size);
    LOAD(msg_data);
    LOAD(msg_size);
    LOAD(msg_close);
    LOAD(msg_send);
    LOAD(msg_recv);
    LOAD(strerror);
    LOAD(version);
    *(void **)&zmq.error = symbol(handle, "zmq_errno");
}

void fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, zmq.strerror(zmq.error()));
    exit(2);
}
