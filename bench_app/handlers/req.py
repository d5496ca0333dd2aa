"""REQ's core: queue -> **one request in flight** -> reply, with a timeout and retries (Lazy Pirate on one socket).

The socket runs with REQ_RELAXED and REQ_CORRELATE. RELAXED lets a second send replace the first, so that a retry
needs no new socket. CORRELATE makes libzmq drop a reply to an earlier request or an earlier attempt, so that no reply
is mistaken for the reply to another request.

A request that the socket has taken is *accepted*. It ends as *replied* or as *request_timeout*, and is counted once. In
between it is in flight; at most one request is in flight at a time. A request in flight has one of two states:

* waiting: the last attempt was sent. The core polls for a reply (READABLE) until ``request_timeout`` is over.
* unsent: the next attempt is due, and the socket has no room for it. The core polls for room (WRITABLE). An attempt
  that the socket never took still counts as an attempt: a request has at most ``1 + retries`` attempts, and is given up
  when the time of the last attempt is over.

Invariant: the core calls ``recv`` only while an attempt is under way on the present socket. Otherwise ``recv`` raises
an error of state (EFSM) instead of ``zmq.Again``. There are two cases without an attempt on the socket: the socket was
recreated, or a full socket refused a retry, because libzmq withdraws the former attempt first. ``is_receivable`` is
False in both cases.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import msgspec
import zmq

from bench_app.handlers.core import ABORTED, ACCEPTED, ATTEMPTED, BYTES, HandlerCore, PollFor, Port
from bench_app.handlers.request_end import RequestEnd, RequestOutcome
from bench_app.handlers.socket import CoreParts, HandlerKind
from bench_app.listeners.rep import REP
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.samples import Samples
from bench_app.model import HandlerConfig, patterns

REPLIED = int(HandlerSlot.REPLIED)
REQUEST_TIMEOUT = int(HandlerSlot.REQUEST_TIMEOUT)
RETRIES = int(HandlerSlot.RETRIES)


class ReplyPort(Port, Protocol):
    """A request socket, as far as the core uses it."""

    def receive(self) -> list[bytes]:
        """The frames of the reply to the last attempt, or ``zmq.Again`` while there is none."""
        ...


class _Request(msgspec.Struct):
    """The request in flight.

    Attributes:
        number: the number in the queue.
        body: the bytes of the event.
        sequence: the sequence number, the same in every attempt.
        intended_ns: the due time.
        first_sent_ns: the time of the first attempt, at which the round trip begins.
        attempts: how many attempts have begun.
        deadline_ns: the end of the present attempt.
        unsent: whether the socket has not taken the present attempt yet.
        is_receivable: whether an attempt is under way on the present socket, so that ``recv`` is allowed.
    """

    number: int
    body: bytearray
    sequence: int
    intended_ns: int
    first_sent_ns: int
    attempts: int
    deadline_ns: int
    unsent: bool = False
    is_receivable: bool = True


class RequestCore(HandlerCore):
    """A core that sends one request at a time and waits for its reply.

    ``round_trip`` gets the time from the first attempt to the reply in ns. Retries are included, because the caller
    waits for them. ``on_end`` gets the end of each request.
    """

    def __init__(
        self,
        config: HandlerConfig,
        port: ReplyPort,
        slots: memoryview[int],
        lateness: Samples,
        round_trip: Samples,
        on_end: Callable[[RequestEnd], None] | None = None,
        clock: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        super().__init__(config, port, slots, lateness, clock)
        self._reply_port = port
        self._round_trip = round_trip
        self._on_end = on_end
        self._request: _Request | None = None
        self._withdrawn: set[int] = set()
        """Numbers of queued requests that are dropped when it is their turn."""
        self._watched: set[int] = set()
        """Numbers of requests that were offered by hand and have not ended."""
        self._ends: list[RequestEnd] = []
        self._end_of_others = on_end

    @property
    def deadline_ns(self) -> int | None:
        """The end of the present attempt; without a request in flight, the deadline of the head."""
        return self._head_deadline_ns if self._request is None else self._request.deadline_ns

    @property
    def in_flight(self) -> int:
        """1 if a request waits for its reply, otherwise 0."""
        return 0 if self._request is None else 1

    @property
    def next_number(self) -> int:
        """The number of the next request that the queue takes."""
        return self._ring.tail

    def offer_by_hand(self, body: bytearray, intended_ns: int) -> bool:
        """See :meth:`HandlerCore.offer_by_hand`."""
        number = self.next_number
        is_taken = self.offer(body, intended_ns)
        if is_taken:
            self._watched.add(number)
            # Only now, because most runs have no such request, and no end needs to be made for the others.
            self._on_end = self._note_end
        return is_taken

    def take_ends(self) -> list[RequestEnd]:
        """See :meth:`HandlerCore.take_ends`."""
        ends, self._ends = self._ends, []
        return ends

    def _note_end(self, end: RequestEnd) -> None:
        if end.number in self._watched:
            self._watched.discard(end.number)
            self._ends.append(end)
            if not self._watched:
                self._on_end = self._end_of_others
        if self._end_of_others is not None:
            self._end_of_others(end)

    def pump(self) -> None:
        """Take a reply, retry or give up an overdue request, and send the next request if none is in flight."""
        while True:
            if self._request is not None and not self._settle(self._request):
                return
            if self._withdrawn:
                self._drop_withdrawn_heads()
            if not len(self._ring):
                self.poll_for = PollFor.NOTHING
                return
            if not self._send_head():
                return

    def abort(self) -> int:
        """Give up the queue and the request in flight; returns how many events waited in the queue."""
        self._end_request(RequestOutcome.ABORTED)
        numbers = range(self._ring.head, self._ring.tail)
        waiting = super().abort()
        self._withdrawn.clear()
        for number in numbers:
            self._end_queued(number, RequestOutcome.ABORTED)
        return waiting

    def give_up_request(self) -> None:
        """Count the request in flight as timed out now, and stop waiting for its reply."""
        self._end_request(RequestOutcome.NO_REPLY)

    def withdraw(self, number: int) -> int:
        """End a request whose reply nobody waits for any more; returns how many attempts had begun.

        A request in flight counts as timed out, so that the next request can be sent. A request in the queue counts as
        aborted when it is its turn. Does nothing for a request that has ended.
        """
        request = self._request
        if request is not None and request.number == number:
            self._end_request(RequestOutcome.WITHDRAWN)
            return request.attempts
        if self._ring.head <= number < self._ring.tail:
            self._withdrawn.add(number)
        return 0

    def reset_socket(self) -> None:
        """Adapt to a recreated socket: the reply cannot come any more, so the next attempt is due now."""
        super().reset_socket()
        if self._request is not None:
            self._request.deadline_ns = self._clock()
            self._request.is_receivable = False

    def _settle(self, request: _Request) -> bool:
        """Take the reply; without a reply, retry or give up if the attempt is over. True if the request has ended."""
        if not request.is_receivable:
            return self._retry_or_give_up(request, self._clock())
        try:
            frames = self._reply_port.receive()
        except zmq.Again:
            return self._retry_or_give_up(request, self._clock())
        self._slots[REPLIED] += 1
        took_ns = self._clock() - request.first_sent_ns
        if request.intended_ns >= self.measure_from_ns:
            self._round_trip.append(took_ns)
        self._finish()
        if self._on_end is not None:
            self._on_end(RequestEnd(request.number, RequestOutcome.REPLIED, request.attempts, took_ns, tuple(frames)))
        return True

    def _retry_or_give_up(self, request: _Request, now_ns: int) -> bool:
        """Begin the next attempt, or give up, if the present attempt is over. True if the request was given up."""
        if now_ns >= request.deadline_ns:
            if request.attempts > self.config.retries:
                self._end_request(RequestOutcome.NO_REPLY)
                return True
            request.attempts += 1
            # Small delays must not add up: the caller expects its error after request_timeout * (1 + retries). After a
            # long stall the next attempt still gets half of its time.
            timeout_ns = self.config.request_timeout * NS_PER_MS
            request.deadline_ns = now_ns + timeout_ns - min(now_ns - request.deadline_ns, timeout_ns // 2)
            request.unsent = True
        if request.unsent:
            self._send_again(request, now_ns)
        self.poll_for = PollFor.WRITABLE if request.unsent else PollFor.READABLE
        return False

    def _send_again(self, request: _Request, now_ns: int) -> None:
        """Send the present attempt, if the socket has room."""
        try:
            self._port.send(request.body, request.sequence, request.intended_ns, now_ns)
        except zmq.Again:
            # libzmq has withdrawn the former attempt, so recv would raise an error of state (EFSM) now.
            request.is_receivable = False
            return
        request.unsent = False
        request.is_receivable = True
        self._slots[RETRIES] += 1

    def _send_head(self) -> bool:
        """Send the head of the queue; True if the head timed out, so that the next event may be tried at once."""
        number = self._ring.head
        body, intended_ns = self._ring.front()
        sequence = self._slots[ACCEPTED] + 1
        now_ns = self._clock()
        self._slots[ATTEMPTED] = sequence
        try:
            self._port.send(body, sequence, intended_ns, now_ns)
        except zmq.Again:
            self._slots[ATTEMPTED] = sequence - 1
            if self._wait_for_room(now_ns):
                return False
            self._end_queued(number, RequestOutcome.NOT_SENT)
            return True
        self._slots[ACCEPTED] = sequence
        self._slots[BYTES] += len(body) + self._port.overhead
        self._ring.pop()
        if intended_ns >= self.measure_from_ns:
            self._lateness.append(now_ns - intended_ns)
        self._first_tried_ns = None
        deadline_ns = now_ns + self.config.request_timeout * NS_PER_MS
        self._request = _Request(number, body, sequence, intended_ns, now_ns, 1, deadline_ns)
        self.poll_for = PollFor.READABLE
        return False

    def _drop_withdrawn_heads(self) -> None:
        ring = self._ring
        while len(ring) and ring.head in self._withdrawn:
            number = ring.head
            self._withdrawn.discard(number)
            ring.pop()
            self._slots[ABORTED] += 1
            self._first_tried_ns = None
            self._end_queued(number, RequestOutcome.WITHDRAWN)

    def _end_request(self, outcome: RequestOutcome) -> None:
        """End the request in flight, if there is one, without a reply."""
        request = self._request
        if request is None:
            return
        self._slots[REQUEST_TIMEOUT] += 1
        self._finish()
        if self._on_end is not None:
            waited_ns = self._clock() - request.first_sent_ns
            self._on_end(RequestEnd(request.number, outcome, request.attempts, waited_ns))

    def _end_queued(self, number: int, outcome: RequestOutcome) -> None:
        """Report the end of a request that never left the queue."""
        if self._on_end is not None:
            self._on_end(RequestEnd(number, outcome))

    def _finish(self) -> None:
        self._request = None
        self.poll_for = PollFor.NOTHING


def _configure(socket: zmq.Socket[bytes]) -> None:
    # With RELAXED alone, a late reply would be received as the reply to a newer request.
    socket.req_relaxed = True
    socket.req_correlate = True


def _make_core(parts: CoreParts) -> HandlerCore:
    return RequestCore(parts.config, parts.port, parts.slots, parts.lateness, parts.round_trip, parts.on_end)


REQ = HandlerKind(
    pattern=patterns.REQ,
    zmq_type=zmq.REQ,
    make_core=_make_core,
    configure=_configure,
    listener=REP,
)
