"""What a handler's or listener's socket tells about its peers: socket monitor -> state and sentence -> report.

libzmq has no limit on attempts and no word for *why*: :class:`ConnectionTracker` counts
``EVENT_CONNECT_RETRIED`` (the only event that every transport and a failed name lookup give), reads the cause from
what came before it, and says which endpoints to disconnect. It does no IO. :class:`Monitor` is the IO: it must be
drained often, since an undrained monitor stops the whole I/O thread.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from enum import StrEnum

import zmq
from zmq.utils.monitor import parse_monitor_message


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
class _Remote:
    """One endpoint this socket connects to."""

    attempts: int = 0
    connected: bool = False
    reached: bool = False
    gave_up: bool = False
    next_in_ms: int = 0
    opened: bool = False
    cause: str = ""
    turned_away: bool = False
    """It took the connection and closed it before the handshake; libzmq does not try again by itself."""


@dataclass
class ConnectionTracker:
    """States of one socket, fed with monitor events.

    ``max_attempts`` is how many times a lost or refused connection is tried again (-1: no limit);
    ``reconnects`` is False where the reconnect interval switches reconnecting off.
    """

    max_attempts: int = -1
    reconnects: bool = True
    ever_connected: bool = False
    _bound: str = ""
    _pending: list[int] = field(default_factory=list)
    _joined: set[int] = field(default_factory=set)
    _remotes: dict[str, _Remote] = field(default_factory=dict)
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
        self._remotes[endpoint] = _Remote()

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
        open_remotes = [remote for remote in self._remotes.values() if not remote.gave_up]
        if any(remote.turned_away for remote in open_remotes):
            return ConnectionState.FAILED
        if any(remote.attempts for remote in open_remotes):
            return ConnectionState.RETRYING
        if all(remote.connected for remote in open_remotes):
            return ConnectionState.CONNECTED
        return ConnectionState.CONNECTING

    @property
    def label(self) -> str:
        """The state in as few words as a table has room for: ``retrying 3 of 10``."""
        attempts = max((r.attempts for r in self._remotes.values() if not r.gave_up), default=0)
        if self.state is not ConnectionState.RETRYING:
            return self.state
        return f"retrying {attempts}{self._limit}"

    @property
    def _limit(self) -> str:
        return f" of {self.max_attempts}" if self.max_attempts >= 0 else ""

    @property
    def sentence(self) -> str:
        """What the state means here, for a person."""
        if self._bound:
            return f"bound to {self._bound}, {self.peers} connected"
        return "; ".join(self._describe(endpoint, remote) for endpoint, remote in self._remotes.items())

    def feed(self, event: int, value: int, endpoint: str) -> tuple[list[str], list[str]]:
        """Take one monitor event in; returns (sentences worth telling, endpoints to disconnect)."""
        if self._bound:
            return self._feed_bound(event, value), []
        endpoint = self._as_told(endpoint)
        remote = self._remotes.get(endpoint)
        if remote is None or remote.gave_up:
            return [], []
        match event:
            case zmq.EVENT_CONNECT_DELAYED:
                remote.opened = True
            case zmq.EVENT_CONNECTED:
                remote.cause = "it closes the connection at once: another socket type or no ZeroMQ there"
            case zmq.EVENT_HANDSHAKE_SUCCEEDED:
                return self._connected(endpoint, remote), []
            case zmq.EVENT_DISCONNECTED:
                return self._disconnected(endpoint, remote)
            case zmq.EVENT_CLOSED if not self.reconnects and not remote.connected:
                return self._give_up(endpoint, remote, "reconnecting is switched off")
            case zmq.EVENT_CONNECT_RETRIED:
                return self._retried(endpoint, remote, value)
            case zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL:
                remote.cause = f"the handshake failed: {_handshake_error(value)}"
            case zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                remote.cause = f"the peer refused us (status {value})"
            case _:
                pass
        return [], []

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

    def _feed_bound(self, event: int, value: int) -> list[str]:
        if event == zmq.EVENT_ACCEPTED:
            self._pending.append(value)
        if event == zmq.EVENT_HANDSHAKE_SUCCEEDED and self._pending:
            # This event alone does not name its connection; connections shake hands in the order they came.
            self._joined.add(self._pending.pop(0))
            self.ever_connected = True
            return [f"a peer connected to {self._bound} ({self.peers} now)"]
        if event == zmq.EVENT_DISCONNECTED and value in self._pending:
            self._pending.remove(value)
            return [f"a peer of another socket type was turned away from {self._bound}"]
        if event == zmq.EVENT_DISCONNECTED and value in self._joined:
            self._joined.remove(value)
            return [f"a peer left {self._bound} ({self.peers} now)"]
        if event == zmq.EVENT_ACCEPT_FAILED:
            return [f"{self._bound} could not accept a connection: {zmq.strerror(value)}"]
        return []

    def _connected(self, endpoint: str, remote: _Remote) -> list[str]:
        again = " again" if remote.reached else ""
        tries = f" after {remote.attempts} attempts" if remote.attempts else ""
        self._remotes[endpoint] = _Remote(connected=True, reached=True)
        self.ever_connected = True
        return [f"connected to {endpoint}{again}{tries}"]

    def _disconnected(self, endpoint: str, remote: _Remote) -> tuple[list[str], list[str]]:
        if remote.connected:
            remote.connected = False
            remote.cause = "the connection was lost"
            if self.reconnects:
                return [f"lost the connection to {endpoint}"], []
        if not self.reconnects:
            return self._give_up(endpoint, remote, "reconnecting is switched off")
        remote.turned_away = True
        return [self._describe(endpoint, remote)], []

    def _retried(self, endpoint: str, remote: _Remote, next_in_ms: int) -> tuple[list[str], list[str]]:
        remote.attempts += 1
        remote.turned_away = False
        remote.next_in_ms = next_in_ms
        if not remote.cause:
            remote.cause = self._cause(endpoint, remote)
        remote.opened = False
        if 0 <= self.max_attempts < remote.attempts:
            return self._give_up(endpoint, remote, f"the limit of {self.max_attempts} attempts is reached")
        return ([self._describe(endpoint, remote)] if remote.attempts == 1 else []), []

    def _give_up(self, endpoint: str, remote: _Remote, why: str) -> tuple[list[str], list[str]]:
        remote.gave_up = True
        cause = remote.cause or self._cause(endpoint, remote)
        remote.cause = f"{why}; {cause}"
        return [self._describe(endpoint, remote)], [endpoint]

    @staticmethod
    def _cause(endpoint: str, remote: _Remote) -> str:
        if endpoint.startswith("tcp://") and not remote.opened:
            host = endpoint.removeprefix("tcp://").rpartition(":")[0]
            return f"the name {host} does not resolve"
        return "connection refused: nothing listens there"

    def _describe(self, endpoint: str, remote: _Remote) -> str:
        if remote.gave_up:
            return f"gave up on {endpoint} ({remote.cause})"
        if remote.turned_away:
            return f"turned away by {endpoint} ({remote.cause})"
        if remote.attempts:
            return (
                f"{endpoint}: retrying {remote.attempts}{self._limit}, next in {remote.next_in_ms} ms ({remote.cause})"
            )
        return f"connected to {endpoint}" if remote.connected else f"connecting to {endpoint}"


def _handshake_error(value: int) -> str:
    """NO_DETAIL carries an errno, PROTOCOL a code of libzmq's own."""
    return zmq.strerror(value) if value < zmq.PROTOCOL_ERROR_ZMTP_UNSPECIFIED else f"protocol error {value:#x}"


class Monitor:
    """Drains a socket's monitor into a tracker. Make it before bind or connect; close it before the socket.

    ``inproc`` has no events; the tracker then only knows what it was told.
    """

    def __init__(self, socket: zmq.Socket[bytes], tracker: ConnectionTracker) -> None:
        self._socket = socket
        self._tracker = tracker
        self._monitor = socket.get_monitor_socket()

    def drain(self) -> list[str]:
        """Feed all waiting events; disconnects what was given up; returns the sentences worth telling."""
        told: list[str] = []
        while int(self._monitor.get(zmq.EVENTS)) & zmq.POLLIN:
            event = parse_monitor_message(self._monitor.recv_multipart(zmq.NOBLOCK))
            endpoint = event["endpoint"].decode(errors="replace")
            sentences, abandoned = self._tracker.feed(int(event["event"]), int(event["value"]), endpoint)
            told += sentences
            for gone in abandoned:
                self._disconnect(gone)
        return told

    def _disconnect(self, endpoint: str) -> None:
        try:
            self._socket.disconnect(endpoint)
        except zmq.ZMQError as error:
            # Where it may not reconnect, libzmq has dropped a lost endpoint by itself.
            if error.errno != errno.ENOENT:
                raise

    def close(self) -> None:
        """Stop watching."""
        self._socket.disable_monitor()
        self._monitor.close(linger=0)
