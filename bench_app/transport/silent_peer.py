"""Was a connection lost, or dropped because its peer was silent? libzmq tells both by the same event.

socket monitor -> **silence** -> connection states. A duplicate of each connection's descriptor outlives libzmq's own
for as long as it takes to ask the kernel whether the peer had hung up, and when it was last heard of. It is made only
where heartbeats are on, and on Linux only: elsewhere a silent peer is told as a lost connection.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import sys

SUPPORTED = sys.platform.startswith("linux")

_LAST_DATA_RECEIVED = struct.Struct("I")
_LAST_DATA_RECEIVED_AT = 52
"""Where ``tcpi_last_data_recv`` (ms) lies in Linux' ``struct tcp_info``."""
_TOLERANCE = 0.9
"""Timers of libzmq count whole milliseconds, those of the kernel jiffies."""


class SilentPeerProbe:
    """The connections of one socket. ``limit_ms`` is the silence after which libzmq drops one; 0 watches nothing."""

    def __init__(self, limit_ms: int) -> None:
        self._limit_ms = limit_ms
        self._connections: dict[int, socket.socket] = {}

    def opened(self, descriptor: int) -> None:
        """libzmq has a new connection at this descriptor."""
        if not self._limit_ms or not SUPPORTED:
            return
        self._forget(descriptor)
        try:
            self._connections[descriptor] = socket.socket(fileno=os.dup(descriptor))
        except OSError:
            # Closed again already; whether its peer was silent will not be known, but it hardly can have been.
            return

    def closed(self, descriptor: int) -> int:
        """libzmq has closed a connection; for how many ms its peer had been silent if that was why, else 0."""
        connection = self._connections.pop(descriptor, None)
        if connection is None:
            return 0
        with connection:
            return self._silence_ms(connection)

    def close(self) -> None:
        """Let all go."""
        for descriptor in list(self._connections):
            self._forget(descriptor)

    def _forget(self, descriptor: int) -> None:
        connection = self._connections.pop(descriptor, None)
        if connection is not None:
            connection.close()

    def _silence_ms(self, connection: socket.socket) -> int:
        poll = select.poll()
        poll.register(connection, select.POLLRDHUP)
        if poll.poll(0):
            return 0
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            return self._limit_ms
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
        silent_ms: int = _LAST_DATA_RECEIVED.unpack_from(info, _LAST_DATA_RECEIVED_AT)[0]
        # A connection that libzmq closed for another reason (a message too large, say) was heard of a moment ago.
        return silent_ms if silent_ms >= self._limit_ms * _TOLERANCE else 0
