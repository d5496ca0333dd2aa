"""The handler core: bounded queue -> socket, without blocking and without knowing which socket.

``offer`` puts an event in the queue; ``pump`` moves the queue into the socket until it would block. PUB and PUSH are
:class:`HandlerCore` as it stands; REQ is :class:`bench_app.handlers.req.RequestCore`. Two drivers use it, the bench's
paced loop and the library's thread, and neither repeats it. Everything here is single-threaded.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

import zmq

from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.samples import SampleBuffer
from bench_app.model import HandlerConfig
from bench_app.transport.socket_trace import QueueStatus

PUMP_BATCH = 256
"""Messages a single pump moves at most, so that its driver keeps looking at control messages and due events."""

OFFERED = int(HandlerSlot.OFFERED)
QUEUE_OVERFLOW = int(HandlerSlot.QUEUE_OVERFLOW)
SEND_TIMEOUT = int(HandlerSlot.SEND_TIMEOUT)
ABORTED = int(HandlerSlot.ABORTED)
ACCEPTED = int(HandlerSlot.ACCEPTED)
ATTEMPTED = int(HandlerSlot.ATTEMPTED)
BYTES = int(HandlerSlot.BYTES)


class PollFor(IntEnum):
    """What the core waits for before another pump makes sense."""

    NOTHING = 0
    WRITABLE = zmq.POLLOUT
    READABLE = zmq.POLLIN


class Port(Protocol):
    """The sending end of a socket as the core sees it (:class:`bench_app.transport.wire.Writer` in production)."""

    overhead: int

    def send(self, body: bytearray, sequence: int, intended_ns: int, sent_ns: int) -> None:
        """Send one message, or raise ``zmq.Again`` and send nothing."""
        ...


class HandlerCore:
    """Queue and socket of one handler.

    ``slots`` is the handler's book (see :class:`HandlerSlot`), ``lateness`` takes intended -> actual send in ns for
    events due at or after ``measure_from_ns``. ``clock`` is monotonic ns.
    """

    def __init__(
        self,
        config: HandlerConfig,
        port: Port,
        slots: memoryview[int],
        lateness: SampleBuffer,
        clock: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        self.config = config
        self.measure_from_ns = 0
        self.wants = PollFor.NOTHING
        self.times_full = 0
        """How often the socket has begun to refuse events (EAGAIN)."""
        self._port = port
        self._slots = slots
        self._lateness = lateness
        self._clock = clock
        self._queue: deque[tuple[bytearray, int]] = deque()
        self._first_tried_ns: int | None = None
        self._closed = False

    @property
    def deadline_ns(self) -> int | None:
        """When the core must be pumped again even if the socket stays as it is; None: no deadline."""
        return self._head_deadline_ns

    @property
    def _head_deadline_ns(self) -> int | None:
        if self._first_tried_ns is None or self.config.send_timeout < 0:
            return None
        return self._first_tried_ns + self.config.send_timeout * NS_PER_MS

    @property
    def queued(self) -> int:
        """Events waiting in the queue."""
        return len(self._queue)

    @property
    def in_flight(self) -> int:
        """Requests waiting for a reply; 0 for sockets that get none."""
        return 0

    @property
    def full(self) -> bool:
        """True when the next offer would be lost: the queue is full, or was given up."""
        return self._closed or len(self._queue) >= self.config.queue_size

    @property
    def blocked(self) -> bool:
        """True while events wait that the socket does not take now."""
        return self.wants is not PollFor.NOTHING

    @property
    def room(self) -> QueueStatus:
        """How it stands with room in socket and queue."""
        is_full = self._first_tried_ns is not None
        return QueueStatus(is_full, self.times_full, self._slots[QUEUE_OVERFLOW], len(self._queue))

    def offer(self, body: bytearray, intended_ns: int) -> bool:
        """Offer one event, due at ``intended_ns``; False when it is lost already (queue full, or given up)."""
        slots = self._slots
        slots[OFFERED] += 1
        if self._closed:
            slots[ABORTED] += 1
            return False
        if len(self._queue) >= self.config.queue_size:
            slots[QUEUE_OVERFLOW] += 1
            return False
        self._queue.append((body, intended_ns))
        return True

    def pump(self) -> None:
        """Move events from the queue into the socket until it is empty, the socket is full, or a batch is done."""
        queue, slots, clock, send = self._queue, self._slots, self._clock, self._port.send
        overhead = self._port.overhead
        for _ in range(PUMP_BATCH):
            if not queue:
                break
            body, intended_ns = queue[0]
            sequence = slots[ACCEPTED] + 1
            sent_ns = clock()
            # Written before the send: should the process be killed inside it, the message counts as accepted.
            slots[ATTEMPTED] = sequence
            try:
                send(body, sequence, intended_ns, sent_ns)
            except zmq.Again:
                slots[ATTEMPTED] = sequence - 1
                if self._wait_for_room(sent_ns):
                    return
                continue
            slots[ACCEPTED] = sequence
            slots[BYTES] += len(body) + overhead
            queue.popleft()
            self._first_tried_ns = None
            if intended_ns >= self.measure_from_ns:
                self._lateness.append(sent_ns - intended_ns)
        self.wants = PollFor.NOTHING

    def abort(self) -> int:
        """Give the queue up, and every event offered from now on; returns how many events were waiting."""
        self._closed = True
        return self._abort_queue()

    def reopen(self) -> None:
        """Take events again after an abort."""
        self._closed = False

    def reset_socket(self) -> None:
        """The socket behind the port was recreated: what was tried on the old one starts anew."""
        self._first_tried_ns = None
        self.wants = PollFor.NOTHING

    def _abort_queue(self) -> int:
        waiting = len(self._queue)
        self._slots[ABORTED] += waiting
        self._queue.clear()
        self._first_tried_ns = None
        self.wants = PollFor.NOTHING
        return waiting

    def _wait_for_room(self, now_ns: int) -> bool:
        """The head was not taken: True while it may still wait, False once it timed out and is gone."""
        self.wants = PollFor.WRITABLE
        if self._first_tried_ns is None:
            self._first_tried_ns = now_ns
            self.times_full += 1
        # From the config as it is now: a changed send_timeout holds for the head that waits already.
        deadline_ns = self._head_deadline_ns
        if deadline_ns is None or now_ns < deadline_ns:
            return True
        self._queue.popleft()
        self._slots[SEND_TIMEOUT] += 1
        self._first_tried_ns = None
        return False
