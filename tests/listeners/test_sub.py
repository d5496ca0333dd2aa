"""SUB listeners: their subscriptions and the order of these."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import zmq

from bench_app.handlers import LISTENER_KINDS
from bench_app.model import ListenerSpec
from bench_app.transport.stamp import Identity
from bench_app.transport.wire import join_token

TOKEN = join_token(Identity(1, 1), 0)
WAIT_MS = 5000


class Publisher:
    """An XPUB that receives the subscriptions of a listener's socket, as the handler's socket does."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        self._context = context
        self.socket = context.socket(zmq.XPUB)
        self.socket.xpub_verbose = 1
        self.socket.linger = 0
        self.socket.bind("inproc://sub")
        self._subscribers: list[zmq.Socket[bytes]] = []

    def subscriber(self, spec: ListenerSpec) -> zmq.Socket[bytes]:
        kind = LISTENER_KINDS["SUB"]
        socket = self._context.socket(kind.zmq_type)
        socket.linger = 0
        kind.configure(socket, spec, TOKEN)
        socket.connect("inproc://sub")
        self._subscribers.append(socket)
        return socket

    def close(self) -> None:
        for socket in (self.socket, *self._subscribers):
            socket.close()

    def subscriptions(self, amount: int) -> list[bytes]:
        found = []
        for _ in range(amount):
            assert self.socket.poll(WAIT_MS)
            found.append(self.socket.recv())
        assert not self.socket.poll(50)
        return found


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with zmq.Context() as context:
        publisher = Publisher(context)
        yield publisher
        publisher.close()


def test_the_token_is_the_last_subscription_that_the_publisher_receives(publisher: Publisher) -> None:
    publisher.subscriber(ListenerSpec(topics=("zones.", "alerts.", "größe.")))
    *topics, last = publisher.subscriptions(4)
    assert set(topics) == {b"\x01zones.", b"\x01alerts.", "\x01größe.".encode()}
    assert last == b"\x01" + TOKEN


def test_without_topics_a_sub_receives_every_message(publisher: Publisher) -> None:
    socket = publisher.subscriber(ListenerSpec())
    assert publisher.subscriptions(2) == [b"\x01", b"\x01" + TOKEN]
    publisher.socket.send_multipart([b"any", b"1"])
    assert socket.recv_multipart() == [b"any", b"1"]


def test_with_an_empty_list_of_topics_a_sub_receives_no_message(publisher: Publisher) -> None:
    publisher.subscriber(ListenerSpec(topics=()))
    assert publisher.subscriptions(1) == [b"\x01" + TOKEN]


def test_a_topic_is_a_prefix_of_bytes(publisher: Publisher) -> None:
    socket = publisher.subscriber(ListenerSpec(topics=("größe",)))
    publisher.subscriptions(2)
    publisher.socket.send_multipart([b"gr", b"other"])
    publisher.socket.send_multipart(["größenordnung".encode(), b"wanted"])
    assert socket.recv_multipart()[1] == b"wanted"


def test_a_conflating_socket_subscribes_to_its_topic_alone(publisher: Publisher) -> None:
    publisher.subscriber(ListenerSpec(topics=("t",), conflate=True))
    assert publisher.subscriptions(1) == [b"\x01t"]
