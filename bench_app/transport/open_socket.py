"""Opens and closes every data socket: handler's **socket** ~~> listener's **socket**.

Handler, listener, client and capacity measurement open their sockets here, always in this order:

1. create the socket, set its options (most of them act at the next bind or connect only);
2. start the monitor, so that it misses no event;
3. bind or connect, and remember the file of an ipc endpoint;
4. set the options that a preset sets late on purpose; most of them have no effect any more.

They close their sockets here, too: stop the monitor, free the address, close the socket with its linger. A socket that
cannot be opened is closed again, so that nothing of it remains.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import zmq

from bench_app.transport.bind import bind_socket, connect_socket
from bench_app.transport.connection import ConnectionTracker
from bench_app.transport.endpoint_parts import is_inproc
from bench_app.transport.ipc_file import BoundFile
from bench_app.transport.monitor import Monitor
from bench_app.transport.socket_trace import SocketTrace

Context = zmq.Context[zmq.Socket[bytes]]
SetOptions = Callable[[zmq.Socket[bytes]], None]

REBIND_PATIENCE_S = 2.0
"""How long a socket waits for the address of the socket that it replaces: libzmq frees an address in the background."""


def leave_options(socket: zmq.Socket[bytes]) -> None:
    """Leave the socket as it is."""


class Target(msgspec.Struct, frozen=True):
    """The endpoints of a socket: it binds one endpoint, or connects to one or more endpoints."""

    endpoints: tuple[str, ...]
    bind: bool

    @property
    def is_inproc(self) -> bool:
        """Whether the endpoint is inside this process. Its socket has no monitor, so its peers cannot be seen."""
        return is_inproc(self.endpoints[0])

    @property
    def connects(self) -> bool:
        """Whether the socket connects to a peer that may come later, over tcp or ipc."""
        return not self.bind and not self.is_inproc

    def __str__(self) -> str:
        return f"{'bind' if self.bind else 'connect'} {', '.join(self.endpoints)}"


class SocketPlan(msgspec.Struct, frozen=True):
    """Everything about a socket that is decided before it exists.

    Attributes:
        zmq_type: the type of the socket.
        target: the endpoints, and whether the socket binds.
        linger_ms: how long libzmq keeps unsent messages after the socket is closed; -1 for ever.
        reconnect_ms: the pause before a lost or refused connection is tried again; 0 or less: it is not tried again.
        max_attempts: how often a lost or refused connection is tried again; -1: no limit.
        silence_limit_ms: the silence after which heartbeats end a connection; 0: no heartbeats. It sets no option. With
            it the tracker finds the reason of a disconnection.
        set_options: sets every other option, before bind or connect.
        set_late_options: sets options after bind or connect, when most of them have no effect any more.
    """

    zmq_type: int
    target: Target
    linger_ms: int
    reconnect_ms: int
    max_attempts: int = -1
    silence_limit_ms: int = 0
    set_options: SetOptions = leave_options
    set_late_options: SetOptions = leave_options


class OpenSocket:
    """An open socket with its monitor, its trace and its ipc file. One thread at a time uses it.

    Attributes:
        zmq_socket: libzmq's socket, for sending and receiving.
        tracker: the state of the socket's connections, as of the last :meth:`poll_monitor`.
        endpoint: the endpoint it is bound to, with the real port, or all endpoints that it connects to.
    """

    def __init__(self, context: Context, plan: SocketPlan, trace: SocketTrace, patience_s: float = 0.0) -> None:
        """Open the socket of ``plan``; raises SocketSetupError if it cannot bind or connect.

        ``patience_s`` is how long to wait for an address in use, for a socket that replaces one just closed.
        """
        self._plan = plan
        self._trace = trace
        self._monitor: Monitor | None = None
        self._file: BoundFile | None = None
        self.endpoint = ""
        self.tracker = ConnectionTracker(
            plan.max_attempts, plan.reconnect_ms > 0, silence_limit_ms=plan.silence_limit_ms
        )
        self.zmq_socket = context.socket(plan.zmq_type)
        try:
            self._set_up(patience_s)
        except BaseException:
            self.close(0)
            raise

    @property
    def descriptor(self) -> int:
        """The descriptor of the latest connection, as of the last :meth:`poll_monitor`; -1 before the first."""
        return -1 if self._monitor is None else self._monitor.descriptor

    def poll_monitor(self) -> list[str]:
        """Update the tracker from the monitor; returns the messages to log.

        Call it often: an undrained monitor stops libzmq's whole I/O thread.
        """
        return [] if self._monitor is None else self._monitor.drain()

    def close(self, linger_ms: int | None = None) -> None:
        """Close the socket; libzmq goes on sending what is left for up to ``linger_ms`` (None: the plan's linger)."""
        linger_ms = self._plan.linger_ms if linger_ms is None else linger_ms
        if self._monitor is not None:
            self._monitor.close()
        # Remove the file while the socket is open: afterwards the path may belong to another socket already.
        if self._file is not None:
            self._file.remove()
        if self._plan.target.bind and is_inproc(self.endpoint):
            # A close frees an inproc name only in the background, and the next socket could find it in use.
            self.zmq_socket.unbind(self.endpoint)
        self.zmq_socket.close(linger_ms)
        self._trace.closed(linger_ms)

    def _set_up(self, patience_s: float) -> None:
        plan, socket = self._plan, self.zmq_socket
        socket.linger = plan.linger_ms
        socket.reconnect_ivl = plan.reconnect_ms if plan.reconnect_ms > 0 else -1
        plan.set_options(socket)
        self._trace.opened(socket, str(plan.target))
        if not plan.target.is_inproc:
            self._monitor = Monitor(socket, self.tracker, self._trace)
        if plan.target.bind:
            self._bind(plan.target.endpoints[0], patience_s)
        else:
            self._connect(plan.target.endpoints)
        plan.set_late_options(socket)

    def _bind(self, endpoint: str, patience_s: float) -> None:
        self.endpoint = bind_socket(self.zmq_socket, endpoint, patience_s)
        self._file = BoundFile.at(self.endpoint)
        self.tracker.bound(self.endpoint)
        self._trace.attached(True, self.endpoint)

    def _connect(self, endpoints: tuple[str, ...]) -> None:
        for endpoint in endpoints:
            self.tracker.connecting(endpoint)
            connect_socket(self.zmq_socket, endpoint)
            self._trace.attached(False, endpoint)
        self.endpoint = ", ".join(endpoints)
