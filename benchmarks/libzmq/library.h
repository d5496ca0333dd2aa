/* The functions of libzmq, from the shared library whose path is given at run time. */
#ifndef LIBRARY_H
#define LIBRARY_H

#include <zmq.h>

/* Only constants and types come from the header. So the program may be compiled with the header of one version and run
   on the library of another one of the same major version. */
struct library {
    void *(*ctx_new)(void);
    int (*ctx_term)(void *context);
    void *(*socket)(void *context, int type);
    int (*close)(void *socket);
    int (*setsockopt)(void *socket, int option, const void *value, size_t size);
    int (*getsockopt)(void *socket, int option, void *value, size_t *size);
    int (*bind)(void *socket, const char *endpoint);
    int (*connect)(void *socket, const char *endpoint);
    int (*msg_init)(zmq_msg_t *message);
    int (*msg_init_size)(zmq_msg_t *message, size_t size);
    void *(*msg_data)(zmq_msg_t *message);
    size_t (*msg_size)(const zmq_msg_t *message);
    int (*msg_close)(zmq_msg_t *message);
    int (*msg_send)(zmq_msg_t *message, void *socket, int flags);
    int (*msg_recv)(zmq_msg_t *message, void *socket, int flags);
    int (*error)(void);
    const char *(*strerror)(int number);
    void (*version)(int *major, int *minor, int *patch);
};

extern struct library zmq;

/* Load the library at `path`; ends the program if that fails. */
void load_library(const char *path);

/* End the program with a message about the last error of libzmq. */
_Noreturn void fail(const char *what);

#endif
