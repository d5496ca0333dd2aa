"""Signals that end the program, held back while something is set up: **signal** -> afterwards.

The handler of SIGINT raises KeyboardInterrupt between any two instructions of Python, also between the creation of a
socket and the line that remembers it. Then nobody closes the socket, and the end of its context waits for ever.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ENDING_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The signals that ask a program to end, as far as this system has them."""


@contextmanager
def held_signals() -> Iterator[None]:
    """Within the context SIGINT, SIGTERM and SIGHUP do nothing. A signal that came meanwhile acts at its end.

    Outside the main thread, where no signal handler runs, it does nothing. A signal without a handler in Python, which
    ends the process at once or is ignored, is left alone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: handler for number in ENDING_SIGNALS if callable(handler := signal.getsignal(number))}
    for number in before:
        signal.signal(number, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])
