"""A handler's socket is opened, recreated at the same endpoint, moved, and closed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
import zmq

from bench_app.errors import SocketSetupError
from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.socket import HandlerPort, HandlerSocket
from bench_app.model import HandlerBench, HandlerConfig, SocketType
from bench_app.transport.connection import ConnectionState
from bench_app.transport.open_socket import Target
from bench_app.transport.stamp import Identity

Socket = zmq.Socket[bytes]
Makes = Callable[..., HandlerSocket]
ANY_PORT = Target(("tcp://127.0.0.1:*",), bind=True)
CONFIG = HandlerConfig(linger=0, reconnect_interval=10)
LIMIT_S = 60.0


@pytest.fixture
def context() -> Iterator[zmq.Context[Socket]]:
    with zmq.Context() as context:
        yield context


@pytest.fixture
def makes(context: zmq.Context[Socket]) -> Iterator[Makes]:
    """Makes handler sockets that are closed at the end of the test."""
    made: list[HandlerSocket] = []

    def make(target: Target = ANY_PORT, kind: SocketType = "PUSH", bench: HandlerBench | None = None) -> HandlerSocket:
        port = HandlerPort(Identity(1, 1), "off", topic="t" if kind == "PUB" else None)
        made.append(HandlerSocket(HANDLER_KINDS[kind], port, context, target, bench or HandlerBench()))
        return made[-1]

    yield make
    for socket in made:
        socket.close(0)


def poll_until(socket: HandlerSocket, is_reached: Callable[[], bool]) -> list[str]:
    messages: list[str] = []
    give_up_at = time.monotonic() + LIMIT_S
    while not is_reached():
        assert time.monotonic() < give_up_at
        messages += socket.poll_monitor()
    return messages


def test_a_socket_that_is_not_open_is_idle(makes: Makes) -> None:
    socket = makes()
    assert socket.tracker.state is ConnectionState.IDLE
    assert (socket.poll_monitor(), socket.subscriptions()) == ([], [])
    socket.close(0)


def test_open_returns_the_endpoint_of_the_socket(makes: Makes) -> None:
    socket = makes()
    endpoint = socket.open(CONFIG)
    assert socket.target == Target((endpoint,), bind=True)
    assert socket.tracker.message == f"bound to {endpoint}, 0 connected"


def test_a_recreated_socket_takes_the_same_port_and_remembers_its_peers(
    makes: Makes, context: zmq.Context[Socket]
) -> None:
    socket = makes()
    endpoint = socket.open(CONFIG)
    with context.socket(zmq.PULL) as pull:
        pull.connect(endpoint)
        messages = poll_until(socket, lambda: socket.tracker.peers == 1)
    assert messages == [f"a peer connected to {endpoint} (1 now)"]
    before = socket.zmq_socket
    assert socket.recreate(CONFIG) == endpoint
    assert before.closed and socket.zmq_socket is not before
    assert (socket.tracker.ever_connected, socket.tracker.peers) == (True, 0)


def test_a_socket_moves_to_another_target(makes: Makes, context: zmq.Context[Socket]) -> None:
    socket = makes()
    socket.open(CONFIG)
    with context.socket(zmq.PULL) as pull:
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        socket.target = Target((f"tcp://127.0.0.1:{port}",), bind=False)
        assert socket.recreate(CONFIG) == f"tcp://127.0.0.1:{port}"
        poll_until(socket, lambda: socket.tracker.state is ConnectionState.CONNECTED)


def test_an_address_in_use_leaves_the_socket_closed_and_idle(makes: Makes) -> None:
    holder, other = makes(), makes()
    other.target = Target((holder.open(CONFIG),), bind=True)
    with pytest.raises(SocketSetupError, match="address already in use"):
        other.open(CONFIG)
    assert other.tracker.state is ConnectionState.IDLE
    assert other.poll_monitor() == []
    other.close(0)


def test_live_options_are_set_on_the_open_socket(makes: Makes) -> None:
    socket = makes()
    socket.open(CONFIG)
    socket.apply_live(HandlerConfig(linger=77, max_reconnect_attempts=3))
    assert (socket.zmq_socket.linger, socket.tracker.max_attempts) == (77, 3)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_high_water_mark_set_after_bind_has_no_effect_on_peers(
    makes: Makes, context: zmq.Context[Socket], when: str
) -> None:
    """Measured on inproc, where the marks of both ends alone limit the connection."""
    socket = makes(Target(("inproc://late",), bind=True), bench=HandlerBench(high_water_mark_set=when))
    socket.open(HandlerConfig(linger=0, high_water_mark=2))
    with context.socket(zmq.PULL) as pull:
        pull.rcvhwm = 1
        pull.connect("inproc://late")
        assert socket.zmq_socket.sndhwm == 2
        taken = 0
        while taken < 100 and socket.zmq_socket.poll(0, zmq.POLLOUT):
            socket.zmq_socket.send(b"")
            taken += 1
    assert (taken < 10) == (when == "before")


def test_a_publisher_receives_subscriptions(makes: Makes, context: zmq.Context[Socket]) -> None:
    socket = makes(Target(("inproc://topics",), bind=True), "PUB")
    socket.open(HandlerConfig(socket_type="PUB", linger=0))
    with context.socket(zmq.SUB) as sub:
        sub.connect("inproc://topics")
        sub.subscribe(b"a")
        assert socket.zmq_socket.poll(10_000)
        assert socket.subscriptions() == [b"\x01a"]
        assert socket.subscriptions() == []
