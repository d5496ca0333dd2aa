"""An address in use: its owner, as far as the system shows it."""

from __future__ import annotations

import os
import socket as unix
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zmq

from bench_app.errors import SocketSetupError
from bench_app.transport import port_owner
from bench_app.transport.bind import bind_socket
from bench_app.transport.port_owner import UNKNOWN, find_port_owner

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux shows the owner")

_LISTENER = """
import sys, zmq
socket = zmq.Context().socket(zmq.PULL)
socket.bind(sys.argv[1])
print(socket.last_endpoint.decode(), flush=True)
sys.stdin.read()
"""


@contextmanager
def process_at(place: str) -> Iterator[tuple[int, str]]:
    """A process that listens at ``place``; yields its id and its endpoint."""
    command = [sys.executable, "-c", _LISTENER, place]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.pid, process.stdout.readline().strip()
        finally:
            process.kill()


def bind_at(endpoint: str) -> str:
    """The error of a bind to an address in use."""
    with zmq.Context() as context, context.socket(zmq.PULL) as socket:
        with pytest.raises(SocketSetupError) as caught:
            bind_socket(socket, endpoint)
        return str(caught.value)


@linux_only
@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_another_process_is_named(transport: str, tmp_path: Path) -> None:
    with process_at("tcp://127.0.0.1:*" if transport == "tcp" else f"ipc://{tmp_path}/taken") as (pid, endpoint):
        why = bind_at(endpoint)
    assert why.startswith(f"cannot bind {endpoint}: address already in use: ")
    assert why.endswith(f" (process {pid}) listens there")


@linux_only
def test_this_process_is_found_by_the_port_alone() -> None:
    with unix.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert find_port_owner(f"tcp://*:{port}") == find_port_owner(f"tcp://127.0.0.1:{port}")
        assert f"this very process ({os.getpid()})" in bind_at(f"tcp://127.0.0.1:{port}")


@linux_only
def test_a_port_that_is_bound_without_a_listener_has_an_unknown_owner() -> None:
    with unix.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        assert bind_at(f"tcp://127.0.0.1:{holder.getsockname()[1]}").endswith(UNKNOWN)


@pytest.mark.parametrize(
    "endpoint", ["", "tcp://", "tcp://*:*", "tcp://[::1]:x", "ipc://", "ipc:///no/such", "inproc://a"]
)
def test_an_endpoint_without_a_known_owner_raises_no_error(endpoint: str) -> None:
    assert find_port_owner(endpoint) == UNKNOWN


@linux_only
def test_without_proc_the_owner_is_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(port_owner, "PROC", tmp_path)
    with unix.create_server(("127.0.0.1", 0)) as server:
        assert find_port_owner(f"tcp://127.0.0.1:{server.getsockname()[1]}") == UNKNOWN


@linux_only
def test_a_process_that_may_not_be_read_is_named_by_its_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = tmp_path / "net"
    table.mkdir()
    row = "   0: 0100007F:15B3 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {uid} 0 4711 1 0 100 0"
    uid = os.getuid() + 4_000_000
    (table / "tcp").write_text(f"  sl  local_address ...\n{row.format(uid=uid)}\n")
    monkeypatch.setattr(port_owner, "PROC", tmp_path)
    owner = find_port_owner("tcp://127.0.0.1:5555")
    assert owner == f"a process of user {uid} listens there; the system does not show which"
