"""How many bytes the kernel's buffers of local connections hold, and the most that they can hold.

sender -> **kernel's send buffer -> kernel's receive buffer** -> receiver

Linux reports the contents by netlink (``sock_diag``), to any user. Elsewhere, and where netlink is closed, only the
limits are known.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

UNKNOWN_SYSTEM_BYTES = 64 * 1024 * 1024
"""More than the two buffers of a connection hold on any usual system; for a system that does not tell."""
_ONE_SEGMENT_BYTES = 1024 * 1024
"""A buffer may exceed its limit by one segment."""
_SOCK_DIAG = 4
_BY_FAMILY = 20
_REQUEST_DUMP = 0x301
_ERROR, _DONE = 2, 3
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBxI48s")
_PORTS = struct.Struct("!HH")
_PORTS_AT = _HEADER.size + 4
_QUEUES = struct.Struct("=II")
_QUEUES_AT = _HEADER.size + 4 + 48 + 4
_EVERY_STATE = 0xFFFFFFFF
_LONGEST_WAIT_S = 0.2


def tcp_bytes_held(port: int) -> int | None:
    """The bytes in both buffers of the fullest connection to ``port`` of this machine.

    None if the system does not report them, or there is no such connection. Bytes on their way from one buffer to the
    other could be missed, so the buffers are read twice, and each counts with its fuller reading.
    """
    first, second = _read_queues(port), _read_queues(port)
    if not first and not second:
        return None
    held: dict[frozenset[tuple[int, int]], int] = {}
    for pair in {*first, *second}:
        receive, send = (max(one) for one in zip(first.get(pair, (0, 0)), second.get(pair, (0, 0)), strict=True))
        connection = frozenset((pair, pair[::-1]))
        held[connection] = held.get(connection, 0) + receive + send
    return max(held.values())


def tcp_limit_bytes(send_buffer: int, receive_buffer: int) -> int:
    """The most bytes that both buffers of a tcp connection can hold. A size of 0 is the system's own choice."""
    send = 2 * send_buffer or _last_number("/proc/sys/net/ipv4/tcp_wmem")
    receive = 2 * receive_buffer or _last_number("/proc/sys/net/ipv4/tcp_rmem")
    return UNKNOWN_SYSTEM_BYTES if send is None or receive is None else send + receive + 2 * _ONE_SEGMENT_BYTES


def ipc_limit_bytes(send_buffer: int) -> int:
    """The most bytes that the one buffer of an ipc connection can hold; a size of 0 is the system's own choice."""
    send = 2 * send_buffer or _last_number("/proc/sys/net/core/wmem_default")
    return UNKNOWN_SYSTEM_BYTES if send is None else send + _ONE_SEGMENT_BYTES // 8


def _last_number(path: str) -> int | None:
    try:
        return int(Path(path).read_text().split()[-1])
    except (OSError, ValueError, IndexError):
        return None


def _read_queues(port: int) -> dict[tuple[int, int], tuple[int, int]]:
    """The bytes in receive queue and send queue of each tcp socket with this port, by own and other port."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    if sys.platform != "linux":
        return found
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as netlink:
            netlink.settimeout(_LONGEST_WAIT_S)
            for family in (socket.AF_INET, socket.AF_INET6):
                request = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, _EVERY_STATE, b"\0" * 40 + b"\xff" * 8)
                size = _HEADER.size + len(request)
                netlink.send(_HEADER.pack(size, _BY_FAMILY, _REQUEST_DUMP, 1, 0) + request)
                for message in _answers(netlink):
                    pair = _PORTS.unpack_from(message, _PORTS_AT)
                    # A listening socket has no other end, and its queues count connections.
                    if port in pair and pair[1]:
                        found[pair] = _QUEUES.unpack_from(message, _QUEUES_AT)
    except (OSError, struct.error):
        return {}
    return found


def _answers(netlink: socket.socket) -> Iterator[memoryview]:
    """The messages of one dump; raises OSError if the kernel refuses it."""
    while True:
        batch = memoryview(netlink.recv(1 << 17))
        while len(batch) >= _HEADER.size:
            size, kind, *_ = _HEADER.unpack_from(batch)
            if kind == _DONE:
                return
            if kind == _ERROR or size < _HEADER.size:
                raise OSError("the kernel does not report sockets")
            yield batch[:size]
            batch = batch[(size + 3) & ~3 :]
