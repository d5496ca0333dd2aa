"""Fills a connection while its consumer reads nothing: source -> **handler's socket ~~> listener's socket**.

Filling ends when the socket has refused every message for STANDSTILL_S and the kernel's buffers did not change in that
time.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import zmq

from bench_app.capacity.places import KernelView
from bench_app.errors import InputError
from bench_app.sources.feed import Feed

STANDSTILL_S = 0.25
PACED_S = 5.0
"""For this time the connection is filled at the preset's rate, because the kernel's share depends on the rate. After
this time it is filled as fast as possible."""
FILL_LIMIT_S = 20.0
MOST_MESSAGES = 2_000_000
MOST_BYTES = 512 * 1024 * 1024
RETRY_S = 50e-6


@dataclass(frozen=True)
class Limits:
    """Limits of a filling.

    Attributes:
        paced_s: how long the connection is filled at the preset's rate.
        seconds: the time after which filling stops, even if the connection takes more.
        messages: the number of messages after which filling stops.
        bytes: the size after which filling stops.
    """

    paced_s: float = PACED_S
    seconds: float = FILL_LIMIT_S
    messages: int = MOST_MESSAGES
    bytes: int = MOST_BYTES


@dataclass
class Filling:
    """The result of a filling.

    Attributes:
        ends: for each message, the position in the stream at which the message ends, in bytes.
        full: True if the socket refused a message; False if a limit ended the filling.
        view: the kernel's buffers at the end; None if the system does not report them.
        paced: how many of the messages were sent at the preset's rate.
    """

    ends: array[int]
    full: bool
    view: KernelView | None
    paced: int


class FillPort(Protocol):
    """The methods of the sending end that filling uses."""

    def send(self, body: bytearray, number: int, due_ns: int, now_ns: int, /) -> None:
        """Send a message; raises ``zmq.Again`` if the socket has no room for it."""
        ...

    def size_on_wire(self, body: bytearray, /) -> int:
        """The size of a message in the stream, in bytes."""
        ...


class Filler:
    """Fills one connection. ``clock`` (in s) and ``sleep`` are parameters, so that a test can step through a filling.

    ``rate`` is the preset's rate for this connection; None means as fast as possible. ``view`` reads the kernel's
    buffers.
    """

    def __init__(
        self,
        port: FillPort,
        feed: Feed[bytearray],
        view: Callable[[], KernelView | None],
        rate: float | None,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._port, self._feed, self._view, self._limits = port, feed, view, limits
        self._clock, self._sleep = clock, sleep
        self._interval_s = 0.0 if rate is None else 1 / rate
        self._ends = array("q")
        self._position = 0
        self._paced = 0

    def fill(self) -> Filling:
        """Send until the connection is full or a limit is reached; blocks. Raises InputError if events run out."""
        began_s = moved_at_s = self._clock()
        view = self._view()
        event = self._next_event()
        while not self._at_limit(self._clock() - began_s):
            self._wait_until_due(began_s)
            if self._send(event):
                event = self._next_event()
                moved_at_s = self._clock()
            elif self._clock() - moved_at_s >= STANDSTILL_S:
                before, view = view, self._view()
                if view == before:
                    return Filling(self._ends, True, view, self._paced)
                moved_at_s = self._clock()
            else:
                self._sleep(RETRY_S)
        return Filling(self._ends, False, self._view(), self._paced)

    def _send(self, event: bytearray) -> bool:
        now_ns = time.perf_counter_ns()
        try:
            self._port.send(event, len(self._ends) + 1, now_ns, now_ns)
        except zmq.Again:
            return False
        self._position += self._port.size_on_wire(event)
        self._ends.append(self._position)
        return True

    def _wait_until_due(self, began_s: float) -> None:
        """Wait until the next message is due, as long as the preset's rate is kept."""
        if not self._interval_s:
            return
        due_s = len(self._ends) * self._interval_s
        wait_s = began_s + min(due_s, self._limits.paced_s) - self._clock()
        if wait_s > 0:
            self._sleep(wait_s)
        if due_s < self._limits.paced_s:
            self._paced = len(self._ends) + 1
        else:
            self._interval_s = 0.0

    def _at_limit(self, elapsed_s: float) -> bool:
        limits = self._limits
        return len(self._ends) >= limits.messages or self._position >= limits.bytes or elapsed_s > limits.seconds

    def _next_event(self) -> bytearray:
        while (event := self._feed.poll(0)) is None:
            if self._feed.exhausted:
                failure = f": {self._feed.failure}" if self._feed.failure else ""
                raise InputError(f"the source has no more events{failure}")
            self._sleep(RETRY_S)
        return event[0]
