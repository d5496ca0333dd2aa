"""Bind and connect: the real endpoint on success, and the reason on failure."""

from __future__ import annotations

import errno
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import zmq

from bench_app.errors import SocketSetupError
from bench_app.transport.bind import BIND_FAILURES, CHOSEN_PORT, bind_socket, connect_socket
from tests.transport.connections import Socket


class Unbindable:
    """A socket whose bind fails with the given errno."""

    def __init__(self, number: int) -> None:
        self._number = number

    def bind(self, endpoint: str) -> None:
        raise zmq.ZMQError(self._number)


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "tcp://127.0.0.1:0"])
def test_bind_returns_the_real_port(context: zmq.Context[Socket], endpoint: str) -> None:
    with context.socket(zmq.PULL) as socket:
        bound = bind_socket(socket, endpoint)
        assert bound.startswith("tcp://127.0.0.1:")
        assert int(bound.rpartition(":")[2]) > 0


def test_an_address_in_use_is_waited_for(context: zmq.Context[Socket]) -> None:
    with context.socket(zmq.PULL) as holder, context.socket(zmq.PULL) as next_one:
        endpoint = bind_socket(holder, "tcp://127.0.0.1:*")
        timer = threading.Timer(0.05, holder.close)
        timer.start()
        try:
            assert bind_socket(next_one, endpoint, patience_s=10.0) == endpoint
        finally:
            timer.join()


@pytest.mark.parametrize("transport", ["tcp", "ipc", "inproc"])
def test_without_patience_an_address_in_use_fails_at_once(
    context: zmq.Context[Socket], transport: str, tmp_path: Path
) -> None:
    wanted = {"tcp": "tcp://127.0.0.1:*", "ipc": f"ipc://{tmp_path}/x", "inproc": "inproc://x"}[transport]
    with context.socket(zmq.PULL) as holder, context.socket(zmq.PULL) as other:
        endpoint = bind_socket(holder, wanted)
        with pytest.raises(SocketSetupError, match=f"cannot bind {endpoint}: address already in use: "):
            bind_socket(other, endpoint)


def test_patience_has_an_end(context: zmq.Context[Socket]) -> None:
    with context.socket(zmq.PULL) as holder, context.socket(zmq.PULL) as other:
        endpoint = bind_socket(holder, "tcp://127.0.0.1:*")
        began_s = time.monotonic()
        with pytest.raises(SocketSetupError, match="address already in use"):
            bind_socket(other, endpoint, patience_s=0.1)
        assert time.monotonic() - began_s >= 0.1


@pytest.mark.parametrize("number", BIND_FAILURES)
def test_a_failed_bind_explains_the_errno(number: int) -> None:
    socket: Any = Unbindable(number)
    with pytest.raises(SocketSetupError) as caught:
        bind_socket(socket, "tcp://some-name:9")
    assert str(caught.value) == f"cannot bind tcp://some-name:9: {BIND_FAILURES[number]}"


def test_an_errno_without_an_explanation_has_the_text_of_the_system() -> None:
    socket: Any = Unbindable(errno.ENOTSUP)
    with pytest.raises(SocketSetupError, match=zmq.strerror(errno.ENOTSUP)):
        bind_socket(socket, "tcp://some-name:9")


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [("tcp://127.0.0.1:9", "address already in use"), ("tcp://some-name:9", "the name does not resolve")],
)
def test_the_reason_of_a_bind_for_which_libzmq_reports_eagain(endpoint: str, reason: str) -> None:
    # libzmq sometimes reports EAGAIN when the address is in use.
    socket: Any = Unbindable(errno.EAGAIN)
    with pytest.raises(SocketSetupError, match=reason):
        bind_socket(socket, endpoint)


def test_connecting_needs_no_peer(context: zmq.Context[Socket]) -> None:
    with context.socket(zmq.PUSH) as socket:
        socket.linger = 0
        connect_socket(socket, "ipc://@zmq-bench-unbound")


def test_an_endpoint_that_can_never_work_is_a_failure(context: zmq.Context[Socket]) -> None:
    with context.socket(zmq.PUSH) as socket, pytest.raises(SocketSetupError, match="cannot connect to no-transport: "):
        connect_socket(socket, "no-transport")


def test_a_chosen_port_is_only_for_a_socket_that_binds(context: zmq.Context[Socket]) -> None:
    with context.socket(zmq.PUSH) as socket, pytest.raises(SocketSetupError) as caught:
        connect_socket(socket, "tcp://127.0.0.1:*")
    assert str(caught.value) == f"cannot connect to tcp://127.0.0.1:*: {CHOSEN_PORT}"
