"""SUB: receives the topics that it subscribed to, by byte prefix."""

from __future__ import annotations

import zmq

from bench_app.listeners.kind import ListenerKind
from bench_app.model import ListenerSpec


def _configure(socket: zmq.Socket[bytes], spec: ListenerSpec, token: bytes) -> None:
    for topic in ("",) if spec.topics is None else spec.topics:
        socket.subscribe(topic.encode())
    if spec.conflate:
        # A conflating socket also keeps only the newest message to be sent, so the subscription to the token would
        # replace the subscription to the topic.
        return
    socket.subscribe(token)


SUB = ListenerKind(zmq.SUB, _configure)
