"""What one socket does, in words, for whoever debugs: handler or listener -> **trace** -> log.

Changes of state only, never a line per message: a socket that is full is told when that begins and when it is over, and
of attempts that fail one after the other the 1st, 2nd, 4th, 8th, ... are told.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple

import zmq

from bench_app.transport import handshake

Field = str | int | float | bool | dict[str, int] | None
Tell = Callable[[str, str, Mapping[str, Field]], None]
"""Takes an event's name, its sentence and its fields."""

OPTIONS = (
    *("SNDHWM", "RCVHWM", "LINGER", "RECONNECT_IVL", "RECONNECT_IVL_MAX", "IMMEDIATE", "IPV6", "MAXMSGSIZE"),
    *("SNDBUF", "RCVBUF", "HEARTBEAT_IVL", "HEARTBEAT_TIMEOUT", "TCP_KEEPALIVE", "TCP_KEEPALIVE_IDLE"),
    "TCP_KEEPALIVE_INTVL",
)
"""Socket options that are told when a socket is attached: as libzmq has them, under its names and in its units."""

OVER_AFTER_NS = 1_000_000_000

_WITH_DESCRIPTOR: Mapping[int, str] = {
    zmq.EVENT_CONNECTED: "the connection is there, the handshake begins",
    zmq.EVENT_LISTENING: "listens",
    zmq.EVENT_ACCEPTED: "a connection was accepted, the handshake begins",
    zmq.EVENT_CLOSED: "the descriptor was closed",
    zmq.EVENT_DISCONNECTED: "the connection ended",
}
_WITH_ERROR: Mapping[int, str] = {
    zmq.EVENT_BIND_FAILED: "cannot bind",
    zmq.EVENT_ACCEPT_FAILED: "cannot accept a connection",
    zmq.EVENT_CLOSE_FAILED: "cannot close the descriptor",
}
_PLAIN: Mapping[int, str] = {
    zmq.EVENT_CONNECT_DELAYED: "the connection is under way",
    zmq.EVENT_HANDSHAKE_SUCCEEDED: "the handshake is through",
    zmq.EVENT_MONITOR_STOPPED: "the monitor ended",
}
_OF_ATTEMPTS = {zmq.EVENT_CONNECT_DELAYED, zmq.EVENT_CLOSED, zmq.EVENT_CONNECT_RETRIED}


class QueueStatus(NamedTuple):
    """Whether messages find room: ``times_full`` is how often the socket has begun to refuse (EAGAIN) so far,
    ``overflowed`` how many events a full queue has lost, ``queued`` how many wait in it."""

    is_full: bool
    times_full: int
    overflowed: int
    queued: int


class Change(Enum):
    """What a look has found."""

    BEGAN = "began"
    ENDED = "ended"


class Episode:
    """A state that comes and goes: it is over when nothing was seen of it for a while, so that flapping is no news."""

    def __init__(self) -> None:
        self._count = 0
        self._seen_ns: int | None = None

    def look(self, count: int, is_on: bool, now_ns: int) -> Change | None:
        """``count`` is how often it has begun so far, ``is_on`` whether it holds at ``now_ns``."""
        seen, self._count = is_on or count > self._count, count
        if seen:
            began, self._seen_ns = self._seen_ns is None, now_ns
            return Change.BEGAN if began else None
        if self._seen_ns is None or now_ns - self._seen_ns < OVER_AFTER_NS:
            return None
        self._seen_ns = None
        return Change.ENDED


class SocketTrace:
    """Tells what one socket does. Without ``tell`` nothing is asked of the socket and nothing is told."""

    def __init__(self, tell: Tell | None) -> None:
        self._tell = tell
        self._attempts: Counter[str] = Counter()
        self._full = Episode()
        self._overflow = Episode()

    def opened(self, socket: zmq.Socket[Any], where: str) -> None:
        """The socket is set up and about to bind or connect, as ``where`` says."""
        if self._tell is None:
            return
        self._attempts.clear()
        kind = zmq.SocketType(int(socket.type)).name
        options = {name.lower(): int(socket.get(getattr(zmq, name))) for name in OPTIONS}
        shown = " ".join(f"{name}={value}" for name, value in options.items())
        self._tell("opened", f"{kind} socket opened to {where}: {shown}", {"socket_type": kind, "options": options})

    def attached(self, binds: bool, endpoint: str) -> None:
        """It is bound to, or was told to connect to, ``endpoint``."""
        if self._tell is not None:
            words = f"bound to {endpoint}" if binds else f"connects to {endpoint}"
            self._tell("bound" if binds else "connecting", words, {"endpoint": endpoint})

    def monitored(self, event: int, value: int, endpoint: str) -> None:
        """The socket's monitor told ``event``; of a row of failed attempts not every one is told."""
        if self._tell is None:
            return
        attempt = self._attempts[endpoint] + 1
        if event == zmq.EVENT_CONNECT_RETRIED:
            self._attempts[endpoint] = attempt
        elif event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self._attempts.pop(endpoint, None)
        if event in _OF_ATTEMPTS and attempt & (attempt - 1):
            return
        words, fields = _monitor_words(event, value)
        if event == zmq.EVENT_CONNECT_RETRIED:
            words, fields = f"{words} (attempt {attempt})", {**fields, "attempt": attempt}
        self._tell(_name(event), f"{endpoint}: {words}", {"endpoint": endpoint, **fields})

    def subscribed(self, message: bytes) -> None:
        """A subscription message came: 1 or 0, then the topic."""
        if self._tell is None:
            return
        topic = message[1:].decode(errors="backslashreplace")
        joins = message[:1] == b"\x01"
        words = "subscription to" if joins else "end of the subscription to"
        self._tell("subscribed" if joins else "unsubscribed", f'{words} "{topic}"', {"topic": topic})

    def looked(self, room: QueueStatus, now_ns: int) -> None:
        """How it stands with room, at ``now_ns`` (monotonic)."""
        if self._tell is None:
            return
        match self._full.look(room.times_full, room.is_full, now_ns):
            case Change.BEGAN:
                words = f"the socket takes no more (EAGAIN: high-water mark, or no peer), {room.queued} events queued"
                self._tell("full", words, {"queued": room.queued})
            case Change.ENDED:
                words = (
                    f"the socket takes messages again, {room.queued} events queued (was full {room.times_full} times)"
                )
                self._tell("has_room", words, {"queued": room.queued, "times_full": room.times_full})
        match self._overflow.look(room.overflowed, False, now_ns):
            case Change.BEGAN:
                words = f"the handler queue is full and loses events ({room.overflowed} so far)"
                self._tell("queue_full", words, {"queue_overflow": room.overflowed})
            case Change.ENDED:
                words = f"the handler queue loses no more events ({room.overflowed} so far)"
                self._tell("queue_has_room", words, {"queue_overflow": room.overflowed})

    def closed(self, linger_ms: int) -> None:
        """The socket was closed; libzmq goes on sending for up to ``linger_ms``."""
        if self._tell is not None:
            self._tell("closed", f"the socket was closed, linger {linger_ms} ms", {"linger_ms": linger_ms})


def to_logger(logger: logging.Logger, unit: str) -> Tell:
    """Tells ``logger``, at level DEBUG, what the socket of ``unit`` does."""

    def tell(event: str, sentence: str, fields: Mapping[str, Field]) -> None:
        logger.debug("%s: %s", unit, sentence, extra={"unit": unit, "event": event, **fields})

    return tell


def _monitor_words(event: int, value: int) -> tuple[str, dict[str, Field]]:
    if event in _WITH_DESCRIPTOR:
        return f"{_WITH_DESCRIPTOR[event]} (fd {value})", {"fd": value}
    if event in _WITH_ERROR:
        return f"{_WITH_ERROR[event]}: {zmq.strerror(value)}", {"errno": value}
    if event in _PLAIN:
        return _PLAIN[event], {}
    if event == zmq.EVENT_CONNECT_RETRIED:
        return f"will be tried again in {value} ms", {"retry_in_ms": value}
    return handshake.failure_of(event, value) or f"{_name(event)}, value {value}", {"value": value}


def _name(event: int) -> str:
    return (zmq.Event(event).name or f"event_{event:#x}").lower()
