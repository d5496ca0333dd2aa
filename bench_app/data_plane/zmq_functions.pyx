# cython: language_level=3
"""The table of libzmq's functions: addresses -> **table** -> compiled loops."""

from libc.errno cimport EAGAIN, EINTR, errno
from libc.stdint cimport int64_t, uintptr_t

from collections.abc import Mapping

import zmq as pyzmq

from bench_app.data_plane.clock cimport now_ns, sleep_until

NAMES = (
    "zmq_send",
    "zmq_msg_init",
    "zmq_msg_init_size",
    "zmq_msg_init_data",
    "zmq_msg_send",
    "zmq_msg_recv",
    "zmq_msg_data",
    "zmq_msg_size",
    "zmq_msg_more",
    "zmq_msg_close",
    "zmq_getsockopt",
    "zmq_poll",
    "zmq_errno",
)
"""The functions of the table, in its order."""
CLOCK_NAMES = ("now_ns", "sleep_until", "wait_until")
"""The functions after these."""

cdef int FD = pyzmq.FD
cdef int EVENTS = pyzmq.EVENTS
cdef int MOST_POLLED = 1024

cdef extern from *:
    """
    #include <poll.h>
    #include <time.h>
    /* poll(2) with a timeout in ns. macOS knows only whole milliseconds: there the rest is slept. */
    static int bench_poll(struct pollfd *fds, int count, int64_t timeout_ns) {
    #if defined(__APPLE__)
        int ready = poll(fds, (nfds_t)count, (int)(timeout_ns / 1000000));
        struct timespec rest = {0, timeout_ns % 1000000};
        if (ready == 0 && timeout_ns < 1000000) nanosleep(&rest, NULL);
        return ready;
    #else
        struct timespec timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};
        return ppoll(fds, (nfds_t)count, &timeout, NULL);
    #endif
    }
    """
    ctypedef struct pollfd "struct pollfd":
        int fd
        short events
        short revents
    short POLLIN_FD "POLLIN"
    int poll_ns "bench_poll"(pollfd *fds, int count, int64_t timeout_ns) noexcept nogil


cdef int descriptor_of(const zmq_functions *zmq, void *socket) noexcept nogil:
    cdef int fd = -1
    cdef size_t size = sizeof(int)
    return fd if zmq.getsockopt(socket, FD, &fd, &size) == 0 else -1


cdef int wait_until(const zmq_functions *zmq, awaited *sockets, int count, int64_t at_ns) noexcept nogil:
    """Wait as zmq_poll does, with a timeout in ns. A signal may end the wait early.

    The descriptor of a socket becomes readable when the socket has something to do, and says nothing about what. So the
    events are read before the wait, which also does what the socket has to do, and after it. If nothing particular is
    waited for, a readable descriptor is enough: each call of libzmq that reads the socket's commands reads all of them, so
    it is readable if and only if there are more.
    """
    cdef pollfd fds[1024]
    cdef int number, events, ready, polled = min(count, MOST_POLLED)
    cdef size_t size
    cdef int64_t left_ns
    while True:
        ready = 0
        for number in range(count):
            if not sockets[number].event:
                ready += sockets[number].is_ready
                continue
            size = sizeof(int)
            events = 0
            # A socket with an error is ready: the call that comes next reports the error.
            if zmq.getsockopt(sockets[number].socket, EVENTS, &events, &size) < 0 or events & sockets[number].event:
                sockets[number].is_ready = 1
                ready += 1
        left_ns = at_ns - zmq.now_ns()
        if ready or left_ns <= 0:
            return ready
        for number in range(polled):
            fds[number].fd = sockets[number].fd
            fds[number].events = POLLIN_FD
            fds[number].revents = 0
        if poll_ns(fds, polled, left_ns) < 0 and errno == EINTR:
            return 0
        for number in range(polled):
            if fds[number].revents and not sockets[number].event:
                size = sizeof(int)
                zmq.getsockopt(sockets[number].socket, EVENTS, &events, &size)
                sockets[number].is_ready = 1


cdef class ZmqFunctions:
    """The functions of one libzmq. ``addresses`` has an address for each of NAMES.

    ``clock`` may have the addresses of other functions for the clock, for tests: some of CLOCK_NAMES. Without them the
    clock is that of ``time.perf_counter_ns``.
    """

    def __init__(self, addresses: Mapping[str, int], clock: Mapping[str, int] | None = None) -> None:
        cdef void **entries = <void **>&self.table
        for number, name in enumerate(NAMES):
            if not addresses[name]:
                raise ValueError(f"{name} has no address")
            entries[number] = <void *><uintptr_t>addresses[name]
        self.table.now_ns = now_ns
        self.table.sleep_until = sleep_until
        self.table.wait_until = wait_until
        if clock is not None:
            for name, address in clock.items():
                entries[len(NAMES) + CLOCK_NAMES.index(name)] = <void *><uintptr_t>address

    def receive(self, socket: int) -> tuple[bytes, ...] | None:
        """The frames of the next message of a socket; None if no message waits. Raises ``zmq.ZMQError``.

        ``socket`` is the address of the socket (``zmq.Socket.underlying``).
        """
        cdef zmq_msg message
        cdef void *address = <void *><uintptr_t>socket
        cdef int error = 0, more = 1
        frames = []
        while more:
            self.table.msg_init(&message)
            # All frames of a message arrive together, so only the first can be missing.
            if self.table.msg_recv(&message, address, DONTWAIT) < 0:
                error = self.table.last_error()
                self.table.msg_close(&message)
                if error == EAGAIN or error == EINTR:
                    return None
                raise pyzmq.ZMQError(error)
            frames.append((<const char *>self.table.msg_data(&message))[: self.table.msg_size(&message)])
            more = self.table.msg_more(&message)
            self.table.msg_close(&message)
        return tuple(frames)
