"""The socket of one handler: made, watched, recreated and closed here; the core sends through it.

handler queue -> **socket** ~~> listener. One thread owns a HandlerSocket for its whole life.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import zmq

from bench_app.handlers.core import HandlerCore
from bench_app.measure.samples import SampleBuffer
from bench_app.model import HandlerBench, HandlerConfig, SocketType
from bench_app.transport import bind, set_options
from bench_app.transport.connection import ConnectionTracker, Monitor
from bench_app.transport.ipc_file import BoundFile
from bench_app.transport.socket_trace import SocketTrace
from bench_app.transport.wire import Writer

REBIND_PATIENCE_S = 2.0
_PLAIN = HandlerBench()


@dataclass(frozen=True)
class CoreParts:
    """What a core is made of, whatever its kind."""

    config: HandlerConfig
    port: HandlerPort
    slots: memoryview[int]
    lateness: SampleBuffer
    round_trip: SampleBuffer
    on_reply: Callable[[bytes], None] | None = None


@dataclass(frozen=True)
class HandlerKind:
    """One socket pattern: what makes PUB, PUSH and REQ differ, and nothing else."""

    socket_type: SocketType
    listener_type: str
    zmq_type: int
    sends_topic: bool
    knows_subscribers: bool
    gets_replies: bool
    make_core: Callable[[CoreParts], HandlerCore]
    configure: Callable[[zmq.Socket[bytes]], None]


class HandlerPort(Writer):
    """The core's port onto whatever socket the handler has at the moment."""

    def receive(self) -> bytes:
        """The body of a reply, or ``zmq.Again``."""
        assert self._socket is not None
        return self._socket.recv_multipart(zmq.NOBLOCK)[-1]


@dataclass(frozen=True)
class Target:
    """Where a handler's socket goes: it binds one endpoint, or connects to one or more."""

    endpoints: tuple[str, ...]
    bind: bool

    @property
    def connects(self) -> bool:
        """True for a network peer that may come later; ``inproc`` tells nothing of its peers."""
        return not self.bind and not self.endpoints[0].startswith("inproc://")


class HandlerSocket:
    """A handler's socket with its monitor and the state of its connections.

    ``late_high_water_mark`` sets the HWM after bind/connect, which is the mistake a preset shows. ``bench`` has the
    keys that say what else is set on the socket.
    """

    def __init__(
        self,
        kind: HandlerKind,
        port: HandlerPort,
        context: zmq.Context[zmq.Socket[bytes]],
        target: Target,
        bench: HandlerBench = _PLAIN,
        trace: SocketTrace | None = None,
    ) -> None:
        self._kind = kind
        self._port = port
        self._context = context
        self.bench = bench
        self._socket: zmq.Socket[bytes] | None = None
        self._monitor: Monitor | None = None
        self._file: BoundFile | None = None
        self.target = target
        self.tracker = ConnectionTracker()
        self._trace = trace or SocketTrace(None)

    @property
    def zmq_socket(self) -> zmq.Socket[bytes]:
        """The open socket."""
        assert self._socket is not None
        return self._socket

    def open(self, config: HandlerConfig, patience_s: float = 0.0) -> str:
        """Make the socket; returns the endpoint it is at. Raises SocketSetupError and leaves nothing open."""
        socket = self._context.socket(self._kind.zmq_type)
        try:
            return self._set_up(socket, config, patience_s)
        except Exception:
            self._shut(socket, 0)
            raise

    def recreate(self, config: HandlerConfig) -> str:
        """Close the socket (unsent messages get up to ``linger``) and make it anew, for options that need it."""
        ever_connected = self.tracker.ever_connected
        self.close(config.linger)
        endpoint = self.open(config, REBIND_PATIENCE_S)
        self.tracker.ever_connected = ever_connected
        return endpoint

    def apply_live(self, config: HandlerConfig) -> None:
        """Options libzmq takes on an open socket."""
        self.zmq_socket.linger = config.linger
        self.tracker.max_attempts = config.max_reconnect_attempts

    def look(self) -> list[str]:
        """Drain the monitor; returns sentences worth telling."""
        return self._monitor.drain() if self._monitor is not None else []

    def subscriptions(self) -> list[bytes]:
        """Subscription messages (first byte 1 or 0, then the topic) since the last call; PUB only."""
        found: list[bytes] = []
        if not self._kind.knows_subscribers or self._socket is None:
            return found
        while int(self.zmq_socket.get(zmq.EVENTS)) & zmq.POLLIN:
            found.append(self.zmq_socket.recv(zmq.NOBLOCK))
            self._trace.subscribed(found[-1])
        return found

    def close(self, linger_ms: int) -> None:
        """Close the socket; libzmq goes on sending what is left for up to ``linger_ms``."""
        if self._socket is not None:
            self._shut(self._socket, linger_ms)
            self._socket = None

    def _set_up(self, socket: zmq.Socket[bytes], config: HandlerConfig, patience_s: float) -> str:
        reconnects = config.reconnect_interval > 0
        silence_ms = set_options.silence_limit_ms(self.bench)
        self.tracker = ConnectionTracker(config.max_reconnect_attempts, reconnects, silence_limit_ms=silence_ms)
        socket.linger = config.linger
        socket.reconnect_ivl = config.reconnect_interval if reconnects else -1
        set_options.set_handler_options(socket, self.bench, self.target.endpoints[0])
        self._kind.configure(socket)
        late_high_water_mark = self.bench.high_water_mark_set == "after"
        if not late_high_water_mark:
            socket.set_hwm(config.high_water_mark)
        self._trace.opened(socket, f"{'bind' if self.target.bind else 'connect'} {', '.join(self.target.endpoints)}")
        if not self.target.endpoints[0].startswith("inproc://"):
            self._monitor = Monitor(socket, self.tracker, self._trace)
        endpoint = self._attach(socket, patience_s)
        if late_high_water_mark:
            socket.set_hwm(config.high_water_mark)
        self._socket = socket
        self._port.attach(socket)
        return endpoint

    def _attach(self, socket: zmq.Socket[bytes], patience_s: float) -> str:
        if self.target.bind:
            endpoint = bind.bind(socket, self.target.endpoints[0], patience_s)
            self._file = BoundFile.at(endpoint)
            self.tracker.bound(endpoint)
            self._trace.attached(True, endpoint)
            # A recreated socket takes the same port again, also where the first was given by the system.
            self.target = Target((endpoint,), bind=True)
            return endpoint
        for endpoint in self.target.endpoints:
            self.tracker.connecting(endpoint)
            bind.connect(socket, endpoint)
            self._trace.attached(False, endpoint)
        return ", ".join(self.target.endpoints)

    def _shut(self, socket: zmq.Socket[bytes], linger_ms: int) -> None:
        if self._monitor is not None:
            self._monitor.close()
            self._monitor = None
        if self._file is not None:
            self._file.remove()
            self._file = None
        socket.close(linger=linger_ms)
        self._trace.closed(linger_ms)
