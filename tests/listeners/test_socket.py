"""A listener's socket is opened, opened again, and closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from bench_app.errors import SocketSetupError
from bench_app.handlers import LISTENER_KINDS
from bench_app.listeners.socket import RECONNECT_MS, REPLIES_LINGER_MS, ListenerSocket, listener_plan
from bench_app.model import ListenerSpec
from bench_app.transport.connection import ConnectionState
from bench_app.transport.open_socket import Target
from bench_app.transport.socket_trace import SocketTrace

ANY_PORT = Target(("tcp://127.0.0.1:*",), bind=True)
REFUSED = Target(("tcp://203.0.113.1:5555",), bind=True)


@pytest.fixture
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    with zmq.Context() as context:
        yield context


def pull(context: zmq.Context[zmq.Socket[bytes]], target: Target) -> ListenerSocket:
    return ListenerSocket(LISTENER_KINDS["PULL"], context, target, b"token", SocketTrace(None))


def test_a_bound_socket_takes_its_real_port_again(context: zmq.Context[zmq.Socket[bytes]]) -> None:
    socket = pull(context, ANY_PORT)
    endpoint = socket.open(ListenerSpec(high_water_mark=7))
    assert endpoint != ANY_PORT.endpoints[0]
    assert socket.target == Target((endpoint,), bind=True)
    assert socket.tracker.state is ConnectionState.BOUND
    socket.close()
    assert socket.open(ListenerSpec(high_water_mark=8), patience_s=5) == endpoint
    assert socket.zmq_socket.rcvhwm == 8
    socket.close()


def test_the_monitor_sees_a_peer(context: zmq.Context[zmq.Socket[bytes]]) -> None:
    socket = pull(context, ANY_PORT)
    endpoint = socket.open(ListenerSpec())
    with context.socket(zmq.PUSH) as push:
        push.linger = 0
        push.connect(endpoint)
        messages: list[str] = []
        while not messages:
            messages = socket.poll_monitor()
    assert messages == [f"a peer connected to {endpoint} (1 now)"]
    assert socket.tracker.peers == 1
    socket.close()
    assert socket.poll_monitor() == []


def test_a_socket_that_cannot_be_opened_has_no_connections(context: zmq.Context[zmq.Socket[bytes]]) -> None:
    socket = pull(context, ANY_PORT)
    socket.open(ListenerSpec())
    socket.close()
    socket.target = REFUSED
    with pytest.raises(SocketSetupError):
        socket.open(ListenerSpec())
    assert socket.tracker.state is ConnectionState.IDLE
    assert socket.target == REFUSED
    socket.close()


def test_closing_removes_the_file_of_an_ipc_endpoint(context: zmq.Context[zmq.Socket[bytes]], tmp_path: Path) -> None:
    file = tmp_path / "socket"
    socket = pull(context, Target((f"ipc://{file}",), bind=True))
    socket.open(ListenerSpec())
    assert file.exists()
    socket.close()
    assert not file.exists()


def test_only_a_socket_with_replies_lingers() -> None:
    plans = {name: listener_plan(kind, ListenerSpec(), ANY_PORT, b"token") for name, kind in LISTENER_KINDS.items()}
    assert {name: plan.linger_ms for name, plan in plans.items()} == {"SUB": 0, "PULL": 0, "REP": REPLIES_LINGER_MS}
    assert {plan.reconnect_ms for plan in plans.values()} == {RECONNECT_MS}
    assert {plan.max_attempts for plan in plans.values()} == {-1}
