"""One endpoint a socket connects to: monitor events -> **its story** -> state and sentence of the whole socket.

Pure: events go in, sentences come out. An attempt that fails like the one before is no news and is not told again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import zmq

from bench_app.transport import handshake
from bench_app.transport.endpoint import is_address

_CLOSED_AT_ONCE = "it closes the connection at once: another socket type or no ZeroMQ there"
_UNANSWERED = "no answer: the host is away, or packets to it are dropped"
_REFUSAL_MS = 1000
"""A refusal takes a round trip; an attempt that ends later had no answer. libzmq does not say which it was."""
_NO_RECONNECTS = "reconnecting is switched off"


class Limits(NamedTuple):
    """When to give up: after ``max_attempts`` (-1: never), or at once where there are no ``reconnects``."""

    max_attempts: int
    reconnects: bool

    @property
    def words(self) -> str:
        """``of 10``, after the number of the attempt; nothing without a limit."""
        return f" of {self.max_attempts}" if self.max_attempts >= 0 else ""


@dataclass
class ConnectAttempts:
    """What is known of one endpoint."""

    endpoint: str
    attempts: int = 0
    connected: bool = False
    gave_up: bool = False
    silent: bool = False
    """It is away because it was silent for too long."""
    stuck: str = ""
    """``refused`` or ``turned away``: it ended the connection in a way after which libzmq does not try again."""
    _reached: bool = False
    _next_in_ms: int = 0
    _lost: str = ""
    """How the last connection ended."""
    _failure: str = ""
    """Why the last attempt came to nothing."""
    _opened: bool = False
    _closed: bool = False
    _waited_ms: int = 0
    """How long the last attempt took to come to nothing."""
    _greeting: bool = False
    """The connection is there, the handshake is not through."""
    _refusal: str = ""
    """Why the handshake of this very attempt failed."""
    _refusal_is_final: bool = False
    _told: set[str] = field(default_factory=set)
    """What was told since the last success."""

    def feed(self, event: int, value: int, silent_ms: int, waited_ms: int, limits: Limits) -> list[str]:
        """Take one monitor event in; returns what is worth telling. Look at ``gave_up`` afterwards.

        The times are those of :meth:`bench_app.transport.connection.ConnectionTracker.feed`.
        """
        match event:
            case zmq.EVENT_CONNECT_DELAYED:
                self._opened = True
            case zmq.EVENT_CONNECTED:
                self._greeting = True
            case zmq.EVENT_HANDSHAKE_SUCCEEDED:
                return self._succeed()
            case zmq.EVENT_DISCONNECTED if self.connected:
                return self._lose(silent_ms, limits)
            case zmq.EVENT_DISCONNECTED:
                return self._end_before_handshake(limits)
            case zmq.EVENT_CLOSED:
                self._closed, self._waited_ms = True, waited_ms
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
        """How it stands, for a person."""
        if self.gave_up:
            return f"gave up on {self.endpoint} ({self._cause})"
        if self.stuck:
            by = "handshake refused by" if self.stuck == "refused" else "turned away by"
            return f"{by} {self.endpoint} ({self._cause})"
        if self.connected:
            return f"connected to {self.endpoint}"
        because = f" ({self._cause})" if self._cause else ""
        if self._greeting:
            return f"{self.endpoint} takes the connection, but has not shaken hands yet{because}"
        if self.attempts:
            return f"{self.endpoint}: retrying {self.attempts}{limits.words}, next in {self._next_in_ms} ms{because}"
        return f"connecting to {self.endpoint}"

    @property
    def _cause(self) -> str:
        return "; now ".join(part for part in (self._lost, self._failure) if part)

    def _succeed(self) -> list[str]:
        again = " again" if self._reached else ""
        tries = f" after {_attempts(self.attempts)}" if self.attempts else ""
        # Nothing of what went before counts any more.
        self.attempts, self._lost, self._failure, self._refusal, self.stuck = 0, "", "", "", ""
        self.silent, self._opened, self._closed, self._greeting = False, False, False, False
        self.connected, self._reached = True, True
        self._told.clear()
        return [f"connected to {self.endpoint}{again}{tries}"]

    def _lose(self, silent_ms: int, limits: Limits) -> list[str]:
        self.connected, self._greeting = False, False
        self.silent = bool(silent_ms)
        self._lost = f"peer silent for {silent_ms} ms" if silent_ms else "the connection was lost"
        if not limits.reconnects:
            return self._give_up(_NO_RECONNECTS, limits)
        if silent_ms:
            return [f"peer silent for {silent_ms} ms: the connection to {self.endpoint} is dropped"]
        return [f"lost the connection to {self.endpoint}"]

    def _end_before_handshake(self, limits: Limits) -> list[str]:
        self._greeting = False
        self._failure = self._refusal or _CLOSED_AT_ONCE
        if not limits.reconnects:
            return self._give_up(_NO_RECONNECTS, limits)
        if self._refusal and not self._refusal_is_final:
            # libzmq tries again: that event comes next.
            return []
        self.stuck = "refused" if self._refusal else "turned away"
        return self._tell(limits)

    def _retry(self, next_in_ms: int, limits: Limits) -> list[str]:
        self._failure = self._why_it_failed()
        self.silent = self.silent and not self._failure
        self.attempts += 1
        self._next_in_ms = next_in_ms
        self.stuck, self._refusal = "", ""
        self._opened, self._closed, self._greeting = False, False, False
        if 0 <= limits.max_attempts < self.attempts:
            return self._give_up(f"the limit of {_attempts(limits.max_attempts)} is reached", limits)
        return self._tell(limits)

    def _why_it_failed(self) -> str:
        """Why the attempt that is just over came to nothing; "" where there was none yet: a connection was lost."""
        if self._refusal or self.stuck:
            return self._refusal or self._failure
        if self._lost and not self.attempts:
            return ""
        if self._opened or not self.endpoint.startswith("tcp://"):
            return _UNANSWERED if self._waited_ms > _REFUSAL_MS else "connection refused: nothing listens there"
        host = self.endpoint.removeprefix("tcp://").rpartition(":")[0]
        if self._closed or is_address(host):
            return "this machine knows no way there"
        return f"the name {host} does not resolve"

    def _tell(self, limits: Limits) -> list[str]:
        news = f"{self.stuck} {self._cause}"
        if news in self._told:
            return []
        self._told.add(news)
        return [self.describe(limits)]

    def _give_up(self, why: str, limits: Limits) -> list[str]:
        if not self._cause:
            self._failure = self._why_it_failed()
        self._lost, self._failure = f"{why}; {self._cause}", ""
        self.gave_up = True
        return [self.describe(limits)]


def _attempts(number: int) -> str:
    return "1 attempt" if number == 1 else f"{number} attempts"
