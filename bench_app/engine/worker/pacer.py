"""When each handler offers: source -> **pace** -> sink. One thread drives all handlers of a worker that only send.

Fifty handlers of one sink have their events due at the same moments. If each handler sent in its own thread, every
event would cost a wake-up, and the threads would compete for the interpreter lock. One thread that drives all handlers
serves those that are due with one wake-up.

Every handler still has a thread of its own, for opening and closing. While it sends, its thread calls
:meth:`Pacer.drive`.
One of the threads in that call is the *driver*: it steps all units, the others wait. Three rules hold it together:

* At most one thread is the driver, and only the driver steps units. So a unit needs no lock of its own. The lock that
  hands over the drive is a full memory barrier, which libzmq asks for when a socket changes threads.
* A thread leaves :meth:`Pacer.drive` when its own unit is over. If it was the driver, a waiting thread takes over.
* A unit that joins must be stepped soon, also while the driver sleeps until a due time far ahead. So the driver sleeps
  on a lock that a joining thread releases.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import zmq

from bench_app.measure.clock import NEVER_NS, NS_PER_MS

if TYPE_CHECKING:
    # A module that exists only where the data plane is compiled.
    from bench_app.data_plane.sending import Sender

SLICE_NS = 10 * NS_PER_MS
"""The longest run of compiled senders. A unit that joins has to wait for the end of the slice."""
SPIN_NS = 50_000
"""A sleep ends about this late. Where a processor is free for it, the driver spins for the rest of the time instead."""
SPINNING_PROCESSORS = 4
"""On a machine with fewer processors the driver never spins: it would take one from the sockets."""

_clock = time.perf_counter_ns


class Paced(Protocol):
    """A unit as the pacer sees it."""

    @property
    def sender(self) -> Sender | None:
        """The compiled sender of the unit, which the driver runs between two steps; None: the unit sends in its steps.

        A sender that needs something gets a step of its unit at once.
        """
        ...

    @property
    def waits_on(self) -> tuple[zmq.Socket[bytes], int] | None:
        """A socket and the poll flags of the event that calls for a step before the next one is due; None: no socket
        does. The driver reads it between two steps."""
        ...

    def step(self) -> int | None:
        """Do what is due, without waiting; returns when the next step is due (``perf_counter_ns``), None to leave."""
        ...


@dataclass(slots=True, eq=False)
class _Seat:
    """A unit that is being driven.

    Attributes:
        unit: the unit.
        due_ns: when its next step is due; 0: at once.
        has_left: True once a step of the unit returned None.
    """

    unit: Paced
    due_ns: int = 0
    has_left: bool = False


class Pacer:
    """Steps units, each when it is due, in one of the threads that drive them.

    It has no public attributes. ``_turn`` guards the ones below and wakes the threads that wait:

    * ``_has_driver``: True while a thread is the driver.
    * ``_seats``: the units that are driven. The tuple is replaced and never changed, because the driver iterates over
      it without the lock while other threads join.
    * ``_spin_ns``: for how long the driver spins before a due time, decided when it becomes the driver.
    * ``_join_signal``: a lock that is held until a unit joins. The driver sleeps by trying to acquire it with a
      timeout: it wakes at the timeout, or at once when a unit joins.
    """

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._has_driver = False
        self._spin_ns = 0
        self._seats: tuple[_Seat, ...] = ()
        self._join_signal = threading.Lock()
        self._join_signal.acquire()

    def drive(self, unit: Paced) -> None:
        """Step ``unit`` in this thread or in another one; returns when a step of ``unit`` has returned None."""
        seat = _Seat(unit)
        with self._turn:
            self._seats = (*self._seats, seat)
            if self._join_signal.locked():
                self._join_signal.release()
            while self._has_driver and not seat.has_left:
                self._turn.wait()
            if seat.has_left:
                return
            self._has_driver = True
        self._spin_ns = free_spin_ns()
        try:
            self._drive_until_left(seat)
        finally:
            with self._turn:
                self._has_driver = False
                self._turn.notify_all()

    def _drive_until_left(self, own: _Seat) -> None:
        while not own.has_left:
            now_ns = _clock()
            for seat in self._seats:
                if seat.due_ns <= now_ns:
                    self._step(seat)
            if not own.has_left:
                self._wait()

    def _step(self, seat: _Seat) -> None:
        due_ns = seat.unit.step()
        if due_ns is None:
            with self._turn:
                seat.has_left = True
                self._seats = tuple(other for other in self._seats if other is not seat)
                self._turn.notify_all()
        else:
            seat.due_ns = due_ns

    def _wait(self) -> None:
        """Wait until the next step is due, a socket has the event that its unit waits on, or a unit joins."""
        sending = [(seat, sender) for seat in self._seats if (sender := seat.unit.sender) is not None]
        if sending:
            self._run(sending)
        else:
            self._sleep()

    def _run(self, sending: list[tuple[_Seat, Sender]]) -> None:
        """Run the compiled senders until the next step is due or one of them needs a step, for a slice at most."""
        from bench_app.data_plane.sending import run_senders

        until_ns = min(_clock() + SLICE_NS, *(seat.due_ns for seat in self._seats))
        run_senders([sender for _, sender in sending], until_ns, self._spin_ns)
        for seat, sender in sending:
            if sender.needs:
                seat.due_ns = 0

    def _sleep(self) -> None:
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
                self._join_signal.acquire(timeout=left_ns / 1e9)
            return
        # A poll takes whole milliseconds. With one unit, round up: fewer wake-ups, and an event on the socket ends the
        # wait anyway. With several, round down, so that none is served late; the rest of the time is slept below.
        alone = len(self._seats) == 1
        wait_ms = max(0, -(-left_ns // NS_PER_MS) if alone else left_ns // NS_PER_MS)
        ready = [socket for socket, _ in zmq.zmq_poll([waits_on for _, waits_on in polled], wait_ms)]
        for seat, (socket, _) in polled:
            if socket in ready:
                seat.due_ns = 0
        if not ready and not alone and wait_ms == 0 < left_ns:
            self._join_signal.acquire(timeout=left_ns / 1e9)


def free_spin_ns() -> int:
    """SPIN_NS if the machine has processors to spare now, otherwise 0."""
    processors = os.cpu_count() or 1
    # Windows does not know the load, and has no compiled senders that could spin.
    if processors < SPINNING_PROCESSORS or sys.platform == "win32":
        return 0
    return SPIN_NS if os.getloadavg()[0] < processors / 2 else 0
