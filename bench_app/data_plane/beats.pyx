# cython: language_level=3
"""The loop of the heartbeat: a worker process -> **how late each beat came** -> stalls. See engine/worker/heartbeat.py.

In Python, two thirds of the loop's processor time go to the interpreter, which an idle machine must fetch into its
caches again for each beat. Here the loop sleeps without the GIL, and a beat takes the GIL only to note how late it is.
So a beat also comes late when another thread keeps the GIL, and that is a stall as well.
"""

from libc.stdint cimport int64_t

from bench_app.data_plane.clock cimport now_ns, sleep_until


def keep_beating(late_ns, int64_t due_ns, int64_t period_ns) -> None:
    """Append to ``late_ns`` how late each beat came, in ns, until the process ends. The first beat is due at ``due_ns``.

    A beat that comes more than a period late takes the place of those that were due before it.
    """
    cdef int64_t now = now_ns()
    cdef int64_t late
    append = late_ns.append
    while True:
        # A signal may end a sleep early.
        while now < due_ns:
            with nogil:
                sleep_until(due_ns)
            now = now_ns()
        late = now - due_ns
        append(late)
        due_ns += period_ns if late < period_ns else late + period_ns
