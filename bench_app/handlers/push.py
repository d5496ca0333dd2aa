"""PUSH: sends messages to its peers in turn. A full socket refuses a message, and the core's send timeout applies."""

from __future__ import annotations

import zmq

from bench_app.handlers.core import HandlerCore
from bench_app.handlers.socket import CoreParts, HandlerKind
from bench_app.listeners.pull import PULL
from bench_app.model import patterns


def _configure(socket: zmq.Socket[bytes]) -> None:
    """PUSH needs no options of its own."""


def _make_core(parts: CoreParts) -> HandlerCore:
    return HandlerCore(parts.config, parts.port, parts.slots, parts.lateness)


PUSH = HandlerKind(
    pattern=patterns.PUSH,
    zmq_type=zmq.PUSH,
    make_core=_make_core,
    configure=_configure,
    listener=PULL,
)
