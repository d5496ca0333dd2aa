"""Finds the owner of an address in use: failed bind -> **owner** -> message. Only Linux shows the owner.

Nothing here raises: if the owner cannot be found, the message names "another process".
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from bench_app.transport.endpoint_parts import parts_of, unix_address

UNKNOWN = "another process or another handler listens there"

PROC = Path("/proc")
"""Where Linux shows its processes and sockets."""
_LISTENING = "0A"
_UCRED = struct.Struct("3i")
_WORKER = "bench_app.engine.worker"


def find_port_owner(endpoint: str) -> str:
    """A message such as ``python3 (process 4242) listens there``, for a tcp or ipc endpoint in use."""
    try:
        parts = parts_of(endpoint)
        if parts.transport == "tcp":
            return _tcp_listener(parts.port)
        if parts.transport == "ipc":
            return _ipc_listener(parts.address)
    except (OSError, ValueError, IndexError):
        pass
    return UNKNOWN


def _tcp_listener(port: str) -> str:
    if not port.isdigit() or not sys.platform.startswith("linux"):
        return UNKNOWN
    sockets = dict(_listening_sockets(int(port)))
    for pid in _processes():
        if _has_one_of(pid, set(sockets)):
            return _format_owner(pid)
    others = sorted(set(sockets.values()) - {os.getuid()})
    if not others:
        return UNKNOWN
    return f"a process of {_user_name(others[0])} listens there; the system does not show which"


def _listening_sockets(port: int) -> Iterator[tuple[str, int]]:
    """Inode and user of every socket that listens at a port, on any interface."""
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                cells = line.split()
                if cells[3] == _LISTENING and int(cells[1].rpartition(":")[2], 16) == port:
                    yield cells[9], int(cells[7])


def _processes() -> list[int]:
    """All processes, this one first: it owns the address most often."""
    own = os.getpid()
    return [own, *(int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit() and int(entry.name) != own)]


def _has_one_of(pid: int, inodes: set[str]) -> bool:
    wanted = {f"socket:[{inode}]" for inode in inodes}
    # A process of another user cannot be read, and a process may end meanwhile.
    with contextlib.suppress(OSError):
        for entry in (PROC / str(pid) / "fd").iterdir():
            with contextlib.suppress(OSError):
                if str(entry.readlink()) in wanted:
                    return True
    return False


def _ipc_listener(path: str) -> str:
    if not hasattr(socket, "SO_PEERCRED"):
        return UNKNOWN
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        probe.connect(unix_address(path))
        credentials = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    pid: int = _UCRED.unpack(credentials)[0]
    return _format_owner(pid) if pid > 0 else UNKNOWN


def _format_owner(pid: int) -> str:
    if pid == os.getpid():
        return f"another handler or listener of this very process ({pid}) listens there"
    if _is_sibling(pid):
        return f"another handler or listener of this run (process {pid}) listens there"
    name = ""
    with contextlib.suppress(OSError):
        name = (PROC / str(pid) / "comm").read_text(errors="replace").strip()
    return f"{name or 'another program'} (process {pid}) listens there"


def _is_sibling(pid: int) -> bool:
    """Whether this process and ``pid`` are workers of the same session."""
    with contextlib.suppress(OSError):
        commands = [(PROC / str(one) / "cmdline").read_bytes().decode(errors="replace") for one in (os.getpid(), pid)]
        status = (PROC / str(pid) / "status").read_text(errors="replace")
        parent = re.search(r"^PPid:\s*(\d+)", status, re.MULTILINE)
        same_parent = parent is not None and int(parent[1]) == os.getppid()
        return same_parent and all(_WORKER in command for command in commands)
    return False


def _user_name(uid: int) -> str:
    with contextlib.suppress(ImportError, KeyError):
        import pwd

        return f"user {pwd.getpwuid(uid).pw_name}"
    return f"user {uid}"
