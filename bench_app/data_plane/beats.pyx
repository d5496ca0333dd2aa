# cython: language_level=3, boundscheck=False, wraparound=False
"""The loop of the heartbeat: a worker process -> **how late each beat came** -> stalls. See engine/worker/heartbeat.py.

In Python, two thirds of the loop's processor time go to the interpreter, which an idle machine must fetch into its
caches again for each beat. Here the loop sleeps without the GIL, and a beat takes the GIL only to note how late it is.
So a beat also comes late when another thread keeps the GIL, and that is a stall as well. No Python object is made.
"""

from libc.stdint cimport int64_t

from bench_app.data_plane.clock cimport now_ns, sleep_until


def keep_beating(int64_t[::1] beats, const unsigned char[::1] interrupted, int64_t due_ns, int64_t period_ns, int64_t until_ns):
    """Write into ``beats`` how late each beat came, in ns. The first one is due at ``due_ns``. Return when the next is due.

    It ends after the first beat at ``until_ns`` or later, or when another thread has set ``interrupted``.

    ``beats`` is a ring: the first number counts the beats, and the others are for the last of them. A beat that comes
    more than a period late takes the place of those that were due before it.
    """
    cdef int64_t kept = beats.shape[0] - 1
    cdef int64_t now = now_ns()
    cdef int64_t late
    while now < until_ns and not interrupted[0]:
        # A signal may end a sleep early.
        while now < due_ns:
            with nogil:
                sleep_until(due_ns)
            now = now_ns()
        late = now - due_ns
        beats[1 + beats[0] % kept] = late
        beats[0] += 1
        due_ns += period_ns if late < period_ns else late + period_ns
    return due_ns
