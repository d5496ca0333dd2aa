"""Opens and closes the socket of one listener; the listener core receives from it: socket ~~> **listener**.

:mod:`bench_app.handlers.socket` is the counterpart for handlers. The capacity measurement uses the same plan of the
socket.
"""

from __future__ import annotations

import zmq

from bench_app.listeners.kind import ListenerKind
from bench_app.model import ListenerSpec
from bench_app.transport.connection import ConnectionTracker
from bench_app.transport.open_socket import OpenSocket, SocketPlan, Target
from bench_app.transport.set_options import set_listener_options, silence_limit_ms
from bench_app.transport.socket_trace import SocketTrace

RECONNECT_MS = 50
REPLIES_LINGER_MS = 500
"""The linger of a socket that sends replies. Other sockets have a linger of 0: a SUB would otherwise wait to send its
subscriptions to a publisher that is gone."""


def listener_plan(kind: ListenerKind, spec: ListenerSpec, target: Target, join_token: bytes) -> SocketPlan:
    """The plan of the socket of a listener. ``join_token`` is made by :func:`bench_app.transport.wire.join_token`."""

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


class ListenerSocket:
    """A listener's socket and the state of its connections; it can be opened again, also at another endpoint.

    Attributes:
        target: the endpoint of the next :meth:`open`. After a bind it has the real port, so that the next socket takes
            the same port again.
        tracker: the state of the connections. It is their last state if the socket is closed.
    """

    def __init__(
        self,
        kind: ListenerKind,
        context: zmq.Context[zmq.Socket[bytes]],
        target: Target,
        join_token: bytes,
        trace: SocketTrace,
    ) -> None:
        self.target = target
        self.tracker = ConnectionTracker()
        self._kind = kind
        self._context = context
        self._join_token = join_token
        self._trace = trace
        self._socket: OpenSocket | None = None

    @property
    def zmq_socket(self) -> zmq.Socket[bytes]:
        """The open socket."""
        assert self._socket is not None
        return self._socket.zmq_socket

    def open(self, spec: ListenerSpec, patience_s: float = 0.0) -> str:
        """Open the socket and return its endpoint. Raises SocketSetupError if that fails; then no socket is open."""
        # A socket that cannot be opened has no connections.
        self.tracker = ConnectionTracker()
        plan = listener_plan(self._kind, spec, self.target, self._join_token)
        opened = self._socket = OpenSocket(self._context, plan, self._trace, patience_s)
        self.tracker = opened.tracker
        if self.target.bind:
            self.target = Target((opened.endpoint,), bind=True)
        return opened.endpoint

    def poll_monitor(self) -> list[str]:
        """Read the events of the connections; returns the messages to be logged."""
        return [] if self._socket is None else self._socket.poll_monitor()

    def serve_connections(self) -> None:
        """Let libzmq do what is to be done for new connections, such as to send the subscriptions of a bound SUB.

        libzmq does it in the thread that uses the socket, and most programs do it by receiving.
        """
        if self._socket is not None:
            self._socket.zmq_socket.getsockopt(zmq.EVENTS)

    def close(self) -> None:
        """Close the socket; libzmq sends the remaining replies in the background."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
