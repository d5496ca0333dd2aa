"""One endpoint that a socket connects to: monitor events -> **attempts** -> state and messages of the socket.

Pure: events go in, messages come out. An attempt that fails for a reason already reported gives no message.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import zmq

from bench_app.transport import handshake
from bench_app.transport.endpoint import is_address
from bench_app.transport.endpoint_parts import parts_of

_CLOSED_AT_ONCE = "it closes the connection at once: another socket type or no ZeroMQ there"
_UNANSWERED = "no answer: the host is away, or packets to it are dropped"
_REFUSAL_MS = 1000
"""An attempt that lasted longer got no answer: a refusal takes one round trip. libzmq does not report which it was."""
_NO_RECONNECTS = "reconnecting is switched off"


class Limits(NamedTuple):
    """When to give up: after ``max_attempts`` (-1: never); without ``reconnects``, at the first failure."""

    max_attempts: int
    reconnects: bool

    @property
    def suffix(self) -> str:
        """`` of 10``, after the number of an attempt; nothing without a limit."""
        return f" of {self.max_attempts}" if self.max_attempts >= 0 else ""


class ConnectAttempts(msgspec.Struct):
    """The connection to one endpoint, and the attempts to make it.

    Attributes:
        endpoint: the endpoint, as it was given to the socket.
        attempts: failed attempts since the last success.
        connected: whether there is a connection with a complete handshake.
        gave_up: whether no further attempt is made.
        silent: whether the connection ended because its peer was silent for too long, and no attempt has failed since.
        refused_as: ``refused`` or ``turned away`` if the peer ended the connection in a way after which libzmq does not
            try again by itself; otherwise "".
    """

    endpoint: str
    attempts: int = 0
    connected: bool = False
    gave_up: bool = False
    silent: bool = False
    refused_as: str = ""
    _was_connected: bool = False
    _next_in_ms: int = 0
    _loss: str = ""
    """How the last connection ended."""
    _failure: str = ""
    """Why the last attempt failed."""
    _has_begun: bool = False
    """Whether this attempt has an address to connect to, so that the host name was resolved."""
    _was_closed: bool = False
    """Whether the descriptor of this attempt was closed."""
    _waited_ms: int = 0
    """How long the last attempt took to fail."""
    _awaits_handshake: bool = False
    """Whether there is a connection whose handshake is not complete."""
    _refusal: str = ""
    """Why the handshake of this attempt failed."""
    _refusal_is_final: bool = False
    _reported: set[str] = msgspec.field(default_factory=set)
    """The states reported since the last success."""

    def feed(self, event: int, value: int, silent_ms: int, waited_ms: int, limits: Limits) -> list[str]:
        """Update with one monitor event; returns the messages to log. Read ``gave_up`` afterwards.

        The times are those of :meth:`bench_app.transport.connection.ConnectionTracker.feed`.
        """
        match event:
            case zmq.EVENT_CONNECT_DELAYED:
                self._has_begun = True
            case zmq.EVENT_CONNECTED:
                self._awaits_handshake = True
            case zmq.EVENT_HANDSHAKE_SUCCEEDED:
                return self._succeed()
            case zmq.EVENT_DISCONNECTED if self.connected:
                return self._lose(silent_ms, limits)
            case zmq.EVENT_DISCONNECTED:
                return self._end_before_handshake(limits)
            case zmq.EVENT_CLOSED:
                self._was_closed, self._waited_ms = True, waited_ms
                if not limits.reconnects and not self.connected:
                    return self._give_up(_NO_RECONNECTS, limits)
            case zmq.EVENT_CONNECT_RETRIED:
                return self._retry(value, limits)
            case _ if failure := handshake.failure_of(event, value):
                self._refusal, self._refusal_is_final = failure, event in handshake.FINAL
            case _:
                pass
        return []

    def describe(self, limits: Limits) -> str:
        """The state of the endpoint as text for the user."""
        if self.gave_up:
            return f"gave up on {self.endpoint} ({self._cause})"
        if self.refused_as:
            by = "handshake refused by" if self.refused_as == "refused" else "turned away by"
            return f"{by} {self.endpoint} ({self._cause})"
        if self.connected:
            return f"connected to {self.endpoint}"
        because = f" ({self._cause})" if self._cause else ""
        if self._awaits_handshake:
            return f"{self.endpoint} accepted the connection, and the handshake is not complete{because}"
        if self.attempts:
            return f"{self.endpoint}: retrying {self.attempts}{limits.suffix}, next in {self._next_in_ms} ms{because}"
        return f"connecting to {self.endpoint}"

    @property
    def _cause(self) -> str:
        return "; now ".join(part for part in (self._loss, self._failure) if part)

    def _succeed(self) -> list[str]:
        again = " again" if self._was_connected else ""
        tries = f" after {_format_attempts(self.attempts)}" if self.attempts else ""
        # A success clears the failures before it.
        self.attempts, self._loss, self._failure, self._refusal, self.refused_as = 0, "", "", "", ""
        self.silent, self._has_begun, self._was_closed, self._awaits_handshake = False, False, False, False
        self.connected, self._was_connected = True, True
        self._reported.clear()
        return [f"connected to {self.endpoint}{again}{tries}"]

    def _lose(self, silent_ms: int, limits: Limits) -> list[str]:
        self.connected, self._awaits_handshake = False, False
        self.silent = bool(silent_ms)
        self._loss = f"peer silent for {silent_ms} ms" if silent_ms else "the connection was lost"
        if not limits.reconnects:
            return self._give_up(_NO_RECONNECTS, limits)
        if silent_ms:
            return [f"peer silent for {silent_ms} ms: the connection to {self.endpoint} is dropped"]
        return [f"lost the connection to {self.endpoint}"]

    def _end_before_handshake(self, limits: Limits) -> list[str]:
        self._awaits_handshake = False
        self._failure = self._refusal or _CLOSED_AT_ONCE
        if not limits.reconnects:
            return self._give_up(_NO_RECONNECTS, limits)
        if self._refusal and not self._refusal_is_final:
            # libzmq tries again, and EVENT_CONNECT_RETRIED comes next.
            return []
        self.refused_as = "refused" if self._refusal else "turned away"
        return self._message_if_new(limits)

    def _retry(self, next_in_ms: int, limits: Limits) -> list[str]:
        self._failure = self._why_it_failed()
        self.silent = self.silent and not self._failure
        self.attempts += 1
        self._next_in_ms = next_in_ms
        self.refused_as, self._refusal = "", ""
        self._has_begun, self._was_closed, self._awaits_handshake = False, False, False
        if 0 <= limits.max_attempts < self.attempts:
            return self._give_up(f"the limit of {_format_attempts(limits.max_attempts)} is reached", limits)
        return self._message_if_new(limits)

    def _why_it_failed(self) -> str:
        """Why the last attempt failed; "" if a connection was just lost and no attempt was made since."""
        if self._refusal or self.refused_as:
            return self._refusal or self._failure
        if self._loss and not self.attempts:
            return ""
        host = parts_of(self.endpoint).host
        if self._has_begun or not host:
            return _UNANSWERED if self._waited_ms > _REFUSAL_MS else "connection refused: nothing listens there"
        if self._was_closed or is_address(host):
            return "this machine has no route there"
        return f"the name {host} does not resolve"

    def _message_if_new(self, limits: Limits) -> list[str]:
        state = f"{self.refused_as} {self._cause}"
        if state in self._reported:
            return []
        self._reported.add(state)
        return [self.describe(limits)]

    def _give_up(self, why: str, limits: Limits) -> list[str]:
        if not self._cause:
            self._failure = self._why_it_failed()
        self._loss, self._failure = f"{why}; {self._cause}", ""
        self.gave_up = True
        return [self.describe(limits)]


def _format_attempts(number: int) -> str:
    return "1 attempt" if number == 1 else f"{number} attempts"
