"""SIGTERM and SIGHUP end ``listen``, ``send`` and ``capacity`` as Ctrl+C does, so that they print their summary.

A signal that comes just before a call that blocks does not interrupt the call: Python notes it, the call blocks, and
the KeyboardInterrupt waits until the call returns. That can be a minute, or for ever. So a timer interrupts the main
thread a few times a second. Python then looks for signals, and continues the call.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_NAMES = ("SIGTERM", "SIGHUP")
LOOK_EVERY_S = 0.25


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Within the context SIGTERM and SIGHUP raise KeyboardInterrupt. A signal that is ignored (``nohup``) stays so."""
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    changed = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in changed:
        signal.signal(number, signal.default_int_handler)
    try:
        with _looking_for_signals():
            yield
    finally:
        for number, handler in changed.items():
            signal.signal(number, handler)


@contextmanager
def _looking_for_signals() -> Iterator[None]:
    """Let Python look for signals every ``LOOK_EVERY_S``, on systems with a timer that sends a signal."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, lambda number, frame: None)
    signal.setitimer(signal.ITIMER_REAL, LOOK_EVERY_S, LOOK_EVERY_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
