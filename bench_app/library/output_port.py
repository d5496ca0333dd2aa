"""The sending end of a handler in somebody's own program: queue -> **port** -> socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import zmq

from bench_app.errors import InputError
from bench_app.handlers.socket import HandlerPort


@dataclass(slots=True)
class Addressed:
    """An event with a topic of its own; ``size`` is that of its body and of what the topic has more than usual."""

    topic: bytes
    body: bytes
    size: int

    def __len__(self) -> int:
        return self.size


def addressed(body: bytes, usual: str, dynamic_path: str) -> Addressed:
    """An event whose topic is the usual one and a path behind it; raises :class:`InputError` for what is no text."""
    try:
        topic = (f"{usual}.{dynamic_path}" if usual else dynamic_path).encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{dynamic_path!r} cannot be part of a topic: {error.reason}") from error
    return Addressed(topic, body, len(body) + len(topic) - len(usual.encode()))


class OutputPort(HandlerPort):
    """Sends library events: no stamp, and a topic that may differ from one to the next."""

    def send(self, body: Any, sequence: int, intended_ns: int, sent_ns: int) -> None:
        """Send one message; raises ``zmq.Again`` and sends nothing where the socket would block."""
        socket = self._socket
        assert socket is not None
        if self._topic_frame is None:
            socket.send(body, zmq.NOBLOCK)
            return
        topic, body = (body.topic, body.body) if isinstance(body, Addressed) else (self._topic_frame, body)
        if self._framing == "joined":
            socket.send(b"%b %b" % (topic, body), zmq.NOBLOCK)
            return
        socket.send(topic, zmq.NOBLOCK | zmq.SNDMORE)
        socket.send(body, zmq.NOBLOCK)
