"""Reads how many bytes are in the kernel's buffers of a libzmq connection. Only Linux reports them.

sender -> **kernel's send buffer -> kernel's receive buffer** -> receiver
"""

from __future__ import annotations

import array
import os
import socket
import struct
import sys
from pathlib import Path

from bench_app.capacity.places import KernelView

SUPPORTED = sys.platform.startswith("linux")

_BYTES_RECEIVED = struct.Struct("Q")
_BYTES_RECEIVED_AT = 128
"""Offset of ``tcpi_bytes_received`` in Linux' ``struct tcp_info`` (4.1 and later)."""
_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


class KernelConnection:
    """The receiving end of a connection, opened by the descriptor from libzmq's monitor. Close it after use."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=os.dup(descriptor))
        self._arrived_before = self._bytes_received() or 0

    def view(self) -> KernelView | None:
        """The bytes in the buffers now; None if the system does not report them."""
        unread = self._unread()
        if unread is None:
            return None
        if self._socket.family not in (socket.AF_INET, socket.AF_INET6):
            return KernelView(None, unread, 0)
        received, unacknowledged = self._bytes_received(), self._unacknowledged()
        if received is None or unacknowledged is None:
            return None
        return KernelView(received - self._arrived_before, unread, unacknowledged)

    def close(self) -> None:
        """Close the copy of the descriptor."""
        self._socket.close()

    def _unread(self) -> int | None:
        # These modules exist on Unix only, so the import is local.
        import fcntl
        import termios

        count = array.array("i", [0])
        try:
            fcntl.ioctl(self._socket, termios.FIONREAD, count)
        except OSError:
            return None
        return count[0]

    def _bytes_received(self) -> int | None:
        if self._socket.family not in (socket.AF_INET, socket.AF_INET6):
            return None
        size = _BYTES_RECEIVED_AT + _BYTES_RECEIVED.size
        info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, size)
        if len(info) < size:
            return None
        received: int = _BYTES_RECEIVED.unpack_from(info, _BYTES_RECEIVED_AT)[0]
        return received

    def _unacknowledged(self) -> int | None:
        """Bytes in the sender's transmit queue. Both ends are on this machine, so the kernel also lists the sender."""
        ours, theirs = self._socket.getsockname()[1], self._socket.getpeername()[1]
        for table in _TABLES:
            try:
                lines = Path(table).read_text().splitlines()[1:]
            except OSError:
                continue
            for line in lines:
                fields = line.split()
                if (_port(fields[1]), _port(fields[2])) == (theirs, ours):
                    return int(fields[4].partition(":")[0], 16)
        return None


def connection_at(descriptor: int) -> KernelConnection | None:
    """The connection of a libzmq descriptor; None if the system does not report its buffers."""
    if not SUPPORTED:
        return None
    try:
        return KernelConnection(descriptor)
    except OSError:
        # The connection was closed in the meantime.
        return None


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)
