"""Opens, recreates and closes the socket of one handler; the handler core sends through it.

handler queue -> **socket** ~~> listener. One thread owns a HandlerSocket for its whole life.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec
import zmq

from bench_app.handlers.core import HandlerCore
from bench_app.handlers.headed_body import Form
from bench_app.handlers.request_end import RequestEnd
from bench_app.listeners.kind import ListenerKind
from bench_app.measure.samples import Samples
from bench_app.model import HandlerBench, HandlerConfig, Pattern
from bench_app.transport import set_options
from bench_app.transport.connection import ConnectionTracker
from bench_app.transport.open_socket import REBIND_PATIENCE_S, OpenSocket, SocketPlan, Target, leave_options
from bench_app.transport.socket_trace import SocketTrace
from bench_app.transport.wire import Writer

_PLAIN = HandlerBench()


class AttachedPort(Protocol):
    """A port whose socket can be replaced."""

    def attach(self, socket: zmq.Socket[bytes]) -> None:
        """Use ``socket`` from now on."""
        ...


class SocketPort(AttachedPort, Protocol):
    """The port through which a core sends and receives.

    Attributes:
        overhead: the bytes of a message in addition to its body.
    """

    overhead: int

    def send(self, body: bytearray, sequence: int, intended_ns: int, sent_ns: int) -> None:
        """Send one message, or raise ``zmq.Again`` and send nothing."""
        ...

    def receive(self) -> list[bytes]:
        """The frames of a reply; raises ``zmq.Again`` if none has come."""
        ...


class CoreParts(msgspec.Struct, frozen=True):
    """The parts from which a kind makes its core.

    Attributes:
        config: the handler's config.
        port: the port to the handler's socket.
        slots: the handler's counters, in the order of :class:`bench_app.measure.counters.HandlerSlot`.
        lateness: gets the time from intended to actual send in ns.
        round_trip: gets the time from first attempt to reply in ns; only REQ uses it.
        on_end: gets the end of each request; only REQ uses it.
    """

    config: HandlerConfig
    port: SocketPort
    slots: memoryview[int]
    lateness: Samples
    round_trip: Samples
    on_end: Callable[[RequestEnd], None] | None = None


class HandlerKind(msgspec.Struct, frozen=True, kw_only=True):
    """The differences between patterns that need a socket.

    Attributes:
        pattern: the facts about the pattern that need no socket.
        zmq_type: the type of the handler's socket.
        make_core: makes the handler's core.
        configure: sets the socket options that this pattern needs.
        listener: the kind of the listener, at the other end.
    """

    pattern: Pattern
    zmq_type: int
    make_core: Callable[[CoreParts], HandlerCore]
    configure: Callable[[zmq.Socket[bytes]], None]
    listener: ListenerKind


class HandlerPort(Writer):
    """The port of the bench's own handlers: it sends stamped events.

    Attributes:
        form: the form of the bodies that it renders.
    """

    form: Form = "plain"

    def receive(self) -> list[bytes]:
        """The frames of a reply; raises ``zmq.Again`` if none has come."""
        assert self._socket is not None
        return self._socket.recv_multipart(zmq.NOBLOCK)


class HandlerSocket:
    """A handler's socket and the state of its connections; it can be closed and recreated, also at another endpoint.

    Attributes:
        target: the endpoint of the next :meth:`open`. After a bind it has the real port, so that a recreated socket
            takes the same port again.
        bench: the keys of the bench that the next :meth:`open` sets on the socket, in addition to the handler's config.
        tracker: the state of the connections. It is their last state if the socket is closed.
    """

    def __init__(
        self,
        kind: HandlerKind,
        port: AttachedPort,
        context: zmq.Context[zmq.Socket[bytes]],
        target: Target,
        bench: HandlerBench = _PLAIN,
        trace: SocketTrace | None = None,
    ) -> None:
        self._kind = kind
        self._port = port
        self._context = context
        self._trace = trace or SocketTrace(None)
        self._socket: OpenSocket | None = None
        self.bench = bench
        self.target = target
        self.tracker = ConnectionTracker()

    @property
    def zmq_socket(self) -> zmq.Socket[bytes]:
        """The open socket."""
        assert self._socket is not None
        return self._socket.zmq_socket

    def open(self, config: HandlerConfig, patience_s: float = 0.0) -> str:
        """Open the socket and return its endpoint. Raises SocketSetupError if that fails; then no socket is open."""
        # A socket that cannot be opened has no connections.
        self.tracker = ConnectionTracker()
        opened = self._socket = OpenSocket(self._context, self._plan(config), self._trace, patience_s)
        self.tracker = opened.tracker
        if self.target.bind:
            self.target = Target((opened.endpoint,), bind=True)
        self._port.attach(opened.zmq_socket)
        return opened.endpoint

    def recreate(self, config: HandlerConfig) -> str:
        """Close the socket and open it again, for options that need it. Unsent messages have up to ``linger``."""
        ever_connected = self.tracker.ever_connected
        self.close(config.linger)
        endpoint = self.open(config, REBIND_PATIENCE_S)
        self.tracker.ever_connected = ever_connected
        return endpoint

    def apply_live(self, config: HandlerConfig) -> None:
        """Set the options that libzmq accepts on an open socket. A closed socket gets them when it is opened."""
        if self._socket is None:
            return
        self.zmq_socket.linger = config.linger
        self.tracker.max_attempts = config.max_reconnect_attempts

    def poll_monitor(self) -> list[str]:
        """Read the events of the connections; returns the messages to be logged."""
        return [] if self._socket is None else self._socket.poll_monitor()

    def subscriptions(self) -> list[bytes]:
        """Subscription messages (first byte 1 or 0, then the topic) since the last call; PUB only."""
        found: list[bytes] = []
        if not self._kind.pattern.knows_subscribers or self._socket is None:
            return found
        while int(self.zmq_socket.get(zmq.EVENTS)) & zmq.POLLIN:
            found.append(self.zmq_socket.recv(zmq.NOBLOCK))
            self._trace.subscribed(found[-1])
        return found

    def close(self, linger_ms: int) -> None:
        """Close the socket; libzmq continues to send the remaining messages for up to ``linger_ms``."""
        if self._socket is not None:
            self._socket.close(linger_ms)
            self._socket = None

    def _plan(self, config: HandlerConfig) -> SocketPlan:
        bench, endpoint = self.bench, self.target.endpoints[0]
        sets_high_water_mark_late = bench.high_water_mark_set == "after"

        def set_high_water_mark(socket: zmq.Socket[bytes]) -> None:
            socket.set_hwm(config.high_water_mark)

        def set_all(socket: zmq.Socket[bytes]) -> None:
            set_options.set_handler_options(socket, bench, endpoint)
            self._kind.configure(socket)
            if not sets_high_water_mark_late:
                set_high_water_mark(socket)

        return SocketPlan(
            zmq_type=self._kind.zmq_type,
            target=self.target,
            linger_ms=config.linger,
            reconnect_ms=config.reconnect_interval,
            max_attempts=config.max_reconnect_attempts,
            silence_limit_ms=set_options.silence_limit_ms(bench),
            set_options=set_all,
            # A mistake that a preset can demonstrate: the peers of a bound socket get the mark that it had at the bind.
            set_late_options=set_high_water_mark if sets_high_water_mark_late else leave_options,
        )
