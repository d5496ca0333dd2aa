"""Decides why a connection ended, by itself or by heartbeats: monitor event -> **probe** -> state.

libzmq emits the same event if a connection is lost and if libzmq drops it because the peer was silent. So the probe
keeps a duplicate of each connection's descriptor, which stays open when libzmq closes its own. With the duplicate, the
kernel still says whether the peer hung up, and when data last came. Descriptors are duplicated only if heartbeats are
on, and on Linux only; elsewhere a silent peer is reported as a lost connection.
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
"""libzmq counts whole milliseconds and the kernel jiffies, so the kernel's time may be a little short of the limit."""


class SilentPeerProbe:
    """The connections of one socket. After a silence of ``limit_ms`` libzmq drops a connection; 0: no heartbeats."""

    def __init__(self, limit_ms: int) -> None:
        self._limit_ms = limit_ms
        self._connections: dict[int, socket.socket] = {}

    def opened(self, descriptor: int) -> None:
        """Remember a new connection of libzmq, by its descriptor."""
        if not self._limit_ms or not SUPPORTED:
            return
        self._forget(descriptor)
        try:
            self._connections[descriptor] = socket.socket(fileno=os.dup(descriptor))
        except OSError:
            # libzmq has closed the descriptor already. In such a short time no peer is silent for too long.
            return

    def closed(self, descriptor: int) -> int:
        """Forget a closed connection; returns its silence in ms if that was the reason, otherwise 0."""
        connection = self._connections.pop(descriptor, None)
        if connection is None:
            return 0
        with connection:
            return self._silence_ms(connection)

    def close(self) -> None:
        """Forget all connections."""
        for descriptor in list(self._connections):
            self._forget(descriptor)

    def _forget(self, descriptor: int) -> None:
        connection = self._connections.pop(descriptor, None)
        if connection is not None:
            connection.close()

    def _silence_ms(self, connection: socket.socket) -> int:
        poll = select.poll()
        poll.register(connection, select.POLLRDHUP)
        # A peer that hung up has ended the connection itself: it was not dropped for silence.
        if poll.poll(0):
            return 0
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            # Only tcp has a time of the last data.
            return self._limit_ms
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
        silent_ms: int = _LAST_DATA_RECEIVED.unpack_from(info, _LAST_DATA_RECEIVED_AT)[0]
        # If libzmq closed the connection for another reason (a message too large), data came a moment ago.
        return silent_ms if silent_ms >= self._limit_ms * _TOLERANCE else 0
