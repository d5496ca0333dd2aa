"""The sending end of a handler in a program: handler queue -> **port** -> socket. Its events have no stamp."""

from __future__ import annotations

from typing import Any

import msgspec
import zmq

from bench_app.errors import InputError
from bench_app.model import Framing


class Addressed(msgspec.Struct):
    """An event with a topic of its own.

    Attributes:
        topic: the topic of this event alone.
        body: the JSON text.
        size: the length of the event for the core, which adds the port's ``overhead`` to it. The overhead is computed
            with the port's own topic, so the size corrects it: the length of the body, plus the length of this topic,
            minus the length of the port's topic.
    """

    topic: bytes
    body: bytes
    size: int

    def __len__(self) -> int:
        return self.size


def addressed(body: bytes, port_topic: str, dynamic_path: str) -> Addressed:
    """An event under the port's topic with ``dynamic_path`` added; raises :class:`InputError` for invalid text."""
    try:
        topic = (f"{port_topic}.{dynamic_path}" if port_topic else dynamic_path).encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{dynamic_path!r} cannot be part of a topic: {error.reason}") from error
    return Addressed(topic, body, len(body) + len(topic) - len(port_topic.encode()))


class OutputPort:
    """Sends events of a program. ``topic`` is None for a socket type without topics.

    Attributes:
        overhead: the bytes of a message in addition to its body.
    """

    def __init__(self, framing: Framing, topic: str | None) -> None:
        self._is_joined = framing == "joined"
        self._topic = None if topic is None else topic.encode()
        self.overhead = 0 if self._topic is None else len(self._topic) + self._is_joined
        self._socket: zmq.Socket[bytes] | None = None

    def attach(self, socket: zmq.Socket[bytes]) -> None:
        """Send into ``socket`` from now on."""
        self._socket = socket

    def send(self, body: Any, sequence: int, intended_ns: int, sent_ns: int) -> None:
        """Send one message, or raise ``zmq.Again`` and send nothing."""
        socket = self._socket
        assert socket is not None
        if self._topic is None:
            socket.send(body, zmq.NOBLOCK)
            return
        topic, body = (body.topic, body.body) if isinstance(body, Addressed) else (self._topic, body)
        if self._is_joined:
            socket.send(b"%b %b" % (topic, body), zmq.NOBLOCK)
            return
        socket.send(topic, zmq.NOBLOCK | zmq.SNDMORE)
        socket.send(body, zmq.NOBLOCK)

    def receive(self) -> list[bytes]:
        """The frames of a reply; raises ``zmq.Again`` if none has come."""
        assert self._socket is not None
        return self._socket.recv_multipart(zmq.NOBLOCK)
