"""A handler's unit in a thread of the test, and a socket of the test that takes its messages."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import zmq

from bench_app.engine.control.messages import (
    Close,
    Drained,
    Finished,
    HandlerReport,
    Notice,
    Opened,
    OpenHandler,
    SourceEnded,
    Start,
    StopSource,
)
from bench_app.engine.worker.contexts import HandlerContext, InprocContext
from bench_app.engine.worker.handler_unit import HandlerUnit
from bench_app.engine.worker.pacer import Pacer
from bench_app.engine.worker.unit import UnitChannel
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.counters import HandlerSlot, MappedCounters
from bench_app.model import ConstantLoad, HandlerBench, HandlerConfig, HandlerSpec, Load, SocketType, SyntheticSource
from tests.engine.worker.control_end import UNIT, ControlEnd

CONTROL_POLL_MS = 10
PARTNERS = {"PUB": zmq.SUB, "PUSH": zmq.PULL, "REQ": zmq.REP}
WAIT_MS = 10_000


def handler_order(
    folder: Path, socket_type: SocketType = "PUSH", config: dict[str, Any] | None = None, **changed: Any
) -> OpenHandler:
    """An order for a handler that binds a port of the system's choice and sends 100 events in a second."""
    file = folder / "handler.counters"
    if not file.exists():
        MappedCounters(file, HandlerSlot, create=True).close()
    load: Load = changed.pop("load", ConstantLoad(rate=100))
    values: dict[str, Any] = {
        "unit": UNIT,
        "spec": HandlerSpec(
            uri="zmq://tcp://127.0.0.1:*",
            config=HandlerConfig(socket_type=socket_type, **{"linger": 1000, "topic": "t", **(config or {})}),
        ),
        "bench": HandlerBench(),
        "source": SyntheticSource(load=load, pool=10),
        "base_dir": str(folder),
        "endpoints": ("tcp://127.0.0.1:*",),
        "bind": True,
        "run": 7,
        "handler": 1,
        "join_tokens": (),
        "peers_expected": 0,
        "duration_ns": NS_PER_S,
        "warmup_ns": 0,
        "counters_file": str(file),
    }
    return OpenHandler(**values | changed)


class HandlerEnd(ControlEnd):
    """Runs one handler's unit, and takes its messages."""

    def __init__(self, order: OpenHandler, context: HandlerContext | None = None, pacer: Pacer | None = None) -> None:
        super().__init__()
        self.order = order
        self.units: list[HandlerUnit] = []
        handler_context, own_pacer = context or InprocContext(self.context), pacer or Pacer()

        def open_unit(channel: UnitChannel) -> HandlerUnit:
            self.units.append(HandlerUnit(order, channel, handler_context, own_pacer, CONTROL_POLL_MS))
            return self.units[-1]

        self.start(open_unit)

    @property
    def socket_type(self) -> str:
        return self.order.spec.config.socket_type

    def partner(self, endpoint: str, topics: tuple[bytes, ...] = (b"",)) -> zmq.Socket[bytes]:
        """A listening socket that is connected to the handler, or bound for it."""
        socket = self.socket(PARTNERS[self.socket_type])
        socket.rcvtimeo = WAIT_MS
        if self.socket_type == "PUB":
            for topic in topics:
                socket.subscribe(topic)
        if self.order.bind:
            socket.connect(endpoint)
        else:
            socket.bind(endpoint)
        return socket

    def connected_partner(self) -> zmq.Socket[bytes]:
        """A listening socket of which the handler knows that it is connected."""
        socket = self.partner(self.wait_for(Opened).endpoint)
        self.wait_for(HandlerReport, lambda report: report.connection.state == "connected")
        return socket

    def start_run(self, in_ms: float = 0) -> int:
        start_ns = time.perf_counter_ns() + int(in_ms * NS_PER_MS)
        self.send(Start(at_ns=start_ns))
        return start_ns

    def wait_accepted(self, count: int) -> HandlerReport:
        return self.wait_for(HandlerReport, lambda report: report.counts.accepted >= count)

    def finish(self) -> HandlerReport:
        """End the unit as a session does; returns its last report."""
        self.send(StopSource())
        self.wait_for(Drained)
        self.send(Close())
        self.wait_for(Finished)
        self.join()
        report = self.last(HandlerReport)
        counts = report.counts
        lost = counts.queue_overflow + counts.send_timeout + counts.aborted
        assert counts.offered == lost + counts.queued + counts.accepted
        return report

    def messages(self) -> list[str]:
        """What the unit said to the user so far."""
        return [message.message for message in self.said if isinstance(message, Notice)]

    def source_ended(self) -> SourceEnded:
        return self.wait_for(SourceEnded)
