"""REQ's core: queue -> **one request in flight** -> reply, with a timeout and retries (Lazy Pirate on one socket).

The socket runs with REQ_RELAXED and REQ_CORRELATE. RELAXED lets a second send withdraw the first, so that a retry
needs no new socket. CORRELATE makes libzmq drop a reply to an earlier request or an earlier attempt, so that no reply
is taken for the reply to another request.

A request that the socket has taken is *accepted*, and ends in one of two ways, each counted once: *replied* or
*request_timeout*. In between it is in flight, at most one at a time. Its states, and what the core polls for:

* waiting: the last attempt was sent; polls for a reply (READABLE) until ``request_timeout`` is over;
* unsent: the next attempt is due and the socket has no room for it; polls for room (WRITABLE). An attempt that never
  got out is an attempt all the same: the request is sent at most ``1 + retries`` times, and given up when the time of
  the last is over.

The socket may be asked for a reply only while an attempt is under way on it. Otherwise ``recv`` is an error of state
(EFSM), not ``zmq.Again``. Two cases lead there: the socket was recreated, and a retry was refused for want of room,
after libzmq had withdrawn the attempt before. ``asked_here`` is False in both.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import zmq

from bench_app.handlers.core import ACCEPTED, ATTEMPTED, BYTES, HandlerCore, PollFor, Port
from bench_app.handlers.socket import CoreParts, HandlerKind
from bench_app.listeners.rep import REP
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.samples import SampleBuffer
from bench_app.model import HandlerConfig, patterns

REPLIED = int(HandlerSlot.REPLIED)
REQUEST_TIMEOUT = int(HandlerSlot.REQUEST_TIMEOUT)
RETRIES = int(HandlerSlot.RETRIES)


class ReplyPort(Port, Protocol):
    """A request socket as the core sees it."""

    def receive(self) -> bytes:
        """The reply to the last attempt, or ``zmq.Again`` while there is none."""
        ...


@dataclass
class _Request:
    """The request in flight.

    Attributes:
        first_sent_ns: when the first attempt was sent; the round trip begins there.
        attempts: how many attempts have begun.
        deadline_ns: when the present attempt is over.
        unsent: the present attempt is due, and the socket has not taken it yet.
        asked_here: an attempt is under way on the present socket, so that the socket may be asked for the reply.
    """

    body: bytearray
    sequence: int
    intended_ns: int
    first_sent_ns: int
    attempts: int
    deadline_ns: int
    unsent: bool = False
    asked_here: bool = True


class RequestCore(HandlerCore):
    """Queue, one request at a time, and its reply.

    ``round_trip`` takes first send -> reply in ns, retries included, because the caller waits for all of it.
    ``on_reply`` gets the body of each reply.
    """

    def __init__(
        self,
        config: HandlerConfig,
        port: ReplyPort,
        slots: memoryview[int],
        lateness: SampleBuffer,
        round_trip: SampleBuffer,
        on_reply: Callable[[bytes], None] | None = None,
        clock: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        super().__init__(config, port, slots, lateness, clock)
        self._reply_port = port
        self._round_trip = round_trip
        self._on_reply = on_reply
        self._request: _Request | None = None

    @property
    def deadline_ns(self) -> int | None:
        """When the present attempt is over; without a request, when the head has waited ``send_timeout``."""
        return self._head_deadline_ns if self._request is None else self._request.deadline_ns

    @property
    def in_flight(self) -> int:
        """1 while a request waits for its reply."""
        return 0 if self._request is None else 1

    def pump(self) -> None:
        """Take a reply, retry or give up an overdue request, and send the next request when none is in flight."""
        while True:
            if self._request is not None and not self._settle(self._request):
                return
            if not len(self._ring):
                self.wants = PollFor.NOTHING
                return
            if not self._send_head():
                return

    def abort(self) -> int:
        """Give up the queue and the request in flight; returns how many events waited in the queue."""
        if self._request is not None:
            self._give_up()
        return super().abort()

    def give_up_request(self) -> None:
        """Count the request in flight as timed out now: its reply is no longer waited for."""
        if self._request is not None:
            self._give_up()

    def reset_socket(self) -> None:
        """The socket was recreated: the reply cannot come any more, so the next attempt is due now."""
        super().reset_socket()
        if self._request is not None:
            self._request.deadline_ns = self._clock()
            self._request.asked_here = False

    def _settle(self, request: _Request) -> bool:
        """True when the request in flight has ended: replied or given up."""
        if not request.asked_here:
            return self._overdue(request, self._clock())
        try:
            reply = self._reply_port.receive()
        except zmq.Again:
            return self._overdue(request, self._clock())
        self._slots[REPLIED] += 1
        if request.intended_ns >= self.measure_from_ns:
            self._round_trip.append(self._clock() - request.first_sent_ns)
        self._finish()
        if self._on_reply is not None:
            self._on_reply(reply)
        return True

    def _overdue(self, request: _Request, now_ns: int) -> bool:
        if now_ns >= request.deadline_ns:
            if request.attempts > self.config.retries:
                self._give_up()
                return True
            request.attempts += 1
            request.deadline_ns = now_ns + self.config.request_timeout * NS_PER_MS
            request.unsent = True
        if request.unsent:
            self._send_again(request, now_ns)
        self.wants = PollFor.WRITABLE if request.unsent else PollFor.READABLE
        return False

    def _send_again(self, request: _Request, now_ns: int) -> None:
        try:
            self._port.send(request.body, request.sequence, request.intended_ns, now_ns)
        except zmq.Again:
            # libzmq has withdrawn the attempt before: recv would be an error of state (EFSM) now.
            request.asked_here = False
            return
        request.unsent = False
        request.asked_here = True
        self._slots[RETRIES] += 1

    def _send_head(self) -> bool:
        """Send the queue's head. True where the head timed out, so that the next one may be tried at once."""
        body, intended_ns = self._ring.front()
        sequence = self._slots[ACCEPTED] + 1
        now_ns = self._clock()
        self._slots[ATTEMPTED] = sequence
        try:
            self._port.send(body, sequence, intended_ns, now_ns)
        except zmq.Again:
            self._slots[ATTEMPTED] = sequence - 1
            return not self._wait_for_room(now_ns)
        self._slots[ACCEPTED] = sequence
        self._slots[BYTES] += len(body) + self._port.overhead
        self._ring.pop()
        if intended_ns >= self.measure_from_ns:
            self._lateness.append(now_ns - intended_ns)
        self._first_tried_ns = None
        deadline_ns = now_ns + self.config.request_timeout * NS_PER_MS
        self._request = _Request(body, sequence, intended_ns, now_ns, 1, deadline_ns)
        self.wants = PollFor.READABLE
        return False

    def _give_up(self) -> None:
        self._slots[REQUEST_TIMEOUT] += 1
        self._finish()

    def _finish(self) -> None:
        self._request = None
        self.wants = PollFor.NOTHING


def _configure(socket: zmq.Socket[bytes]) -> None:
    # RELAXED alone would hand out a late reply as the reply to a newer request.
    socket.req_relaxed = True
    socket.req_correlate = True


def _make_core(parts: CoreParts) -> HandlerCore:
    return RequestCore(parts.config, parts.port, parts.slots, parts.lateness, parts.round_trip, parts.on_reply)


REQ = HandlerKind(
    pattern=patterns.REQ,
    zmq_type=zmq.REQ,
    make_core=_make_core,
    configure=_configure,
    listener=REP,
)
