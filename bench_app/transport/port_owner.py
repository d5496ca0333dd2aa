"""Who has an address that is in use, in a sentence: as far as the system tells (Linux does).

Nothing here raises: what cannot be found out is said to be another process.
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

UNKNOWN = "another process or another handler listens there"

_PROC = Path("/proc")
_LISTENING = "0A"
_UCRED = struct.Struct("3i")
_WORKER = "bench_app.engine.worker"


def find_port_owner(endpoint: str) -> str:
    """Such as ``python3 (process 4242) listens there``, for a tcp or ipc endpoint one could not bind."""
    try:
        transport, _, address = endpoint.partition("://")
        if transport == "tcp":
            return _tcp_listener(address.rpartition(":")[2])
        if transport == "ipc":
            return _ipc_listener(address)
    except (OSError, ValueError, IndexError):
        pass
    return UNKNOWN


def _tcp_listener(port: str) -> str:
    if not port.isdigit() or not sys.platform.startswith("linux"):
        return UNKNOWN
    sockets = dict(_listening_sockets(int(port)))
    for pid in _processes():
        if _has_one_of(pid, set(sockets)):
            return _told(pid)
    others = sorted(set(sockets.values()) - {os.getuid()})
    if not others:
        return UNKNOWN
    return f"a process of {_user_name(others[0])} listens there; the system does not tell which"


def _listening_sockets(port: int) -> Iterator[tuple[str, int]]:
    """Inode and user of every socket that listens at a port, whatever the interface."""
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (_PROC / "net" / table).read_text().splitlines()[1:]:
                cells = line.split()
                if cells[3] == _LISTENING and int(cells[1].rpartition(":")[2], 16) == port:
                    yield cells[9], int(cells[7])


def _processes() -> list[int]:
    """All processes, this one first: an address is most often taken by oneself."""
    own = os.getpid()
    return [own, *(int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit() and int(entry.name) != own)]


def _has_one_of(pid: int, inodes: set[str]) -> bool:
    wanted = {f"socket:[{inode}]" for inode in inodes}
    # What belongs to others may not be looked into, and what ends meanwhile is gone.
    with contextlib.suppress(OSError):
        for entry in (_PROC / str(pid) / "fd").iterdir():
            with contextlib.suppress(OSError):
                if str(entry.readlink()) in wanted:
                    return True
    return False


def _ipc_listener(path: str) -> str:
    if not hasattr(socket, "SO_PEERCRED"):
        return UNKNOWN
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        probe.connect("\0" + path[1:] if path.startswith("@") else path)
        credentials = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    pid: int = _UCRED.unpack(credentials)[0]
    return _told(pid) if pid > 0 else UNKNOWN


def _told(pid: int) -> str:
    if pid == os.getpid():
        return f"another handler or listener of this very process ({pid}) listens there"
    if _is_sibling(pid):
        return f"another handler or listener of this run (process {pid}) listens there"
    name = ""
    with contextlib.suppress(OSError):
        name = (_PROC / str(pid) / "comm").read_text(errors="replace").strip()
    return f"{name or 'another program'} (process {pid}) listens there"


def _is_sibling(pid: int) -> bool:
    """Whether this is a worker process, and that one is one with the same parent."""
    with contextlib.suppress(OSError):
        commands = [(_PROC / str(one) / "cmdline").read_bytes().decode(errors="replace") for one in (os.getpid(), pid)]
        status = (_PROC / str(pid) / "status").read_text(errors="replace")
        parent = re.search(r"^PPid:\s*(\d+)", status, re.MULTILINE)
        same_parent = parent is not None and int(parent[1]) == os.getppid()
        return same_parent and all(_WORKER in command for command in commands)
    return False


def _user_name(uid: int) -> str:
    with contextlib.suppress(ImportError, KeyError):
        import pwd

        return f"user {pwd.getpwuid(uid).pw_name}"
    return f"user {uid}"
