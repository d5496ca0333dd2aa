"""The handler core: events -> **bounded queue -> socket**. It never blocks and does not know the type of the socket.

:meth:`HandlerCore.offer` puts one event in the queue; :meth:`HandlerCore.pump` moves the queue into the socket until
the socket would block. :meth:`HandlerCore.send_due` does both for one batch of due events of a feed. Its caller makes
no Python call for a single event, so that a compiled loop can replace the method.

PUSH uses :class:`HandlerCore` itself; PUB and REQ have subclasses in :mod:`.pub` and :mod:`.req`. Two drivers use a
core. The bench's worker calls ``send_due``. The library gets its events from the user's program, so it calls ``offer``
and ``pump``.

The head of the queue has a deadline: ``send_timeout`` after the socket refused it for the first time. No other event
has a deadline, because only the head is given to the socket. The deadline is computed from the config each time, so
that a changed ``send_timeout`` also applies to an event that already waits.

Everything here is single-threaded.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

import zmq

from bench_app.handlers.offering import EventFeed, Offering
from bench_app.handlers.request_end import RequestEnd
from bench_app.handlers.ring import EventRing
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.samples import Samples
from bench_app.model import HandlerConfig
from bench_app.transport.socket_trace import QueueStatus

PUMP_BATCH = 256
"""The most messages that one pump moves, so that its driver polls control messages in time."""
OFFER_BATCH = 256
"""The most events that one ``send_due`` offers."""
SUPPLY_WAIT_NS = NS_PER_MS
"""At maximum load: the wait for a supply that has no event ready."""

OFFERED = int(HandlerSlot.OFFERED)
QUEUE_OVERFLOW = int(HandlerSlot.QUEUE_OVERFLOW)
SEND_TIMEOUT = int(HandlerSlot.SEND_TIMEOUT)
ABORTED = int(HandlerSlot.ABORTED)
ACCEPTED = int(HandlerSlot.ACCEPTED)
ATTEMPTED = int(HandlerSlot.ATTEMPTED)
BYTES = int(HandlerSlot.BYTES)


class PollFor(IntEnum):
    """The socket event to wait for before the next pump."""

    NOTHING = 0
    WRITABLE = zmq.POLLOUT
    READABLE = zmq.POLLIN


class Port(Protocol):
    """The sending end of a socket, as far as the core uses it (:class:`bench_app.transport.wire.Writer` in the bench).

    Attributes:
        overhead: the bytes of a message in addition to its body. After a send it is that of the message sent.
    """

    overhead: int

    def send(self, body: bytearray, sequence: int, intended_ns: int, sent_ns: int) -> None:
        """Send one message, or raise ``zmq.Again`` and send nothing."""
        ...


class HandlerCore:
    """Queue and socket of one handler.

    ``slots`` are the handler's counters (see :class:`HandlerSlot`). ``lateness`` gets the time from intended to actual
    send in ns. ``clock`` returns monotonic ns.

    Attributes:
        config: the handler's config. It may be replaced at any time: ``send_timeout``, ``queue_size``,
            ``request_timeout`` and ``retries`` apply at once.
        measure_from_ns: events with an earlier intended send time are counted and not measured (the warm-up).
        poll_for: the socket event to wait for before the next pump.
        times_full: how many times the socket began to refuse events (EAGAIN).
    """

    def __init__(
        self,
        config: HandlerConfig,
        port: Port,
        slots: memoryview[int],
        lateness: Samples,
        clock: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        self.config = config
        self.measure_from_ns = 0
        self.poll_for = PollFor.NOTHING
        self.times_full = 0
        self._port = port
        self._slots = slots
        self._lateness = lateness
        self._clock = clock
        self._ring = EventRing()
        self._first_tried_ns: int | None = None
        self._closed = False

    @property
    def deadline_ns(self) -> int | None:
        """The latest time of the next pump, even if the socket has no event by then; None if there is no deadline."""
        return self._head_deadline_ns

    @property
    def _head_deadline_ns(self) -> int | None:
        if self._first_tried_ns is None or self.config.send_timeout < 0:
            return None
        return self._first_tried_ns + self.config.send_timeout * NS_PER_MS

    @property
    def queued(self) -> int:
        """How many events wait in the queue."""
        # Not ``len``: the library asks at every write, and a method of Python costs more than two attributes.
        return self._ring.tail - self._ring.head

    @property
    def in_flight(self) -> int:
        """How many requests wait for a reply; always 0 for sockets without replies."""
        return 0

    @property
    def is_idle(self) -> bool:
        """Whether the drain is complete: no event waits, and no request is in flight."""
        return not self.queued and not self.in_flight

    @property
    def is_full(self) -> bool:
        """Whether the next event would be lost, because the queue is full or was aborted."""
        return self._closed or len(self._ring) >= self.config.queue_size

    @property
    def is_blocked(self) -> bool:
        """Whether an event or a request waits for the socket."""
        return self.poll_for is not PollFor.NOTHING

    @property
    def is_closed(self) -> bool:
        """Whether every event is lost, because the queue was aborted."""
        return self._closed

    @property
    def queue_status(self) -> QueueStatus:
        """The fill level of socket and queue, for the trace of the socket."""
        is_full = self._first_tried_ns is not None
        return QueueStatus(is_full, self.times_full, self._slots[QUEUE_OVERFLOW], len(self._ring))

    def offer(self, body: bytearray, intended_ns: int) -> bool:
        """Offer one event, due at ``intended_ns``. Returns False if it is lost (the queue is full, or was aborted)."""
        slots = self._slots
        slots[OFFERED] += 1
        if self._closed:
            slots[ABORTED] += 1
            return False
        ring = self._ring
        if ring.tail - ring.head >= self.config.queue_size:
            slots[QUEUE_OVERFLOW] += 1
            return False
        ring.push(body, intended_ns)
        return True

    def offer_by_hand(self, body: bytearray, intended_ns: int) -> bool:
        """Offer one event as :meth:`offer` does. If it is a request, :meth:`take_ends` returns its end."""
        return self.offer(body, intended_ns)

    def take_ends(self) -> list[RequestEnd]:
        """The ends of requests that were offered by hand, since the last call, the oldest first."""
        return []

    def send_due(self, offering: Offering[EventFeed], until_ns: int) -> int:
        """Offer the events that are due until ``until_ns``, at most one batch, and pump.

        Returns the time of the next event to offer. The queue may need a pump before that time: at once if events wait
        and the core is not :attr:`is_blocked`, otherwise when the socket is ready or at :attr:`deadline_ns`.
        """
        if offering.feed.at_max:
            next_ns = self._offer_until_full(offering, until_ns)
            self.pump()
            # The pump may have made room in a queue that was full.
            return until_ns if next_ns == NEVER_NS and not self.is_blocked and self._queue_room else next_ns
        self._offer_due(offering, until_ns)
        self.pump()
        return offering.origin_ns + offering.feed.next_due_ns

    def pump(self) -> None:
        """Move events from the queue into the socket until it is empty, the socket is full, or a batch is done."""
        ring, slots, clock, port = self._ring, self._slots, self._clock, self._port
        bodies, mask, send = ring.bodies, ring.mask, port.send
        head, tail = ring.head, ring.tail
        # The library pumps once for each event, so code before the loop costs as much as code in the loop.
        for _ in range(PUMP_BATCH):
            if head == tail:
                break
            at = head & mask
            body, intended_ns = bodies[at], ring.due_ns[at]
            assert body is not None
            sequence = slots[ACCEPTED] + 1
            sent_ns = clock()
            # Set before the send, so that the message counts as accepted if the process is killed inside the send.
            slots[ATTEMPTED] = sequence
            try:
                send(body, sequence, intended_ns, sent_ns)
            except zmq.Again:
                slots[ATTEMPTED] = sequence - 1
                if self._wait_for_room(sent_ns):
                    return
                # The head timed out and was removed, so try the next event.
                head = ring.head
                continue
            slots[ACCEPTED] = sequence
            slots[BYTES] += len(body) + port.overhead
            bodies[at] = None
            head += 1
            ring.head = head
            self._first_tried_ns = None
            if intended_ns >= self.measure_from_ns:
                self._lateness.append(sent_ns - intended_ns)
        self.poll_for = PollFor.NOTHING

    def abort(self) -> int:
        """Abort the queue and every event that is offered from now on. Returns how many events waited."""
        self._closed = True
        return self._abort_queue()

    def reopen(self) -> None:
        """Take events again after an abort."""
        self._closed = False

    def reset_socket(self) -> None:
        """Adapt to a recreated socket: the head gets a new deadline when the new socket refuses it."""
        self._first_tried_ns = None
        self.poll_for = PollFor.NOTHING

    @property
    def _queue_room(self) -> int:
        """How many more events the queue takes."""
        return 0 if self._closed else max(0, self.config.queue_size - len(self._ring))

    def _offer_due(self, offering: Offering[EventFeed], until_ns: int) -> None:
        poll, origin_ns, measure_from_ns = offering.feed.poll, offering.origin_ns, self.measure_from_ns
        offset_ns, room = until_ns - origin_ns, self._queue_room
        for _ in range(OFFER_BATCH):
            event = poll(offset_ns)
            if event is None:
                return
            # Invariant: the queue overflows only if the socket refuses events, never because many events were due at
            # once. So a queue without room is pumped first, unless the socket refuses.
            if not room and not self.is_blocked:
                self.pump()
                room = self._queue_room
            intended_ns = origin_ns + event[1]
            if self.offer(event[0], intended_ns):
                room -= 1
            if intended_ns >= measure_from_ns:
                offering.lateness.append(until_ns - intended_ns)

    def _offer_until_full(self, offering: Offering[EventFeed], until_ns: int) -> int:
        """Fill the queue; returns the time of the next offer: now, after a wait for the supply, or NEVER_NS if full."""
        poll, origin_ns, slots, push = offering.feed.poll, offering.origin_ns, self._slots, self._ring.push
        offset_ns, room = until_ns - origin_ns, self._queue_room
        for _ in range(min(OFFER_BATCH, room)):
            event = poll(offset_ns)
            if event is None:
                return until_ns + SUPPLY_WAIT_NS
            slots[OFFERED] += 1
            push(event[0], origin_ns + event[1])
        return until_ns if room > OFFER_BATCH else NEVER_NS

    def _abort_queue(self) -> int:
        waiting = len(self._ring)
        self._slots[ABORTED] += waiting
        self._ring.clear()
        self._first_tried_ns = None
        self.poll_for = PollFor.NOTHING
        return waiting

    def _wait_for_room(self, now_ns: int) -> bool:
        """Handle a refusal of the socket: True if the head may still wait, False if it timed out and was removed."""
        self.poll_for = PollFor.WRITABLE
        if self._first_tried_ns is None:
            self._first_tried_ns = now_ns
            self.times_full += 1
        deadline_ns = self._head_deadline_ns
        if deadline_ns is None or now_ns < deadline_ns:
            return True
        self._ring.pop()
        self._slots[SEND_TIMEOUT] += 1
        self._first_tried_ns = None
        return False
