"""PULL: receives its share of the messages of a PUSH."""

from __future__ import annotations

import zmq

from bench_app.listeners.kind import ListenerKind
from bench_app.model import ListenerSpec


def _configure(socket: zmq.Socket[bytes], spec: ListenerSpec, token: bytes) -> None:
    """PULL needs no options of its own."""


PULL = ListenerKind(zmq.PULL, _configure)
