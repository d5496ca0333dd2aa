"""Losses that are known before a gap shows them: reports -> **live losses** -> live ledger.

A PUB that sends more than a connection can hold has lost the rest already (see :mod:`bench_app.measure.overfull`). The
final ledger does not need this: at the end, every message that is missing is lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench_app.engine.state import HandlerState, ListenerState
from bench_app.measure.ledger import expected
from bench_app.measure.overfull import Marks, OverfullWatch, most_held
from bench_app.model import Delivery
from bench_app.system import socket_buffers
from bench_app.transport.endpoint_parts import parts_of

LIBZMQ_MARK = 1000
"""libzmq's default high-water mark. A bound socket has it if its own mark was set too late."""


@dataclass
class _Connection:
    """One connection of a PUB under way.

    Attributes:
        watch: what is known to be lost.
        joined: how many messages had been accepted when the listener subscribed last.
        marks: the greatest marks that the connection had.
    """

    watch: OverfullWatch = field(default_factory=OverfullWatch)
    joined: int | None = None
    marks: Marks = field(default_factory=lambda: Marks(0, 0))


@dataclass
class _Sizes:
    """The least mean size of the messages between two reports of a handler, frames without libzmq's headers."""

    accepted: int = 0
    bytes: int = 0
    least: float = 0.0


class LiveLosses:
    """Sets ``overfull`` of listeners during a run. Call it after each report.

    ``clock`` is that of the reports. ``held_in_kernel`` says how many bytes the kernel holds at most for a connection.
    """

    def __init__(
        self,
        clock: Callable[[], int] = time.perf_counter_ns,
        held_in_kernel: Callable[[HandlerState, ListenerState], int] | None = None,
    ) -> None:
        self._clock = clock
        self._held_in_kernel = held_in_kernel or most_in_kernel
        self._connections: dict[str, _Connection] = {}
        self._sizes: dict[str, _Sizes] = {}

    def note_handler(self, handler: HandlerState, listeners: list[ListenerState], before_ns: int) -> None:
        """A handler has reported. ``before_ns`` is the time of its report before; 0 if this is the first."""
        if handler.plan.pattern.delivery is not Delivery.EACH:
            return
        _note_size(self._sizes.setdefault(handler.unit, _Sizes()), handler)
        for listener in listeners:
            joined = handler.rejoins.get(listener.plan.name)
            connection = self._connections.setdefault(listener.unit, _Connection())
            if joined is None or joined == connection.joined:
                continue
            connection.joined = joined
            connection.marks = Marks(0, 0)
            # The listener subscribed after the handler's report before this one.
            received = listener.window.totals_before(before_ns)
            connection.watch.begin(_sent(handler, listener, joined), received[0] if received else 0)

    def note_listener(self, handler: HandlerState, listener: ListenerState) -> None:
        """A listener has reported."""
        connection = self._connections.get(listener.unit)
        marks = marks_of(handler, listener)
        if connection is None or connection.joined is None or marks is None or listener.plan.has_own_endpoint:
            return
        watch = connection.watch
        watch.compare(listener.last_report_ns, listener.counts.received)
        listener.overfull = watch.overfull
        marks = Marks(max(marks.send, connection.marks.send), max(marks.receive, connection.marks.receive))
        connection.marks = marks
        sent, received = _sent(handler, listener, handler.counts.accepted), listener.counts.received
        size = self._sizes[handler.unit].least
        if watch.is_suspicious(sent, received, most_held(marks, 0, size)):
            held = self._held_in_kernel(handler, listener)
            watch.probe(self._clock(), sent, most_held(marks, held, size))


def marks_of(handler: HandlerState, listener: ListenerState) -> Marks | None:
    """The high-water marks of a connection; None if it can hold any number of messages, or only the newest one."""
    plan = handler.plan
    send, receive = plan.spec.config.high_water_mark, listener.plan.spec.high_water_mark
    if not send or not receive or listener.plan.spec.conflate:
        return None
    is_too_late = plan.bench.high_water_mark_set == "after"
    return Marks(max(send, LIBZMQ_MARK) if is_too_late else send, receive)


def most_in_kernel(handler: HandlerState, listener: ListenerState) -> int:
    """The most bytes that the kernel holds for a connection now."""
    plan, spec = handler.plan, listener.plan.spec
    if plan.endpoint.transport == "inproc":
        return 0
    if plan.endpoint.transport == "ipc":
        return socket_buffers.ipc_limit_bytes(plan.bench.send_buffer)
    port = parts_of(handler.endpoint if plan.bind else listener.endpoint).port
    held = socket_buffers.tcp_bytes_held(int(port)) if port.isdecimal() else None
    return socket_buffers.tcp_limit_bytes(plan.bench.send_buffer, spec.receive_buffer) if held is None else held


def _sent(handler: HandlerState, listener: ListenerState, accepted: int) -> int:
    """How many of the first ``accepted`` messages the listener subscribed to."""
    topics = listener.plan.spec.topics
    return expected(handler.spans, accepted, ("",) if topics is None else topics)


def _note_size(sizes: _Sizes, handler: HandlerState) -> None:
    counts = handler.counts
    messages, size = counts.accepted - sizes.accepted, counts.bytes - sizes.bytes
    sizes.accepted, sizes.bytes = counts.accepted, counts.bytes
    if messages > 0 and size > 0:
        mean = size / messages
        sizes.least = min(sizes.least, mean) if sizes.least else mean
