"""The debug log of one socket: handler or listener -> **trace** -> log.

It logs changes of state only, never a line per message. A socket that stays full gives two lines, one when it becomes
full and one when it has room again. Of attempts that fail one after the other, the 1st, 2nd, 4th, 8th, ... are logged.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple

import zmq

from bench_app.measure.clock import NS_PER_S
from bench_app.transport import handshake

Field = str | int | float | bool | dict[str, int] | None
Emit = Callable[[str, str, Mapping[str, Field]], None]
"""Takes the name of an event, its message and its fields."""

OPTIONS = (
    *("SNDHWM", "RCVHWM", "LINGER", "RECONNECT_IVL", "RECONNECT_IVL_MAX", "IMMEDIATE", "IPV6", "MAXMSGSIZE"),
    *("SNDBUF", "RCVBUF", "HEARTBEAT_IVL", "HEARTBEAT_TIMEOUT", "TCP_KEEPALIVE", "TCP_KEEPALIVE_IDLE"),
    "TCP_KEEPALIVE_INTVL",
)
"""Socket options that are logged when a socket is opened: with the values, names and units of libzmq."""

OVER_AFTER_NS = NS_PER_S
"""An episode is over when its state was not seen for this long."""

_DESCRIPTOR_EVENTS: Mapping[int, str] = {
    zmq.EVENT_CONNECTED: "the connection is there, the handshake begins",
    zmq.EVENT_LISTENING: "listens",
    zmq.EVENT_ACCEPTED: "a connection was accepted, the handshake begins",
    zmq.EVENT_CLOSED: "the descriptor was closed",
    zmq.EVENT_DISCONNECTED: "the connection ended",
}
_ERROR_EVENTS: Mapping[int, str] = {
    zmq.EVENT_BIND_FAILED: "cannot bind",
    zmq.EVENT_ACCEPT_FAILED: "cannot accept a connection",
    zmq.EVENT_CLOSE_FAILED: "cannot close the descriptor",
}
_PLAIN_EVENTS: Mapping[int, str] = {
    zmq.EVENT_CONNECT_DELAYED: "the connection is under way",
    zmq.EVENT_HANDSHAKE_SUCCEEDED: "the handshake succeeded",
    zmq.EVENT_MONITOR_STOPPED: "the monitor ended",
}
_ATTEMPT_EVENTS = {zmq.EVENT_CONNECT_DELAYED, zmq.EVENT_CLOSED, zmq.EVENT_CONNECT_RETRIED}


class QueueStatus(NamedTuple):
    """Whether socket and handler queue have room for messages.

    Attributes:
        is_full: whether the socket refuses messages now (EAGAIN).
        times_full: how often the socket has begun to refuse messages.
        overflowed: how many events were lost because the handler queue was full.
        queued: how many events wait in the handler queue.
    """

    is_full: bool
    times_full: int
    overflowed: int
    queued: int


class Change(Enum):
    """The result of an update: the episode began, or it ended."""

    BEGAN = "began"
    ENDED = "ended"


class Episode:
    """A state that comes and goes, such as "full". It is over when it was not seen for OVER_AFTER_NS.

    So a state that changes many times a second is one episode, and gives two lines in the log.
    """

    def __init__(self) -> None:
        self._count = 0
        self._seen_ns: int | None = None

    def update(self, count: int, is_on: bool, now_ns: int) -> Change | None:
        """Update: the state has begun ``count`` times so far, and ``is_on`` says whether it holds at ``now_ns``."""
        seen, self._count = is_on or count > self._count, count
        if seen:
            began, self._seen_ns = self._seen_ns is None, now_ns
            return Change.BEGAN if began else None
        if self._seen_ns is None or now_ns - self._seen_ns < OVER_AFTER_NS:
            return None
        self._seen_ns = None
        return Change.ENDED


class SocketTrace:
    """Logs the changes of one socket. Without ``emit`` it does nothing, and does not query the socket."""

    def __init__(self, emit: Emit | None) -> None:
        self._emit = emit
        self._attempts: Counter[str] = Counter()
        """How many attempts to connect have failed in a row, by endpoint."""
        self._full = Episode()
        """The socket refuses messages."""
        self._overflow = Episode()
        """The handler queue is full and loses events."""

    def opened(self, socket: zmq.Socket[Any], where: str) -> None:
        """Log the options of a socket that is about to bind or connect; ``where`` says to which endpoint."""
        if self._emit is None:
            return
        self._attempts.clear()
        kind = zmq.SocketType(int(socket.type)).name
        options = {name.lower(): int(socket.get(getattr(zmq, name))) for name in OPTIONS}
        shown = " ".join(f"{name}={value}" for name, value in options.items())
        self._emit("opened", f"{kind} socket opened to {where}: {shown}", {"socket_type": kind, "options": options})

    def attached(self, binds: bool, endpoint: str) -> None:
        """Log that the socket is bound to ``endpoint``, or has begun to connect to it."""
        if self._emit is not None:
            message = f"bound to {endpoint}" if binds else f"connects to {endpoint}"
            self._emit("bound" if binds else "connecting", message, {"endpoint": endpoint})

    def monitored(self, event: int, value: int, endpoint: str) -> None:
        """Log an event of the socket's monitor. Of consecutive failed attempts only some are logged; see the module."""
        if self._emit is None:
            return
        attempt = self._attempts[endpoint] + 1
        if event == zmq.EVENT_CONNECT_RETRIED:
            self._attempts[endpoint] = attempt
        elif event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self._attempts.pop(endpoint, None)
        # The expression is 0 for powers of two only: attempts 1, 2, 4, 8, ... are logged.
        if event in _ATTEMPT_EVENTS and attempt & (attempt - 1):
            return
        message, fields = _format_event(event, value)
        if event == zmq.EVENT_CONNECT_RETRIED:
            message, fields = f"{message} (attempt {attempt})", {**fields, "attempt": attempt}
        self._emit(_name(event), f"{endpoint}: {message}", {"endpoint": endpoint, **fields})

    def subscribed(self, message: bytes) -> None:
        """Log a subscription message: its first byte is 1 or 0, then the topic follows."""
        if self._emit is None:
            return
        topic = message[1:].decode(errors="backslashreplace")
        joins = message[:1] == b"\x01"
        what = "subscription to" if joins else "end of the subscription to"
        self._emit("subscribed" if joins else "unsubscribed", f'{what} "{topic}"', {"topic": topic})

    def observe_queue(self, status: QueueStatus, now_ns: int) -> None:
        """Log that the socket or the handler queue has become full, or has room again, at ``now_ns`` (monotonic)."""
        if self._emit is None:
            return
        match self._full.update(status.times_full, status.is_full, now_ns):
            case Change.BEGAN:
                message = (
                    f"the socket takes no more (EAGAIN: high-water mark, or no peer), {status.queued} events queued"
                )
                self._emit("full", message, {"queued": status.queued})
            case Change.ENDED:
                queued, times_full = status.queued, status.times_full
                message = f"the socket takes messages again, {queued} events queued (was full {times_full} times)"
                self._emit("has_room", message, {"queued": queued, "times_full": times_full})
        match self._overflow.update(status.overflowed, False, now_ns):
            case Change.BEGAN:
                message = f"the handler queue is full and loses events ({status.overflowed} so far)"
                self._emit("queue_full", message, {"queue_overflow": status.overflowed})
            case Change.ENDED:
                message = f"the handler queue loses no more events ({status.overflowed} so far)"
                self._emit("queue_has_room", message, {"queue_overflow": status.overflowed})

    def closed(self, linger_ms: int) -> None:
        """Log that the socket is closed; libzmq goes on sending for up to ``linger_ms``."""
        if self._emit is not None:
            self._emit("closed", f"the socket was closed, linger {linger_ms} ms", {"linger_ms": linger_ms})


def to_logger(logger: logging.Logger, unit: str) -> Emit:
    """A function that logs to ``logger``, at level DEBUG, for the socket of ``unit``."""

    def emit(event: str, message: str, fields: Mapping[str, Field]) -> None:
        logger.debug("%s: %s", unit, message, extra={"unit": unit, "event": event, **fields})

    return emit


def _format_event(event: int, value: int) -> tuple[str, dict[str, Field]]:
    if event in _DESCRIPTOR_EVENTS:
        return f"{_DESCRIPTOR_EVENTS[event]} (fd {value})", {"fd": value}
    if event in _ERROR_EVENTS:
        return f"{_ERROR_EVENTS[event]}: {zmq.strerror(value)}", {"errno": value}
    if event in _PLAIN_EVENTS:
        return _PLAIN_EVENTS[event], {}
    if event == zmq.EVENT_CONNECT_RETRIED:
        return f"will be tried again in {value} ms", {"retry_in_ms": value}
    return handshake.failure_of(event, value) or f"{_name(event)}, value {value}", {"value": value}


def _name(event: int) -> str:
    return (zmq.Event(event).name or f"event_{event:#x}").lower()
