"""Who offers when: source -> **pace** -> sink. One thread at a time drives all handlers of a worker that only send.

Fifty handlers of one sink have their events due at the same moments. With a thread each, every event costs a wake-up
and a fight for the interpreter; driven in one go, the first wake-up serves all that are due.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Protocol

import zmq

from bench_app.measure.clock import NEVER_NS, NS_PER_MS

_clock = time.perf_counter_ns


class Paced(Protocol):
    """A handler as the pacer sees it."""

    @property
    def waits_on(self) -> tuple[zmq.Socket[bytes], int] | None:
        """Socket and poll flags whose event makes a step worth taking before its time, None while there is none."""
        ...

    def step(self) -> int | None:
        """Do what is due, without waiting; returns the ``perf_counter_ns`` of the next step, None to leave."""
        ...


@dataclass(slots=True, eq=False)
class _Seat:
    unit: Paced
    due_ns: int = 0
    over: bool = False


class Pacer:
    """Drives units in the thread of whichever came first; the others' threads wait, and one of them takes over.

    A socket may change threads so, since the lock that hands over the drive is a full memory barrier.
    """

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._driven = False
        # Replaced, never changed: the driver goes through it while others join.
        self._seats: tuple[_Seat, ...] = ()
        # Held until somebody joins, so that waiting for it is a sleep that joining ends.
        self._nobody_joined = threading.Lock()
        self._nobody_joined.acquire()

    def drive(self, unit: Paced) -> None:
        """Have ``unit`` stepped until it leaves."""
        seat = _Seat(unit)
        with self._turn:
            self._seats = (*self._seats, seat)
            if self._nobody_joined.locked():
                self._nobody_joined.release()
            while self._driven and not seat.over:
                self._turn.wait()
            if seat.over:
                return
            self._driven = True
        try:
            self._drive_until_over(seat)
        finally:
            with self._turn:
                self._driven = False
                self._turn.notify_all()

    def _drive_until_over(self, own: _Seat) -> None:
        while not own.over:
            now_ns = _clock()
            for seat in self._seats:
                if seat.due_ns <= now_ns:
                    self._step(seat)
            if not own.over:
                self._wait()

    def _step(self, seat: _Seat) -> None:
        due_ns = seat.unit.step()
        if due_ns is None:
            with self._turn:
                seat.over = True
                self._seats = tuple(other for other in self._seats if other is not seat)
                self._turn.notify_all()
        else:
            seat.due_ns = due_ns

    def _wait(self) -> None:
        """Until the nearest step is due, a socket that is waited for has news, or a unit joins."""
        until_ns = NEVER_NS
        polled: list[tuple[_Seat, tuple[zmq.Socket[bytes], int]]] = []
        for seat in self._seats:
            if seat.due_ns < until_ns:
                until_ns = seat.due_ns
            if (waits_on := seat.unit.waits_on) is not None:
                polled.append((seat, waits_on))
        left_ns = until_ns - _clock()
        if not polled:
            if left_ns > 0:
                self._nobody_joined.acquire(timeout=left_ns / 1e9)
            return
        # Polls take whole milliseconds. Alone, a unit cares for its socket first; in company, for the others' time.
        alone = len(self._seats) == 1
        wait_ms = max(0, -(-left_ns // NS_PER_MS) if alone else left_ns // NS_PER_MS)
        news = [socket for socket, _ in zmq.zmq_poll([waits_on for _, waits_on in polled], wait_ms)]
        for seat, (socket, _) in polled:
            if socket in news:
                seat.due_ns = 0
        if not news and not alone and wait_ms == 0 < left_ns:
            self._nobody_joined.acquire(timeout=left_ns / 1e9)
