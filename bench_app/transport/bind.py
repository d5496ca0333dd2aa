"""Setting sockets up: bind and connect with failures told as sentences; handlers and listeners both use it."""

from __future__ import annotations

import errno
import socket as unix
import time

import zmq

from bench_app.errors import SocketSetupError
from bench_app.model import socket_options
from bench_app.transport.endpoint import is_address
from bench_app.transport.ipc_file import one_at_a_time
from bench_app.transport.port_owner import find_port_owner

MAX_MESSAGE_BYTES = socket_options.MAX_MESSAGE_BYTES

_BIND_SENTENCES = {
    errno.EADDRNOTAVAIL: "this machine has no such address",
    errno.ENODEV: "this machine has no such address or interface",
    errno.EAGAIN: "the name does not resolve",
    errno.EACCES: "permission denied",
    errno.ENOENT: "the folder does not exist",
    errno.EINVAL: "not an address one can listen at",
    errno.EPROTONOSUPPORT: "this transport is not available here",
    errno.EMFILE: "too many open files",
}


def bind(socket: zmq.Socket[bytes], endpoint: str, patience_s: float = 0.0) -> str:
    """Bind, and return the endpoint with its real port; raises SocketSetupError.

    ``patience_s`` is for a socket that takes the place of one just closed: libzmq frees an address in the background.
    """
    if not endpoint.startswith("ipc://"):
        return _bind(socket, endpoint, patience_s)
    with one_at_a_time(endpoint):
        if _somebody_listens(endpoint.removeprefix("ipc://")):
            # libzmq would unlink the path and silently take it over.
            raise SocketSetupError(f"cannot bind {endpoint}: address already in use: {find_port_owner(endpoint)}")
        return _bind(socket, endpoint, patience_s)


def _bind(socket: zmq.Socket[bytes], endpoint: str, patience_s: float) -> str:
    give_up_at = time.monotonic() + patience_s
    while True:
        try:
            socket.bind(endpoint)
        except zmq.ZMQError as error:
            taken = _says_taken(error, endpoint)
            if taken and time.monotonic() < give_up_at:
                time.sleep(0.005)
                continue
            why = f"address already in use: {find_port_owner(endpoint)}" if taken else _sentence(error)
            raise SocketSetupError(f"cannot bind {endpoint}: {why}") from error
        bound = socket.get(zmq.LAST_ENDPOINT)
        assert isinstance(bound, bytes)
        return bound.rstrip(b"\x00").decode()


def connect(socket: zmq.Socket[bytes], endpoint: str) -> None:
    """Connect; raises SocketSetupError only for what can never work, since connecting itself happens later."""
    try:
        socket.connect(endpoint)
    except zmq.ZMQError as error:
        raise SocketSetupError(f"cannot connect to {endpoint}: {_sentence(error)}") from error


def use_ipv6(socket: zmq.Socket[bytes], endpoint: str, wanted: socket_options.Switch = "auto") -> None:
    """Switch IPv6 on or off, or, as it is by itself, on where the endpoint names an IPv6 address."""
    socket.ipv6 = endpoint.startswith("tcp://[") if wanted == "auto" else wanted == "on"


def _says_taken(error: zmq.ZMQError, endpoint: str) -> bool:
    """libzmq now and then loses the reason and says EAGAIN, which for an address in figures can mean nothing else."""
    in_figures = endpoint.startswith("tcp://") and is_address(endpoint.removeprefix("tcp://").rpartition(":")[0])
    return error.errno == errno.EADDRINUSE or (error.errno == errno.EAGAIN and in_figures)


def _sentence(error: zmq.ZMQError) -> str:
    return _BIND_SENTENCES.get(error.errno or 0, str(error))


def _somebody_listens(path: str) -> bool:
    if not hasattr(unix, "AF_UNIX"):
        return False
    address = "\0" + path[1:] if path.startswith("@") else path
    with unix.socket(unix.AF_UNIX, unix.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(address)
        except (BlockingIOError, TimeoutError):
            # Somebody does, and has not yet come to whoever called before.
            return True
        except OSError:
            return False
        return True
