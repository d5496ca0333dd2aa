"""How a listener's socket is opened: socket ~~> **listener**. The bench's listener and the capacity measurement use it.

The counterpart of :mod:`bench_app.handlers.socket`.
"""

from __future__ import annotations

import zmq

from bench_app.listeners.kind import ListenerKind
from bench_app.model import ListenerSpec
from bench_app.transport.open_socket import SocketPlan, Target
from bench_app.transport.set_options import set_listener_options, silence_limit_ms

RECONNECT_MS = 50
REPLIES_LINGER_MS = 500
"""Only replies are worth waiting for: a SUB that closes would wait to subscribe with a publisher that is gone."""


def listener_plan(kind: ListenerKind, spec: ListenerSpec, target: Target, join_token: bytes) -> SocketPlan:
    """What the socket of a listener is; ``join_token`` is :func:`bench_app.transport.wire.join_token`'s."""

    def set_options(socket: zmq.Socket[bytes]) -> None:
        set_listener_options(socket, spec, target.endpoints[0])
        kind.configure(socket, spec, join_token)

    return SocketPlan(
        zmq_type=kind.zmq_type,
        target=target,
        linger_ms=REPLIES_LINGER_MS if kind.make_replier else 0,
        reconnect_ms=RECONNECT_MS,
        silence_limit_ms=silence_limit_ms(spec),
        set_options=set_options,
    )
