"""PUB: publishes topic and body to every subscriber; libzmq drops for a subscriber that is at its HWM.

An XPUB inside, the same on the wire, because it is told who subscribes: that is the start gate, and the only way to
know which messages went out before a subscriber was there.
"""

from __future__ import annotations

import zmq

from bench_app.handlers.core import HandlerCore
from bench_app.handlers.socket import CoreParts, HandlerKind


def _configure(socket: zmq.Socket[bytes]) -> None:
    # Also tell of a subscription some other subscriber already has.
    socket.xpub_verbose = 1


def _make_core(parts: CoreParts) -> HandlerCore:
    return HandlerCore(parts.config, parts.port, parts.slots, parts.lateness)


PUB = HandlerKind(
    socket_type="PUB",
    listener_type="SUB",
    zmq_type=zmq.XPUB,
    sends_topic=True,
    knows_subscribers=True,
    gets_replies=False,
    make_core=_make_core,
    configure=_configure,
)
