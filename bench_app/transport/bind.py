"""Binds and connects a socket: handler's **socket** ~~> listener's **socket**. An error has the reason as text."""

from __future__ import annotations

import errno
import socket as unix
import time
from pathlib import Path

import zmq

from bench_app.errors import SocketSetupError
from bench_app.transport.endpoint import is_address
from bench_app.transport.endpoint_parts import ipc_path, parts_of, unix_address
from bench_app.transport.ipc_file import bind_lock
from bench_app.transport.port_owner import find_port_owner

RETRY_S = 0.005
"""Pause between two attempts to bind an address that is still in use."""
PROBE_LIMIT_S = 1.0
"""How long a probe of an ipc path waits for an answer. If none comes, a socket is assumed to listen there."""

BIND_FAILURES = {
    errno.EADDRNOTAVAIL: "this machine has no such address",
    errno.ENODEV: "this machine has no such address or interface",
    errno.EAGAIN: "the name does not resolve",
    errno.EACCES: "permission denied",
    errno.ENOENT: "the folder does not exist",
    errno.EINVAL: "not an address that a socket can use",
    errno.EPROTONOSUPPORT: "this transport is not available here",
    errno.EMFILE: "too many open files",
}
"""What an errno means when a socket cannot be bound. An address in use is missing here: its message names the owner."""
CHOSEN_PORT = 'only a socket that binds can have the port *: set mode "bind"'


def bind_socket(socket: zmq.Socket[bytes], endpoint: str, patience_s: float = 0.0) -> str:
    """Bind, and return the endpoint with its real port; raises SocketSetupError.

    ``patience_s`` is how long to wait for an address in use. libzmq frees the address of a closed socket only in the
    background, so the address may still be in use for a moment when another socket takes it.
    """
    path = ipc_path(endpoint)
    if path is None:
        return _bind_with_patience(socket, endpoint, patience_s)
    # Without this check, libzmq would unlink the file of another socket and silently take its path over.
    with bind_lock(endpoint):
        if _has_listener(path):
            raise SocketSetupError(f"cannot bind {endpoint}: address already in use: {find_port_owner(endpoint)}")
        return _bind_with_patience(socket, endpoint, patience_s)


def connect_socket(socket: zmq.Socket[bytes], endpoint: str) -> None:
    """Connect, without waiting for a peer. Raises SocketSetupError for an endpoint that can never be connected to."""
    try:
        socket.connect(endpoint)
    except zmq.ZMQError as error:
        why = CHOSEN_PORT if parts_of(endpoint).port in {"*", "0"} else _reason(error, endpoint)
        raise SocketSetupError(f"cannot connect to {endpoint}: {why}") from error


def _bind_with_patience(socket: zmq.Socket[bytes], endpoint: str, patience_s: float) -> str:
    give_up_at = time.monotonic() + patience_s
    while True:
        try:
            socket.bind(endpoint)
        except zmq.ZMQError as error:
            is_in_use = _is_in_use(error, endpoint)
            if is_in_use and time.monotonic() < give_up_at:
                time.sleep(RETRY_S)
                continue
            why = f"address already in use: {find_port_owner(endpoint)}" if is_in_use else _reason(error, endpoint)
            raise SocketSetupError(f"cannot bind {endpoint}: {why}") from error
        bound = socket.get(zmq.LAST_ENDPOINT)
        assert isinstance(bound, bytes)
        return bound.rstrip(b"\x00").decode()


def _is_in_use(error: zmq.ZMQError, endpoint: str) -> bool:
    # libzmq sometimes reports EAGAIN instead of the reason. For a host name it means that the name does not resolve. A
    # numeric address needs no lookup, so for such an address it means that the address is in use.
    is_numeric = is_address(parts_of(endpoint).host)
    return error.errno == errno.EADDRINUSE or (error.errno == errno.EAGAIN and is_numeric)


def _reason(error: zmq.ZMQError, endpoint: str) -> str:
    path = ipc_path(endpoint)
    if path is not None and not path.startswith("@") and not Path(path).parent.is_dir():
        # pyzmq reads the number of this error late: after an import, which may have changed it (PySide6's does).
        return BIND_FAILURES[errno.ENOENT]
    return BIND_FAILURES.get(error.errno or 0, str(error))


def _has_listener(path: str) -> bool:
    """Whether a socket listens at an ipc path."""
    if not hasattr(unix, "AF_UNIX"):
        return False
    with unix.socket(unix.AF_UNIX, unix.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_LIMIT_S)
        try:
            probe.connect(unix_address(path))
        except (BlockingIOError, TimeoutError):
            # A socket listens there, and its queue of connections is full.
            return True
        except OSError:
            return False
        return True
