"""The two ends of one connection, set up as a run would set them up: handler's **socket ~~> socket** of its listener.

Always on loopback, at a port the system gives (or an ipc path in a private folder), whatever the preset's address is:
nothing of a run or of production is met.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

import msgspec
import zmq

from bench_app.capacity.kernel import KernelConnection, connection_at
from bench_app.engine.plan import HandlerPlan
from bench_app.errors import EngineError
from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.socket import HandlerPort, HandlerSocket
from bench_app.listeners.socket import listener_plan
from bench_app.model import ListenerSpec
from bench_app.system.private_folder import private_folder
from bench_app.transport.endpoint import Endpoint, on_loopback, parse_uri
from bench_app.transport.open_socket import OpenSocket, Target
from bench_app.transport.socket_trace import SocketTrace, to_logger
from bench_app.transport.stamp import Identity
from bench_app.transport.wire import Reader, join_token

_log = logging.getLogger("zmq_bench.capacity")
CONNECT_LIMIT_S = 10.0
LOOK_S = 0.001
RUN = 0x0CA9AC17
"""The run these messages say they are of; there is no other sender at the private address."""


@dataclass(frozen=True)
class Ends:
    """What the two sockets are made of. ``handler`` is the run's own plan, of which the address is not used."""

    handler: HandlerPlan
    listener: ListenerSpec


class Pair:
    """A connected handler socket and listener socket, in two contexts (``inproc``: one). One thread uses both."""

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        plan = ends.handler
        self._kind = HANDLER_KINDS[plan.spec.config.socket_type]
        self._identity = Identity(RUN, plan.number)
        topic = plan.spec.config.topic if self._kind.pattern.sends_topic else None
        framing = plan.bench.framing if self._kind.pattern.sends_topic else "frames"
        self.port = HandlerPort(self._identity, plan.bench.stamp, framing, topic)
        self.reader = Reader(self._identity, plan.bench.stamp)
        self.connection: KernelConnection | None = None
        """What the kernel tells of it; None where it tells nothing."""
        self._folder: Path | None = None
        self._sender = self._receiver = zmq.Context()
        self._listener: OpenSocket | None = None

    def __enter__(self) -> Pair:
        try:
            self._open()
        except BaseException:
            self._shut()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shut()

    @property
    def connected(self) -> bool:
        """Whether handler and listener are connected to each other."""
        assert self._listener is not None
        self._handler.look()
        self._listener.poll_monitor()
        return self._inproc or (self._handler.tracker.peers == 1 and self._listener.tracker.peers == 1)

    @property
    def listener(self) -> zmq.Socket[bytes]:
        """The listener's socket."""
        assert self._listener is not None
        return self._listener.zmq_socket

    @property
    def _inproc(self) -> bool:
        return self._ends.handler.endpoint.transport == "inproc"

    def _open(self) -> None:
        plan = self._ends.handler
        if not self._inproc:
            self._receiver = zmq.Context()
        wanted = str(self._private(parse_uri(plan.spec.uri)))
        bench = msgspec.structs.replace(plan.bench, heartbeat_interval=0, no_drop=True)
        trace = SocketTrace(to_logger(_log, plan.name))
        self._handler = HandlerSocket(self._kind, self.port, self._sender, Target((wanted,), plan.bind), bench, trace)
        if plan.bind:
            at = self._handler.open(plan.spec.config)
            self._open_listener(at, binds=False)
        else:
            self._handler.target = Target((self._open_listener(wanted, binds=True),), bind=False)
            self._handler.open(plan.spec.config)
        self._wait_until_connected()

    def _private(self, endpoint: Endpoint) -> Endpoint:
        if endpoint.transport == "tcp":
            return replace(on_loopback(endpoint), port=None)
        if endpoint.transport == "ipc":
            self._folder = private_folder()
            return replace(endpoint, address=f"{self._folder}/c")
        return endpoint

    def _open_listener(self, endpoint: str, binds: bool) -> str:
        kind, token = self._kind.listener, join_token(self._identity, 0)
        spec = msgspec.structs.replace(self._ends.listener, heartbeat_interval=0)
        plan = replace(listener_plan(kind, spec, Target((endpoint,), binds), token), linger_ms=0)
        self._listener = OpenSocket(self._receiver, plan, SocketTrace(None))
        return self._listener.endpoint

    def _wait_until_connected(self) -> None:
        wait_until(lambda: self.connected, "the two ends did not connect")
        if self._kind.pattern.knows_subscribers:
            token = join_token(self._identity, 0)
            wait_until(lambda: self._subscribed(token), "the subscription did not arrive")
        assert self._listener is not None
        if self._listener.descriptor >= 0:
            self.connection = connection_at(self._listener.descriptor)

    def _subscribed(self, token: bytes) -> bool:
        # A bound SUB greets who connected only when it is looked at.
        self.listener.get(zmq.EVENTS)
        return any(message[1:] == token for message in self._handler.subscriptions())

    def _shut(self) -> None:
        if self.connection is not None:
            self.connection.close()
        if self._listener is not None:
            self._listener.close()
        if hasattr(self, "_handler"):
            self._handler.close(0)
        self._sender.destroy(linger=0)
        if self._receiver is not self._sender:
            self._receiver.destroy(linger=0)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def wait_until(is_reached: Callable[[], bool], what_failed: str) -> None:
    """Look often; raises EngineError where it does not come."""
    until = time.monotonic() + CONNECT_LIMIT_S
    while not is_reached():
        if time.monotonic() > until:
            raise EngineError(f"the capacity could not be measured: {what_failed}")
        time.sleep(LOOK_S)
