"""A worker's end of the control channel: sending never blocks, and what was sent is delivered."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
import zmq

from bench_app.engine.control.client import ControlClient
from bench_app.engine.control.codec import decode_to_session, encode
from bench_app.engine.control.messages import (
    Close,
    Drain,
    Hello,
    Logged,
    Message,
    Ready,
    ToSession,
    WorkerSetup,
)
from tests.engine.units import PLANE

LIMIT_MS = 20_000
ENDPOINT = "inproc://control"


class End:
    """The session's end, in the same context."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        self.context = context
        self._clients: list[ControlClient] = []
        self._socket = context.socket(zmq.ROUTER)
        self._socket.set_hwm(0)
        self._socket.bind(ENDPOINT)

    def client(self, identity: str = "handler-1#0", debug: bool = False) -> ControlClient:
        setup = WorkerSetup(worker="w", endpoint=ENDPOINT, folder="", debug=debug)
        self._clients.append(ControlClient(self.context, setup, identity))
        return self._clients[-1]

    def receive(self) -> tuple[str, ToSession]:
        assert self._socket.poll(LIMIT_MS), "no message came"
        identity, data = self._socket.recv_multipart()
        return identity.decode(), decode_to_session(data)

    def send(self, identity: str, message: Message) -> None:
        self._socket.send_multipart([identity.encode(), encode(message)])

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self._socket.close(linger=0)


@pytest.fixture
def end() -> Iterator[End]:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    end = End(context)
    yield end
    end.close()
    context.destroy(linger=0)


def test_without_a_message_nothing_is_received(end: End) -> None:
    client = end.client()
    assert client.receive() is None
    assert client.receive(timeout_ms=1) is None


def test_messages_are_received_one_at_a_time_in_their_order(end: End) -> None:
    client = end.client()
    client.send(Hello(plane=PLANE))
    identity, hello = end.receive()
    assert (identity, hello) == ("handler-1#0", Hello(plane=PLANE))
    end.send(identity, Drain())
    end.send(identity, Close())
    assert client.receive(timeout_ms=-1) == Drain()
    assert client.receive(LIMIT_MS) == Close()
    assert client.receive() is None


def test_sending_never_blocks_without_a_reader(end: End) -> None:
    client = end.client()
    count = 5000
    for number in range(count):
        client.send(Ready(unit=str(number)))
    for number in range(count):
        assert end.receive()[1] == Ready(unit=str(number))


def test_messages_sent_before_closing_are_delivered(end: End) -> None:
    client = end.client()
    client.send(Ready(unit="last"))
    client.close()
    assert end.receive()[1] == Ready(unit="last")


def test_with_debug_the_trace_of_a_socket_goes_to_the_session(end: End) -> None:
    before_ns = time.time_ns()
    end.client(debug=True).trace_of("handler-1").closed(linger_ms=5)
    _, logged = end.receive()
    assert isinstance(logged, Logged)
    assert (logged.unit, logged.worker, logged.pid, logged.event) == ("handler-1", "w", os.getpid(), "closed")
    assert logged.message == "the socket was closed, linger 5 ms"
    assert logged.fields == {"linger_ms": 5}
    assert before_ns <= logged.at_ns <= time.time_ns()


def test_without_debug_nothing_is_sent_about_sockets(end: End) -> None:
    client = end.client(debug=False)
    client.trace_of("handler-1").closed(linger_ms=5)
    client.send(Hello(plane=PLANE))
    assert end.receive()[1] == Hello(plane=PLANE)
