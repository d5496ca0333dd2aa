"""The endpoint that a socket binds: monitor events -> **peers** -> state and messages of the socket.

Pure: events go in, messages come out. The counterpart of :mod:`bench_app.transport.connect_attempts`.
"""

from __future__ import annotations

import zmq

from bench_app.transport import handshake


class BoundEndpoint:
    """One bound endpoint: its connected peers, and the number of peers that were turned away."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._pending: list[int] = []
        """Descriptors of the connections whose handshake is not complete, in the order of their arrival."""
        self._connected: set[int] = set()
        """Descriptors of the connections whose handshake is complete."""
        self._refusal = ""
        """Why the last handshake failed: the reason for the disconnection that follows."""
        self._turned_away = 0
        self._reported_reasons: set[str] = set()

    @property
    def peers(self) -> int:
        """How many peers are connected now."""
        return len(self._connected)

    def describe(self) -> str:
        """The state of the endpoint as text for the user."""
        away = f", {self._turned_away} turned away" if self._turned_away else ""
        return f"bound to {self._endpoint}, {self.peers} connected{away}"

    def feed(self, event: int, value: int, silent_ms: int) -> list[str]:
        """Update with one monitor event; returns the messages to log.

        ``silent_ms`` is as for :meth:`bench_app.transport.connection.ConnectionTracker.feed`.
        """
        match event:
            case zmq.EVENT_ACCEPTED:
                self._pending.append(value)
            case zmq.EVENT_HANDSHAKE_SUCCEEDED if self._pending:
                # This event does not name its connection. Handshakes end in the order of arrival, so it is the oldest.
                self._connected.add(self._pending.pop(0))
                return [f"a peer connected to {self._endpoint} ({self.peers} now)"]
            case zmq.EVENT_DISCONNECTED if value in self._pending:
                self._pending.remove(value)
                return self._turn_away()
            case zmq.EVENT_DISCONNECTED if value in self._connected:
                self._connected.remove(value)
                if silent_ms:
                    return [f"peer silent for {silent_ms} ms: dropped by {self._endpoint} ({self.peers} now)"]
                return [f"a peer left {self._endpoint} ({self.peers} now)"]
            case zmq.EVENT_ACCEPT_FAILED:
                return [f"{self._endpoint} could not accept a connection: {zmq.strerror(value)}"]
            case _ if reason := handshake.failure_of(event, value):
                self._refusal = reason
            case _:
                pass
        return []

    def _turn_away(self) -> list[str]:
        """Count a peer that left before its handshake was complete.

        Each reason is reported once, because such a peer may connect again and again.
        """
        reason, self._refusal = self._refusal, ""
        self._turned_away += 1
        if reason in self._reported_reasons:
            return []
        self._reported_reasons.add(reason)
        if reason:
            return [f"a peer did not get into {self._endpoint}: {reason}"]
        return [f"a peer of another socket type was turned away from {self._endpoint}"]
