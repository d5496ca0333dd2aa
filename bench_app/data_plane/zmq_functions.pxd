"""The functions of libzmq that the compiled loops call, as pointers: no header and no second libzmq is needed."""

from libc.stdint cimport int64_t

cdef extern from *:
    """
    #include <stddef.h>
    #include <stdint.h>
    #include <time.h>

    /* As in zmq.h, which need not be installed: 64 bytes, aligned like a pointer. */
    typedef union { unsigned char bytes[64]; void *aligned; } bench_zmq_msg;

    typedef struct { void *socket; int fd; short events; short revents; } bench_zmq_pollitem;
    /* A socket, its file descriptor (ZMQ_FD), the event that is waited for, and whether it is there. An event of 0 is
       anything that the socket has to do, also without an event of its own. */
    typedef struct { void *socket; int fd; short event; short is_ready; } bench_awaited;

    typedef struct bench_zmq_functions {
        int (*send)(void *socket, const void *data, size_t size, int flags);
        int (*msg_init)(bench_zmq_msg *message);
        int (*msg_init_size)(bench_zmq_msg *message, size_t size);
        int (*msg_init_data)(bench_zmq_msg *message, void *data, size_t size, void (*free)(void *, void *), void *hint);
        int (*msg_send)(bench_zmq_msg *message, void *socket, int flags);
        int (*msg_recv)(bench_zmq_msg *message, void *socket, int flags);
        void *(*msg_data)(bench_zmq_msg *message);
        size_t (*msg_size)(const bench_zmq_msg *message);
        int (*msg_more)(const bench_zmq_msg *message);
        int (*msg_close)(bench_zmq_msg *message);
        int (*getsockopt)(void *socket, int option, void *value, size_t *size);
        int (*poll)(bench_zmq_pollitem *items, int count, long timeout_ms);
        int (*last_error)(void);
        int64_t (*now_ns)(void);
        void (*sleep_until)(int64_t at_ns);
        int (*wait_until)(const struct bench_zmq_functions *zmq, bench_awaited *sockets, int count, int64_t at_ns);
    } bench_zmq_functions;
    """
    ctypedef union zmq_msg "bench_zmq_msg":
        unsigned char bytes[64]
    ctypedef struct zmq_pollitem "bench_zmq_pollitem":
        void *socket
        int fd
        short events
        short revents
    ctypedef struct awaited "bench_awaited":
        void *socket
        int fd
        short event
        short is_ready
    ctypedef void (*zmq_free)(void *data, void *hint) noexcept nogil
    # `last_error` is zmq_errno. The last three functions are the clock of the loops, which tests may replace.
    # `wait_until` waits for an event of one of the sockets, and returns how many have theirs; 0 at the time `at_ns`.
    ctypedef struct zmq_functions "bench_zmq_functions":
        int (*send)(void *socket, const void *data, size_t size, int flags) noexcept nogil
        int (*msg_init)(zmq_msg *message) noexcept nogil
        int (*msg_init_size)(zmq_msg *message, size_t size) noexcept nogil
        int (*msg_init_data)(zmq_msg *message, void *data, size_t size, zmq_free free, void *hint) noexcept nogil
        int (*msg_send)(zmq_msg *message, void *socket, int flags) noexcept nogil
        int (*msg_recv)(zmq_msg *message, void *socket, int flags) noexcept nogil
        void *(*msg_data)(zmq_msg *message) noexcept nogil
        size_t (*msg_size)(const zmq_msg *message) noexcept nogil
        int (*msg_more)(const zmq_msg *message) noexcept nogil
        int (*msg_close)(zmq_msg *message) noexcept nogil
        int (*getsockopt)(void *socket, int option, void *value, size_t *size) noexcept nogil
        int (*poll)(zmq_pollitem *items, int count, long timeout_ms) noexcept nogil
        int (*last_error)() noexcept nogil
        int64_t (*now_ns)() noexcept nogil
        void (*sleep_until)(int64_t at_ns) noexcept nogil
        int (*wait_until)(const zmq_functions *zmq, awaited *sockets, int count, int64_t at_ns) noexcept nogil

# The flags and events of zmq.h.
cdef enum:
    DONTWAIT = 1
    SNDMORE = 2
    POLLIN = 1
    POLLOUT = 2


# The file descriptor of a socket, for `awaited`; -1 if there is none.
cdef int descriptor_of(const zmq_functions *zmq, void *socket) noexcept nogil


cdef class ZmqFunctions:
    cdef zmq_functions table
