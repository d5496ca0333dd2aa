"""Lets the C library keep the memory that is freed: free -> **kept** -> malloc, without the system in between.

libzmq allocates memory for each large message, and frees it when the message is gone. glibc gives freed memory back to
the system as soon as 128 KiB are free. Then each message of 64 KiB needs 16 page faults, in which the system clears
the memory again: a fourth of all the processor time that the message costs.
"""

from __future__ import annotations

import ctypes

KEPT = 1 << 30
"""The most free memory, in bytes, that is kept at the end of a heap."""
LONGEST = 1 << 25
"""Longer pieces of memory come from the system each time. glibc allows no higher limit."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3


def keep_freed_memory() -> bool:
    """Make this process keep freed memory; returns whether it does. Only glibc can do this, and needs it."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, TypeError):
        return False
    return bool(mallopt(_TRIM_THRESHOLD, KEPT) and mallopt(_MMAP_THRESHOLD, LONGEST))
