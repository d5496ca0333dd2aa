"""What the kernel holds for a connection of this machine."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench_app.system import socket_buffers
from bench_app.system.socket_buffers import ipc_limit_bytes, tcp_bytes_held, tcp_limit_bytes


@pytest.fixture(params=["127.0.0.1", "::1"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, socket.socket]]:
    """The accepted and the connecting end of a connection."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with closing(socket.socket(family)) as listening:
        try:
            listening.bind((request.param, 0))
        except OSError:
            pytest.skip("no ipv6")
        listening.listen()
        with (
            socket.create_connection(listening.getsockname()[:2]) as connecting,
            closing(listening.accept()[0]) as accepted,
        ):
            yield accepted, connecting


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports the contents")
def test_the_bytes_that_nobody_read_are_held(ends: tuple[socket.socket, socket.socket]) -> None:
    accepted, _ = ends
    port = accepted.getsockname()[1]
    if tcp_bytes_held(port) is None:
        pytest.skip("this system closes netlink")
    accepted.sendall(bytes(5000))
    assert tcp_bytes_held(port) in range(5000, 10_001)
    accepted.setblocking(False)
    sent = 5000
    try:
        while True:
            sent += accepted.send(bytes(65_536))
    except BlockingIOError:
        pass
    held = tcp_bytes_held(port)
    assert held is not None and held >= sent
    assert held <= tcp_limit_bytes(0, 0)


def test_a_port_without_a_connection_has_no_figure() -> None:
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        assert tcp_bytes_held(listening.getsockname()[1]) is None


def test_without_netlink_there_is_no_figure(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> socket.socket:
        raise PermissionError

    port = ends[0].getsockname()[1]
    monkeypatch.setattr(socket_buffers.socket, "socket", refuse)
    assert tcp_bytes_held(port) is None


def test_buffers_of_a_set_size_hold_twice_as_much_and_a_segment() -> None:
    # The kernel doubles the size that a program asks for.
    assert tcp_limit_bytes(4096, 8192) == 2 * (4096 + 8192) + 2 * 1024 * 1024
    assert ipc_limit_bytes(4096) == 2 * 4096 + 128 * 1024


def test_a_system_that_tells_nothing_has_a_generous_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> str:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_text", refuse)
    assert tcp_limit_bytes(0, 0) == ipc_limit_bytes(0) == socket_buffers.UNKNOWN_SYSTEM_BYTES
