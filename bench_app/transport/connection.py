"""What a handler's or listener's socket tells about its peers: socket monitor -> state and sentence -> report.

libzmq has no limit on attempts and no word for *why*: :class:`ConnectionTracker` counts
``EVENT_CONNECT_RETRIED`` (the only event that every transport and a failed name lookup give), reads the cause from
what came before it, and says which endpoints to disconnect. It does no IO. :class:`Monitor` is the IO: it must be
drained often, since an undrained monitor stops the whole I/O thread.
"""

from __future__ import annotations

import errno
import struct
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import zmq

from bench_app.transport import handshake
from bench_app.transport.remote_endpoint import ConnectAttempts, Limits
from bench_app.transport.silent_peer import SilentPeerProbe
from bench_app.transport.socket_trace import SocketTrace

_EVENT = struct.Struct("=Hi")


class MonitorEvent(NamedTuple):
    """What a socket's monitor tells: ``value`` is a descriptor, an errno or an interval, as the event has it."""

    event: int
    value: int
    endpoint: str


def monitor_event(frames: list[bytes]) -> MonitorEvent:
    """Read a monitor's message; see zmq_socket_monitor(3). (pyzmq's own reader loads asyncio, and with it TLS, which
    each worker would wait for at its start.)"""
    event, value = _EVENT.unpack(frames[0])
    return MonitorEvent(event, value, frames[1].decode(errors="replace"))


class ConnectionState(StrEnum):
    """How a socket stands with its peers."""

    IDLE = "idle"
    BOUND = "bound"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RETRYING = "retrying"
    GAVE_UP = "gave up"
    FAILED = "failed"


@dataclass
class ConnectionTracker:
    """States of one socket, fed with monitor events.

    ``max_attempts`` is how many times a lost or refused connection is tried again (-1: no limit);
    ``reconnects`` is False where the reconnect interval switches reconnecting off; ``silence_limit_ms`` is the silence
    after which heartbeats end a connection (0: no heartbeats).
    """

    max_attempts: int = -1
    reconnects: bool = True
    ever_connected: bool = False
    connections: int = 0
    """How often a connection came about, those to an endpoint that was given up before it included."""
    silence_limit_ms: int = 0
    _bound: str = ""
    _pending: list[int] = field(default_factory=list)
    _joined: set[int] = field(default_factory=set)
    _refusal: str = ""
    _turned_away: int = 0
    _reasons_told: set[str] = field(default_factory=set)
    _remotes: dict[str, ConnectAttempts] = field(default_factory=dict)
    _aliases: dict[str, str] = field(default_factory=dict)

    @property
    def peers(self) -> int:
        """How many peers are connected now."""
        if self._bound:
            return len(self._joined)
        return sum(remote.connected for remote in self._remotes.values())

    def bound(self, endpoint: str) -> None:
        """The socket listens at ``endpoint``."""
        self._bound = endpoint

    def connecting(self, endpoint: str) -> None:
        """The socket was told to connect to ``endpoint``."""
        self._remotes[endpoint] = ConnectAttempts(endpoint)

    @property
    def gave_up(self) -> bool:
        """True when every endpoint this socket connects to was given up: nothing can be sent any more."""
        return bool(self._remotes) and all(remote.gave_up for remote in self._remotes.values())

    @property
    def state(self) -> ConnectionState:
        """The one word for the socket as a whole: the worst of its endpoints."""
        if self._bound:
            return ConnectionState.CONNECTED if self.peers else ConnectionState.BOUND
        if not self._remotes:
            return ConnectionState.IDLE
        if self.gave_up:
            return ConnectionState.GAVE_UP
        open_remotes = self._open_remotes
        if any(remote.stuck for remote in open_remotes):
            return ConnectionState.FAILED
        if any(remote.attempts for remote in open_remotes):
            return ConnectionState.RETRYING
        if all(remote.connected for remote in open_remotes):
            return ConnectionState.CONNECTED
        return ConnectionState.CONNECTING

    @property
    def label(self) -> str:
        """The state in as few words as a table has room for: ``retrying 3 of 10``."""
        match self.state:
            case ConnectionState.FAILED:
                return next(remote.stuck for remote in self._open_remotes if remote.stuck)
            case ConnectionState.RETRYING if any(remote.silent for remote in self._open_remotes):
                return "peer silent"
            case ConnectionState.RETRYING:
                attempts = max(remote.attempts for remote in self._open_remotes)
                return f"retrying {attempts}{self._limits.words}"
        return self.state

    @property
    def sentence(self) -> str:
        """What the state means here, for a person."""
        if self._bound:
            away = f", {self._turned_away} turned away" if self._turned_away else ""
            return f"bound to {self._bound}, {self.peers} connected{away}"
        return "; ".join(remote.describe(self._limits) for remote in self._remotes.values())

    @property
    def _open_remotes(self) -> list[ConnectAttempts]:
        return [remote for remote in self._remotes.values() if not remote.gave_up]

    @property
    def _limits(self) -> Limits:
        return Limits(self.max_attempts, self.reconnects)

    def feed(
        self, event: int, value: int, endpoint: str, silent_ms: int = 0, waited_ms: int = 0
    ) -> tuple[list[str], list[str]]:
        """Take one monitor event in; returns (sentences worth telling, endpoints to disconnect).

        ``silent_ms``: of a disconnection, how long the peer had not been heard of, if that was the reason.
        ``waited_ms``: of an attempt that is closed, how long ago it began.
        """
        if self._bound:
            return self._feed_bound(event, value, silent_ms), []
        remote = self._remotes.get(self._as_told(endpoint))
        if remote is None:
            return [], []
        self.connections += event == zmq.EVENT_HANDSHAKE_SUCCEEDED
        if remote.gave_up:
            return [], []
        told = remote.feed(event, value, silent_ms, waited_ms, self._limits)
        self.ever_connected = self.ever_connected or remote.connected
        return told, [remote.endpoint] if remote.gave_up else []

    def _as_told(self, endpoint: str) -> str:
        """The endpoint as it was given: after a first connection libzmq names the address its host resolved to."""
        if endpoint in self._remotes:
            return endpoint
        if endpoint not in self._aliases:
            port = endpoint.rpartition(":")[2]
            candidates = [known for known in self._remotes if known.rpartition(":")[2] == port]
            if len(candidates) != 1:
                return endpoint
            self._aliases[endpoint] = candidates[0]
        return self._aliases[endpoint]

    def _feed_bound(self, event: int, value: int, silent_ms: int) -> list[str]:
        match event:
            case zmq.EVENT_ACCEPTED:
                self._pending.append(value)
            case zmq.EVENT_HANDSHAKE_SUCCEEDED if self._pending:
                # This event alone does not name its connection; connections shake hands in the order they came.
                self._joined.add(self._pending.pop(0))
                self.ever_connected = True
                return [f"a peer connected to {self._bound} ({self.peers} now)"]
            case zmq.EVENT_DISCONNECTED if value in self._pending:
                self._pending.remove(value)
                return self._turn_away()
            case zmq.EVENT_DISCONNECTED if value in self._joined:
                self._joined.remove(value)
                if silent_ms:
                    return [f"peer silent for {silent_ms} ms: dropped by {self._bound} ({self.peers} now)"]
                return [f"a peer left {self._bound} ({self.peers} now)"]
            case zmq.EVENT_ACCEPT_FAILED:
                return [f"{self._bound} could not accept a connection: {zmq.strerror(value)}"]
            case _ if reason := handshake.failure_of(event, value):
                self._refusal = reason
            case _:
                pass
        return []

    def _turn_away(self) -> list[str]:
        """A peer went before it was in. Each reason is told once: it may come again, as often as it likes."""
        reason, self._refusal = self._refusal, ""
        self._turned_away += 1
        if reason in self._reasons_told:
            return []
        self._reasons_told.add(reason)
        if reason:
            return [f"a peer did not get into {self._bound}: {reason}"]
        return [f"a peer of another socket type was turned away from {self._bound}"]


class Monitor:
    """Drains a socket's monitor into a tracker. Make it before bind or connect; close it before the socket.

    ``inproc`` has no events; the tracker then only knows what it was told.
    """

    def __init__(self, socket: zmq.Socket[bytes], tracker: ConnectionTracker, trace: SocketTrace | None = None) -> None:
        self._socket = socket
        self._trace = trace or SocketTrace(None)
        self._tracker = tracker
        self._silence = SilentPeerProbe(tracker.silence_limit_ms)
        self._monitor = socket.get_monitor_socket()
        self._attempts_ns: dict[str, int] = {}
        """When the attempt under way began, by endpoint."""

    def drain(self) -> list[str]:
        """Feed all waiting events; disconnects what was given up; returns the sentences worth telling."""
        told: list[str] = []
        while int(self._monitor.get(zmq.EVENTS)) & zmq.POLLIN:
            event, value, endpoint = monitor_event(self._monitor.recv_multipart(zmq.NOBLOCK))
            self._trace.monitored(event, value, endpoint)
            silent_ms, waited_ms = self._silent_ms(event, value), self._waited_ms(event, endpoint)
            sentences, abandoned = self._tracker.feed(event, value, endpoint, silent_ms, waited_ms)
            told += sentences
            for gone in abandoned:
                self._disconnect(gone)
        return told

    def _silent_ms(self, event: int, descriptor: int) -> int:
        if event in (zmq.EVENT_CONNECTED, zmq.EVENT_ACCEPTED):
            self._silence.opened(descriptor)
        return self._silence.closed(descriptor) if event == zmq.EVENT_DISCONNECTED else 0

    def _waited_ms(self, event: int, endpoint: str) -> int:
        # Events are read some time after they happened; for what is told apart by it, a second, that is soon enough.
        if event == zmq.EVENT_CONNECT_DELAYED:
            self._attempts_ns[endpoint] = time.monotonic_ns()
        began_ns = self._attempts_ns.pop(endpoint, 0) if event == zmq.EVENT_CLOSED else 0
        return (time.monotonic_ns() - began_ns) // 1_000_000 if began_ns else 0

    def _disconnect(self, endpoint: str) -> None:
        try:
            self._socket.disconnect(endpoint)
        except zmq.ZMQError as error:
            # Where it may not reconnect, libzmq has dropped a lost endpoint by itself.
            if error.errno != errno.ENOENT:
                raise

    def close(self) -> None:
        """Stop watching."""
        self._silence.close()
        self._socket.disable_monitor()
        self._monitor.close(linger=0)
