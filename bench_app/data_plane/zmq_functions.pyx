# cython: language_level=3
"""The table of libzmq's functions: addresses -> **table** -> compiled loops."""

from libc.stdint cimport uintptr_t

from collections.abc import Mapping

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


cdef class ZmqFunctions:
    """The functions of one libzmq. ``addresses`` has an address for each of NAMES.

    ``clock`` may have the addresses of two more functions, for tests: ``now_ns`` and ``sleep_until``. Without them the
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
        if clock is not None:
            entries[len(NAMES)] = <void *><uintptr_t>clock["now_ns"]
            entries[len(NAMES) + 1] = <void *><uintptr_t>clock["sleep_until"]
