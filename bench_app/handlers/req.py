"""REQ's core: queue -> one request in flight -> reply, with timeout and retries (Lazy Pirate without a new socket).

The socket behind the port runs with REQ_RELAXED and REQ_CORRELATE: a retry needs no recreated socket, and libzmq
drops a reply that belongs to an earlier request or attempt, so none is ever taken for another's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import zmq

from bench_app.handlers.core import ACCEPTED, ATTEMPTED, BYTES, HandlerCore, PollFor, Port
from bench_app.handlers.socket import CoreParts, HandlerKind
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.samples import SampleBuffer
from bench_app.model import HandlerConfig

REPLIED = int(HandlerSlot.REPLIED)
REQUEST_TIMEOUT = int(HandlerSlot.REQUEST_TIMEOUT)
RETRIES = int(HandlerSlot.RETRIES)


class ReplyPort(Port, Protocol):
    """The two ends of a request socket as the core sees them."""

    def receive(self) -> bytes:
        """The reply to the last request, or ``zmq.Again`` where none is there yet."""
        ...


@dataclass
class _Request:
    """The one request in flight."""

    body: bytearray
    sequence: int
    intended_ns: int
    first_sent_ns: int
    attempts: int
    deadline_ns: int
    unsent: bool = False
    """Due for its next attempt, which the socket has not taken yet."""
    asked_here: bool = True
    """Sent on the present socket; on a recreated one there is no reply to ask for before that."""


class RequestCore(HandlerCore):
    """Queue, one request at a time, its reply.

    A request is sent at most ``1 + retries`` times and given up ``request_timeout`` after the last; ``round_trip``
    takes first send -> reply in ns, retries included, since that is what the caller waits.
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
        """When the present attempt is over, or the head has waited long enough for the socket."""
        return self._head_deadline_ns if self._request is None else self._request.deadline_ns

    @property
    def in_flight(self) -> int:
        """1 while a request waits for its reply."""
        return 0 if self._request is None else 1

    def pump(self) -> None:
        """Take a reply, retry or give up what is overdue, and send the next request where none is in flight."""
        while True:
            if self._request is not None and not self._settle(self._request):
                return
            if not self._queue:
                self.wants = PollFor.NOTHING
                return
            if not self._send_head():
                return

    def abort(self) -> int:
        """Give up the queue and the request in flight."""
        if self._request is not None:
            self._give_up()
        return super().abort()

    def give_up_request(self) -> None:
        """Count the request in flight as timed out now: nobody will wait for its reply."""
        if self._request is not None:
            self._give_up()

    def reset_socket(self) -> None:
        """The socket was recreated: the reply can no longer come, so the request is due for its next attempt."""
        super().reset_socket()
        if self._request is not None:
            self._request.deadline_ns = self._clock()
            self._request.asked_here = False

    def _settle(self, request: _Request) -> bool:
        """True when the request in flight is done with, either way."""
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
            # libzmq has withdrawn the attempt before; asking for its reply now would be an error of state.
            request.asked_here = False
            return
        request.unsent = False
        request.asked_here = True
        self._slots[RETRIES] += 1

    def _send_head(self) -> bool:
        """Send the queue's head; True when the loop may go on at once."""
        body, intended_ns = self._queue[0]
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
        self._queue.popleft()
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
    # RELAXED alone would hand out a late reply as the answer to a newer request.
    socket.req_relaxed = True
    socket.req_correlate = True


def _make_core(parts: CoreParts) -> HandlerCore:
    return RequestCore(parts.config, parts.port, parts.slots, parts.lateness, parts.round_trip, parts.on_reply)


REQ = HandlerKind(
    socket_type="REQ",
    listener_type="REP",
    zmq_type=zmq.REQ,
    sends_topic=False,
    knows_subscribers=False,
    gets_replies=True,
    make_core=_make_core,
    configure=_configure,
)
