"""The handler core: events -> **bounded queue -> socket**, without blocking and without knowing which socket.

:meth:`HandlerCore.offer` puts one event in the queue; :meth:`HandlerCore.pump` moves the queue into the socket until
the socket would block. :meth:`HandlerCore.send_due` does both for every event of a feed that is due: one batch, in
which its caller spends no Python call on a single event, so that a compiled loop can take its place.

PUB and PUSH are :class:`HandlerCore` as it is; REQ is :class:`bench_app.handlers.req.RequestCore`. Two drivers use a
core, and neither repeats what it does: the bench's worker calls ``send_due``, and the library, whose events come from
the program that it is part of, calls ``offer`` and ``pump``.

The head of the queue has a deadline: ``send_timeout`` after the socket refused it for the first time. No other event
has one, because the socket is only ever asked to take the head. The deadline is computed from the config whenever it
is needed, so that a changed ``send_timeout`` applies to an event that waits already.

Everything here is single-threaded.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import zmq

from bench_app.handlers.ring import EventRing
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.samples import SampleBuffer
from bench_app.model import HandlerConfig
from bench_app.transport.socket_trace import QueueStatus

PUMP_BATCH = 256
"""Messages that a single pump moves at most, so that its driver polls control messages in time."""
OFFER_BATCH = 256
"""Events that a single ``send_due`` offers at most."""
SUPPLY_WAIT_NS = NS_PER_MS
"""At maximum load: how long to wait for a supply that has no event ready."""

OFFERED = int(HandlerSlot.OFFERED)
QUEUE_OVERFLOW = int(HandlerSlot.QUEUE_OVERFLOW)
SEND_TIMEOUT = int(HandlerSlot.SEND_TIMEOUT)
ABORTED = int(HandlerSlot.ABORTED)
ACCEPTED = int(HandlerSlot.ACCEPTED)
ATTEMPTED = int(HandlerSlot.ATTEMPTED)
BYTES = int(HandlerSlot.BYTES)


class PollFor(IntEnum):
    """What the socket must be polled for before another pump makes sense."""

    NOTHING = 0
    WRITABLE = zmq.POLLOUT
    READABLE = zmq.POLLIN


class Port(Protocol):
    """The sending end of a socket as the core sees it (:class:`bench_app.transport.wire.Writer` in production)."""

    overhead: int

    def send(self, body: bytearray, sequence: int, intended_ns: int, sent_ns: int) -> None:
        """Send one message, or raise ``zmq.Again`` and send nothing."""
        ...


class EventFeed(Protocol):
    """Where due events come from (:class:`bench_app.sources.Feed` in production). Its times are ns after its time 0."""

    @property
    def at_max(self) -> bool:
        """True while an event is due whenever the feed is polled: as many as the handler takes."""
        ...

    @property
    def next_due_ns(self) -> int:
        """When to poll next; NEVER_NS when no event will come again."""
        ...

    def poll(self, now_ns: int, /) -> tuple[bytearray, int] | None:
        """The next event and when it is due, if it is due; None: not yet, or never again."""
        ...


@dataclass(slots=True)
class Offering:
    """The events that a core offers by itself.

    Attributes:
        feed: where the events come from.
        origin_ns: time 0 of the feed, as ``perf_counter_ns``. A pause moves it on by its length.
        lateness: takes due -> offered in ns, the lateness of the bench alone, for events due at or after
            :attr:`HandlerCore.measure_from_ns`. Nothing is due at a given time at maximum load, so nothing is taken.
    """

    feed: EventFeed
    origin_ns: int
    lateness: SampleBuffer


class HandlerCore:
    """Queue and socket of one handler.

    ``slots`` are the handler's counters (see :class:`HandlerSlot`). ``lateness`` takes intended -> actual send in ns.
    ``clock`` is monotonic ns.

    Attributes:
        config: the handler's config. It may be replaced at any time: ``send_timeout``, ``queue_size``,
            ``request_timeout`` and ``retries`` apply at once.
        measure_from_ns: events with an earlier intended send time are counted and not measured (the warm-up).
        wants: what the socket must be polled for before another pump makes sense.
        times_full: how many times the socket began to refuse events (EAGAIN).
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
        self._port = port
        self._slots = slots
        self._lateness = lateness
        self._clock = clock
        self._ring = EventRing()
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
        """How many events wait in the queue."""
        return len(self._ring)

    @property
    def in_flight(self) -> int:
        """How many requests wait for a reply; 0 for sockets that get none."""
        return 0

    @property
    def is_idle(self) -> bool:
        """True when no event waits and no request is in flight: there is nothing left to drain."""
        return not len(self._ring) and not self.in_flight

    @property
    def full(self) -> bool:
        """True when the next event would be lost: the queue is full, or was given up."""
        return self._closed or len(self._ring) >= self.config.queue_size

    @property
    def blocked(self) -> bool:
        """True while an event or a request waits for the socket."""
        return self.wants is not PollFor.NOTHING

    @property
    def room(self) -> QueueStatus:
        """How full the socket and the queue are."""
        is_full = self._first_tried_ns is not None
        return QueueStatus(is_full, self.times_full, self._slots[QUEUE_OVERFLOW], len(self._ring))

    def offer(self, body: bytearray, intended_ns: int) -> bool:
        """Offer one event, due at ``intended_ns``; False when it is lost already (queue full, or given up)."""
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

    def send_due(self, offering: Offering, until_ns: int) -> int:
        """Send what is due until ``until_ns``: offer these events, one batch at most, and pump.

        Returns when there is something to offer again. The queue may need another pump earlier: at once while events
        wait and the core is not :attr:`blocked`, else when the socket is ready or at :attr:`deadline_ns`.
        """
        if offering.feed.at_max:
            next_ns = self._offer_until_full(offering, until_ns)
        else:
            self._offer_due(offering, until_ns)
            next_ns = offering.origin_ns + offering.feed.next_due_ns
        self.pump()
        return next_ns

    def pump(self) -> None:
        """Move events from the queue into the socket until it is empty, the socket is full, or a batch is done."""
        ring, slots, clock, send = self._ring, self._slots, self._clock, self._port.send
        bodies, due_ns, mask = ring.bodies, ring.due_ns, ring.mask
        overhead, lateness, measure_from_ns = self._port.overhead, self._lateness, self.measure_from_ns
        head = ring.head
        for _ in range(min(PUMP_BATCH, ring.tail - head)):
            at = head & mask
            body, intended_ns = bodies[at], due_ns[at]
            assert body is not None
            sequence = slots[ACCEPTED] + 1
            sent_ns = clock()
            # Before the send: if the process is killed inside it, the message counts as accepted.
            slots[ATTEMPTED] = sequence
            try:
                send(body, sequence, intended_ns, sent_ns)
            except zmq.Again:
                slots[ATTEMPTED] = sequence - 1
                if self._wait_for_room(sent_ns):
                    return
                head = ring.head
                continue
            slots[ACCEPTED] = sequence
            slots[BYTES] += len(body) + overhead
            bodies[at] = None
            head += 1
            ring.head = head
            self._first_tried_ns = None
            if intended_ns >= measure_from_ns:
                lateness.append(sent_ns - intended_ns)
        self.wants = PollFor.NOTHING

    def abort(self) -> int:
        """Give up the queue and every event that is offered from now on; returns how many events waited."""
        self._closed = True
        return self._abort_queue()

    def reopen(self) -> None:
        """Take events again after an abort."""
        self._closed = False

    def reset_socket(self) -> None:
        """The socket behind the port was recreated: the head gets a new deadline when the new socket refuses it."""
        self._first_tried_ns = None
        self.wants = PollFor.NOTHING

    @property
    def _queue_room(self) -> int:
        """How many events the queue takes before it is full."""
        return 0 if self._closed else max(0, self.config.queue_size - len(self._ring))

    def _offer_due(self, offering: Offering, until_ns: int) -> None:
        poll, origin_ns, measure_from_ns = offering.feed.poll, offering.origin_ns, self.measure_from_ns
        offset_ns, room = until_ns - origin_ns, self._queue_room
        for _ in range(OFFER_BATCH):
            event = poll(offset_ns)
            if event is None:
                return
            # The queue may only overflow because the socket refuses events, never because many were due at once.
            if not room and not self.blocked:
                self.pump()
                room = self._queue_room
            intended_ns = origin_ns + event[1]
            if self.offer(event[0], intended_ns):
                room -= 1
            if intended_ns >= measure_from_ns:
                offering.lateness.append(until_ns - intended_ns)

    def _offer_until_full(self, offering: Offering, until_ns: int) -> int:
        """Fill the queue; returns when to go on: at once, after a wait for the supply, or when there is room again."""
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
        self.wants = PollFor.NOTHING
        return waiting

    def _wait_for_room(self, now_ns: int) -> bool:
        """The socket refused the head: True while the head may still wait, False once it timed out and is removed."""
        self.wants = PollFor.WRITABLE
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
