"""SUB: takes the topics it asked for, by byte prefix."""

from __future__ import annotations

import zmq

from bench_app.listeners.kind import ListenerKind
from bench_app.model import ListenerSpec


def _configure(socket: zmq.Socket[bytes], spec: ListenerSpec, token: bytes) -> None:
    for topic in ("",) if spec.topics is None else spec.topics:
        socket.subscribe(topic.encode())
    if spec.conflate:
        # It keeps the newest of its own subscriptions only, too: the token would take the topic's place.
        return
    # Last, so that the publisher that sees it knows all the others are in.
    socket.subscribe(token)


SUB = ListenerKind("SUB", zmq.SUB, _configure)
