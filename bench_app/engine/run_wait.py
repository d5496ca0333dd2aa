"""Waiting in a run: for what the workers report, never by sleeping, and each time with a limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from bench_app.errors import EngineError

FOR_EVER_S = 3e7
"""A year: the limit of a wait whose condition has a limit of its own."""
WAIT_STEP_S = 60.0
"""The longest single wait. A Qt timer takes no more than 24 days."""

STALLED_S, MOST_GRACE_S = 0.1, 1.0
"""A limit that passed while this loop stood still for so long is put off once, so that the loop reads what has come."""


class RunWait:
    """Waits until a condition is true. Code that changes what a condition reads must call :meth:`notify`.

    Attributes:
        stopping: the run is to end early. Waits that are stoppable end at once.
        forced: the run is to end now. All waits end at once.
    """

    def __init__(self) -> None:
        self.stopping = False
        self.forced = False
        self._error: BaseException | None = None
        self._changed = asyncio.Event()

    def notify(self) -> None:
        """Something has changed: all waits check their condition again."""
        self._changed.set()

    def stop(self) -> None:
        """End the stoppable waits."""
        self.stopping = True
        self.notify()

    def force(self) -> None:
        """End all waits."""
        self.stopping = self.forced = True
        self.notify()

    def fail(self, error: BaseException) -> None:
        """The control channel has failed, and no report will come any more: all waits raise EngineError."""
        self._error = error
        self.notify()

    async def until(self, is_reached: Callable[[], bool], limit_s: float, stoppable: bool = True) -> None:
        """Wait until ``is_reached`` is true, the limit is over, or the run is to end. The caller checks which it was.

        Raises EngineError if the control channel has failed.
        """
        deadline = time.monotonic() + limit_s
        has_grace = True
        while not is_reached() and not self.forced and not (stoppable and self.stopping):
            if self._error is not None:
                raise EngineError(f"the engine lost its control channel: {self._error}") from self._error
            remaining_s = deadline - time.monotonic()
            if remaining_s <= 0:
                return
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), min(remaining_s, WAIT_STEP_S))
            except TimeoutError:
                late_s = time.monotonic() - deadline
                if late_s >= STALLED_S and has_grace:
                    # The loop stood still, a window that draws for example, and reports wait to be read.
                    has_grace = False
                    deadline += late_s + min(late_s, MOST_GRACE_S)
                elif late_s >= 0:
                    return
