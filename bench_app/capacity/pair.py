"""The two ends of one connection, opened as in a run: handler's **socket ~~> socket** of its listener.

A pair is always on loopback, at a port that the system chooses or an ipc path in a private folder. It does not use the
address of the preset, so it never meets a run or production.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import msgspec
import zmq

from bench_app.capacity.kernel import KernelConnection, connection_at
from bench_app.engine.plan import HandlerPlan
from bench_app.errors import EngineError
from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.socket import HandlerKind, HandlerPort, HandlerSocket
from bench_app.listeners.socket import listener_plan
from bench_app.model import ListenerSpec
from bench_app.system.private_folder import private_folder
from bench_app.system.signals import held_signals
from bench_app.transport.endpoint import Endpoint, on_loopback, parse_uri
from bench_app.transport.open_socket import OpenSocket, Target
from bench_app.transport.socket_trace import SocketTrace, to_logger
from bench_app.transport.stamp import Identity
from bench_app.transport.wire import Reader, join_token

_log = logging.getLogger("zmq_bench.capacity")
CONNECT_LIMIT_S = 10.0
POLL_S = 0.001
RUN = 0x0CA9AC17
"""The run number in the stamps. No other sender uses the private address, so any number would do."""

Context = zmq.Context[zmq.Socket[bytes]]


@dataclass(frozen=True)
class Ends:
    """The settings of the two sockets.

    Attributes:
        handler: the plan of the handler in a run. Its address is not used.
        listener: the spec of the listener.
    """

    handler: HandlerPlan
    listener: ListenerSpec


@dataclass(frozen=True)
class Pair:
    """A connected handler and listener. One thread uses both.

    Attributes:
        port: sends into the handler's socket.
        reader: reads the stamps of messages that the listener received.
        listener: the listener's socket.
        connection: the connection in the kernel; None if the system does not report its buffers.
    """

    port: HandlerPort
    reader: Reader
    listener: zmq.Socket[bytes]
    connection: KernelConnection | None


@contextmanager
def open_pair(ends: Ends) -> Iterator[Pair]:
    """Open and connect a pair; raises EngineError if the two ends do not connect in time."""
    plan = ends.handler
    kind = HANDLER_KINDS[plan.spec.config.socket_type]
    port = _port(kind, plan)
    with ExitStack() as stack:
        # A socket that an interrupt left unknown would keep its context from ending.
        with held_signals():
            handler, listener = _open_sockets(ends, kind, port, stack)
        _wait_until_connected(kind, handler, listener, _join_token(plan))
        connection = connection_at(listener.descriptor) if listener.descriptor >= 0 else None
        if connection is not None:
            stack.callback(connection.close)
        yield Pair(port, Reader(_identity(plan), plan.bench.stamp), listener.zmq_socket, connection)


def _open_sockets(
    ends: Ends, kind: HandlerKind, port: HandlerPort, stack: ExitStack
) -> tuple[HandlerSocket, OpenSocket]:
    plan = ends.handler
    sending = _context(stack)
    # Both ends of an inproc endpoint must be in one context.
    receiving = sending if plan.endpoint.transport == "inproc" else _context(stack)
    target = Target((str(_private(parse_uri(plan.spec.uri), stack)),), plan.bind)
    handler = _handler_socket(kind, plan, port, sending, target)
    stack.callback(handler.close, 0)
    if plan.bind:
        listener = _open_listener(kind, ends, receiving, Target((handler.open(plan.spec.config),), bind=False))
        stack.callback(listener.close)
    else:
        listener = _open_listener(kind, ends, receiving, Target(target.endpoints, bind=True))
        stack.callback(listener.close)
        handler.target = Target((listener.endpoint,), bind=False)
        handler.open(plan.spec.config)
    return handler, listener


def wait_until(is_reached: Callable[[], bool], failure: str) -> None:
    """Poll until ``is_reached`` is true; raises EngineError with the text ``failure`` after CONNECT_LIMIT_S."""
    until = time.monotonic() + CONNECT_LIMIT_S
    while not is_reached():
        if time.monotonic() > until:
            raise EngineError(f"the capacity could not be measured: {failure}")
        time.sleep(POLL_S)


def _context(stack: ExitStack) -> Context:
    context: Context = zmq.Context()
    stack.callback(context.destroy, linger=0)
    return context


def _identity(plan: HandlerPlan) -> Identity:
    return Identity(RUN, plan.number)


def _join_token(plan: HandlerPlan) -> bytes:
    return join_token(_identity(plan), 0)


def _port(kind: HandlerKind, plan: HandlerPlan) -> HandlerPort:
    topic = plan.spec.config.topic if kind.pattern.sends_topic else None
    framing = plan.bench.framing if kind.pattern.sends_topic else "frames"
    return HandlerPort(_identity(plan), plan.bench.stamp, framing, topic)


def _private(endpoint: Endpoint, stack: ExitStack) -> Endpoint:
    if endpoint.transport == "tcp":
        return msgspec.structs.replace(on_loopback(endpoint), port=None)
    if endpoint.transport == "ipc":
        folder = private_folder()
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        return msgspec.structs.replace(endpoint, address=f"{folder}/c")
    return endpoint


def _handler_socket(
    kind: HandlerKind, plan: HandlerPlan, port: HandlerPort, context: Context, target: Target
) -> HandlerSocket:
    # Heartbeats would fill the buffers that are measured. A PUB without no_drop never refuses a message.
    bench = msgspec.structs.replace(plan.bench, heartbeat_interval=0, no_drop=True)
    return HandlerSocket(kind, port, context, target, bench, SocketTrace(to_logger(_log, plan.name)))


def _open_listener(kind: HandlerKind, ends: Ends, context: Context, target: Target) -> OpenSocket:
    spec = msgspec.structs.replace(ends.listener, heartbeat_interval=0)
    plan = listener_plan(kind.listener, spec, target, _join_token(ends.handler))
    return OpenSocket(context, msgspec.structs.replace(plan, linger_ms=0), SocketTrace(None))


def _wait_until_connected(kind: HandlerKind, handler: HandlerSocket, listener: OpenSocket, token: bytes) -> None:
    def both_are_connected() -> bool:
        handler.poll_monitor()
        listener.poll_monitor()
        return handler.tracker.peers == 1 and listener.tracker.peers == 1

    def has_subscribed() -> bool:
        # libzmq sends the subscription of a bound SUB only when the events of its socket are read.
        listener.zmq_socket.get(zmq.EVENTS)
        return any(message[1:] == token for message in handler.subscriptions())

    if not handler.target.is_inproc:
        wait_until(both_are_connected, "the two ends did not connect")
    if kind.pattern.knows_subscribers:
        wait_until(has_subscribed, "the subscription did not arrive")
