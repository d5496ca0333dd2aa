"""The bytes in the kernel's buffers of real connections, compared with the bytes that were written."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator

import pytest

from bench_app.capacity.kernel import KernelConnection, connection_at

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux reports its buffers")


@pytest.fixture
def tcp() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A sender and a receiver."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as sender:
        receiver, _ = server.accept()
        with receiver:
            yield sender, receiver


def opened(receiver: socket.socket) -> KernelConnection:
    connection = connection_at(receiver.fileno())
    assert connection is not None
    return connection


def wait_for(connection: KernelConnection, arrived: int) -> None:
    deadline = time.monotonic() + 20
    while (view := connection.view()) is None or view.arrived != arrived:
        assert time.monotonic() < deadline, view


def test_tcp_counts_what_arrived_since_it_was_opened(tcp: tuple[socket.socket, socket.socket]) -> None:
    sender, receiver = tcp
    sender.sendall(bytes(500))
    assert len(receiver.recv(500, socket.MSG_WAITALL)) == 500
    connection = opened(receiver)
    sender.sendall(bytes(3000))
    wait_for(connection, 3000)
    view = connection.view()
    assert view is not None and (view.arrived, view.unread) == (3000, 3000)
    assert len(receiver.recv(1000, socket.MSG_WAITALL)) == 1000
    view = connection.view()
    assert view is not None and (view.arrived, view.unread) == (3000, 2000)
    connection.close()


def test_every_byte_that_tcp_took_is_in_one_of_the_buffers(tcp: tuple[socket.socket, socket.socket]) -> None:
    sender, receiver = tcp
    connection = opened(receiver)
    sender.setblocking(False)
    taken = 0
    view = None
    # Until the sender is refused and the buffers do not change any more.
    while True:
        try:
            taken += sender.send(bytes(65_536))
            continue
        except BlockingIOError:
            before, view = view, connection.view()
            if view is not None and view == before and view.arrived == view.unread:
                break
    assert view.unacknowledged > 0
    assert view.arrived is not None
    # Bytes that arrived also count at the sender until their acknowledgement is back.
    assert max(view.arrived, view.unacknowledged) <= taken <= view.arrived + view.unacknowledged
    connection.close()


def test_a_unix_socket_reports_only_unread_bytes() -> None:
    sender, receiver = socket.socketpair()
    with sender, receiver:
        connection = opened(receiver)
        sender.sendall(bytes(300))
        view = connection.view()
        assert view is not None and (view.arrived, view.unread, view.unacknowledged) == (None, 300, 0)
        connection.close()


def test_closing_keeps_the_descriptor_of_the_socket_open() -> None:
    sender, receiver = socket.socketpair()
    with sender, receiver:
        opened(receiver).close()
        sender.sendall(b"x")
        assert receiver.recv(1) == b"x"


def test_a_closed_descriptor_has_no_connection() -> None:
    read, write = os.pipe()
    os.close(read)
    os.close(write)
    assert connection_at(read) is None
