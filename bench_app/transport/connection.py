"""The state of a socket's connections: monitor events -> **tracker** -> state, label and message -> report.

libzmq has no limit on attempts and gives no reason for a failure. :class:`ConnectionTracker` adds both:

* It counts the events ``EVENT_CONNECT_RETRIED``, and returns the endpoints to disconnect when the limit is reached. It
  counts this event because every transport has it, and a failed name lookup has it, too.
* It finds the cause of a failure in the events before it.

The tracker does no IO: :mod:`bench_app.transport.monitor` feeds it.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
import zmq

from bench_app.transport.bound_endpoint import BoundEndpoint
from bench_app.transport.connect_attempts import ConnectAttempts, Limits
from bench_app.transport.endpoint_parts import parts_of


class ConnectionState(StrEnum):
    """The state of a socket's connections, in one word."""

    IDLE = "idle"
    BOUND = "bound"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RETRYING = "retrying"
    GAVE_UP = "gave up"
    FAILED = "failed"


class ConnectionStatus(msgspec.Struct, frozen=True):
    """The state of a socket's connections, with its texts for the user.

    Attributes:
        state: the state in one word.
        label: the state, short enough for a cell of a table.
        message: the state with endpoints, attempts and reasons; may be empty.
    """

    state: ConnectionState
    label: str
    message: str = ""


IDLE = ConnectionStatus(ConnectionState.IDLE, "idle")


class ConnectionTracker(msgspec.Struct):
    """The connections of one socket, which is fed with the events of the socket's monitor.

    Call :meth:`bound` for a socket that binds, :meth:`connecting` for each endpoint of a socket that connects.

    Attributes:
        max_attempts: how often a lost or refused connection is tried again; -1: no limit. May be changed at any time.
        reconnects: False if the reconnect interval switches reconnecting off.
        ever_connected: True once any peer was connected.
        connections: how many connections were made, including connections to an endpoint that was given up.
        silence_limit_ms: silence after which heartbeats end a connection; 0: no heartbeats.
    """

    max_attempts: int = -1
    reconnects: bool = True
    ever_connected: bool = False
    connections: int = 0
    silence_limit_ms: int = 0
    _bound: BoundEndpoint | None = None
    _remotes: dict[str, ConnectAttempts] = msgspec.field(default_factory=dict)
    _given_names: dict[str, str] = msgspec.field(default_factory=dict)
    """The endpoint that the socket was given, by the endpoint that libzmq names in its events."""

    def bound(self, endpoint: str) -> None:
        """Track a socket that is bound to ``endpoint``."""
        self._bound = BoundEndpoint(endpoint)

    def connecting(self, endpoint: str) -> None:
        """Track a socket that connects to ``endpoint``. Call it once for each of its endpoints."""
        self._remotes[endpoint] = ConnectAttempts(endpoint)

    @property
    def peers(self) -> int:
        """How many peers are connected now."""
        if self._bound is not None:
            return self._bound.peers
        return sum(remote.connected for remote in self._remotes.values())

    @property
    def gave_up(self) -> bool:
        """Whether every endpoint of a connecting socket was given up, so that nothing can be sent any more."""
        return bool(self._remotes) and all(remote.gave_up for remote in self._remotes.values())

    @property
    def state(self) -> ConnectionState:
        """The state of the socket as a whole: the worst of its endpoints that were not given up."""
        if self._bound is not None:
            return ConnectionState.CONNECTED if self.peers else ConnectionState.BOUND
        if not self._remotes:
            return ConnectionState.IDLE
        if self.gave_up:
            return ConnectionState.GAVE_UP
        open_remotes = self._open_remotes
        if any(remote.refused_as for remote in open_remotes):
            return ConnectionState.FAILED
        if any(remote.attempts for remote in open_remotes):
            return ConnectionState.RETRYING
        if all(remote.connected for remote in open_remotes):
            return ConnectionState.CONNECTED
        return ConnectionState.CONNECTING

    @property
    def label(self) -> str:
        """The state, short enough for a cell of a table: ``retrying 3 of 10``."""
        match self.state:
            case ConnectionState.FAILED:
                return next(remote.refused_as for remote in self._open_remotes if remote.refused_as)
            case ConnectionState.RETRYING if any(remote.silent for remote in self._open_remotes):
                return "peer silent"
            case ConnectionState.RETRYING:
                attempts = max(remote.attempts for remote in self._open_remotes)
                return f"retrying {attempts}{self._limits.suffix}"
        return self.state

    @property
    def message(self) -> str:
        """The state with its endpoints, attempts and reasons, as text for the user."""
        if self._bound is not None:
            return self._bound.describe()
        return "; ".join(remote.describe(self._limits) for remote in self._remotes.values())

    @property
    def status(self) -> ConnectionStatus:
        """State, label and message together."""
        return ConnectionStatus(self.state, self.label, self.message)

    def feed(
        self, event: int, value: int, endpoint: str, silent_ms: int = 0, waited_ms: int = 0
    ) -> tuple[list[str], list[str]]:
        """Update with one monitor event; returns (messages to log, endpoints to disconnect).

        ``silent_ms``: for a disconnection because of silence, how long the peer had been silent; otherwise 0.
        ``waited_ms``: for the end of an attempt, how long the attempt lasted; otherwise 0.
        """
        if self._bound is not None:
            messages = self._bound.feed(event, value, silent_ms)
            self.ever_connected = self.ever_connected or self._bound.peers > 0
            return messages, []
        remote = self._remotes.get(self._given_name(endpoint))
        if remote is None:
            return [], []
        self.connections += event == zmq.EVENT_HANDSHAKE_SUCCEEDED
        # libzmq may still connect to an endpoint that was given up, until the linger is over. Such a connection counts,
        # because it delivers accepted events, but the state stays "gave up".
        if remote.gave_up:
            return [], []
        messages = remote.feed(event, value, silent_ms, waited_ms, self._limits)
        self.ever_connected = self.ever_connected or remote.connected
        return messages, [remote.endpoint] if remote.gave_up else []

    @property
    def _open_remotes(self) -> list[ConnectAttempts]:
        return [remote for remote in self._remotes.values() if not remote.gave_up]

    @property
    def _limits(self) -> Limits:
        return Limits(self.max_attempts, self.reconnects)

    def _given_name(self, endpoint: str) -> str:
        """The endpoint that the socket was given, for the endpoint of an event.

        Once connected, libzmq names the resolved address instead of the host name. The port then finds the endpoint; if
        several endpoints have this port, the event is ignored.
        """
        if endpoint in self._remotes:
            return endpoint
        if endpoint not in self._given_names:
            port = parts_of(endpoint).port
            candidates = [given for given in self._remotes if port and parts_of(given).port == port]
            if len(candidates) != 1:
                return endpoint
            self._given_names[endpoint] = candidates[0]
        return self._given_names[endpoint]
