"""Signals that end the program, held back or caught where they would do harm: **signal** -> afterwards, or a function.

The handler of SIGINT raises KeyboardInterrupt between any two instructions of Python, also between the creation of a
socket and the line that remembers it. Then nobody closes the socket, and the end of its context waits for ever.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

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


class CaughtSignals:
    """SIGINT, SIGTERM and SIGHUP, passed to a function instead of ending the program. A context of the main thread.

    The handlers stay the same from the begin of the context to its end. So no signal meets a moment without a handler,
    as it would while an event loop takes its own handlers in and out. A signal that is ignored (``nohup``) stays so.

    Attributes:
        waiting: how many signals came and were not passed to a function.
    """

    def __init__(self) -> None:
        self.waiting = 0
        self._receiver: Callable[[], object] | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in ENDING_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def pass_to(self, receiver: Callable[[], object] | None) -> None:
        """Call ``receiver`` for each signal from now on, and for those that wait; None: let signals wait.

        It is called in the main thread, between any two instructions of Python.
        """
        self._receiver = receiver
        while receiver is not None and self.waiting:
            self.waiting -= 1
            receiver()

    def ignore_rest(self) -> None:
        """Ignore all further signals, also after the context: the process ends now, with an exit code of its own."""
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)
        self._before = {}

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._receiver is None:
            self.waiting += 1
        else:
            self._receiver()
