"""Both ends in tests of the library: the spec of a handler, and plain pyzmq sockets on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import zmq

from bench_app import HandlerStats
from bench_app.model import HandlerSpec
from bench_app.preset import documents

LIMIT_MS = 10_000
NOWHERE = "zmq://tcp://127.0.0.1:9"
"""A port without a listener."""


def spec(uri: str, config: dict[str, Any]) -> HandlerSpec:
    """A handler's spec, as a production file has it."""
    raw = {"output": {"handlers": {"h": {"uri": uri, "config": config}}}}
    return documents.parse(raw, "test").preset.output.handlers["h"]


def balanced(stats: HandlerStats) -> bool:
    """Whether the ledger accounts for every offered event."""
    return stats.offered == (stats.queue_overflow + stats.send_timeout + stats.aborted + stats.queued + stats.accepted)


@contextmanager
def listening(kind: int, at: str = "tcp://127.0.0.1:*") -> Iterator[tuple[zmq.Socket[bytes], str]]:
    """A bound socket that waits at most ten seconds for a message, and the ``zmq://`` uri that reaches it."""
    with zmq.Context() as context, context.socket(kind) as socket:
        socket.linger = 0
        socket.rcvtimeo = LIMIT_MS
        socket.bind(at)
        yield socket, "zmq://" + socket.getsockopt_string(zmq.LAST_ENDPOINT).rstrip("\0")


@contextmanager
def connected(kind: int, endpoint: str, topic: bytes = b"") -> Iterator[zmq.Socket[bytes]]:
    """A connecting socket; a SUB subscribes to ``topic``."""
    with zmq.Context() as context, context.socket(kind) as socket:
        socket.linger = 0
        socket.rcvtimeo = LIMIT_MS
        if kind == zmq.SUB:
            socket.subscribe(topic)
        socket.connect(endpoint)
        yield socket


def written_until_read(write: Callable[[], object], socket: zmq.Socket[bytes]) -> list[bytes]:
    """Write again and again until the first message arrives: a PUB drops events before the subscription."""
    for _ in range(LIMIT_MS // 20):
        write()
        if socket.poll(20):
            return socket.recv_multipart()
    raise AssertionError("nothing was received")
