"""What one handler consists of in a worker: counters, core, port, socket and latencies, made from its order."""

from __future__ import annotations

from pathlib import Path

import zmq

from bench_app.engine.control.messages import OpenHandler
from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.core import ACCEPTED, HandlerCore
from bench_app.handlers.socket import CoreParts, HandlerPort, HandlerSocket
from bench_app.measure.counters import HandlerSlot, MappedCounters
from bench_app.measure.ledger import TopicSpan
from bench_app.measure.recorder import Recorder
from bench_app.measure.samples import SampleBuffer
from bench_app.transport.open_socket import Target
from bench_app.transport.socket_trace import SocketTrace
from bench_app.transport.stamp import Identity


class HandlerParts:
    """The parts of one handler, before its socket is open.

    Attributes:
        order: the message that asked for the handler.
        kind: PUB, PUSH or REQ.
        counters: the handler's counters, which outlive the worker.
        port: what the core sends through; renders events.
        core: queue and sending. Its ``config`` is the current one.
        socket: opens, recreates and closes the socket.
        lateness: intended -> actual send in ns.
        offer_lateness: intended -> offered in ns.
        round_trip: REQ: first send -> reply in ns.
        spans: the topics that the handler has sent with, each with its first sequence number.
    """

    def __init__(self, order: OpenHandler, context: zmq.Context[zmq.Socket[bytes]], trace: SocketTrace) -> None:
        config = order.spec.config
        self.order = order
        self.kind = HANDLER_KINDS[config.socket_type]
        self.counters = MappedCounters(Path(order.counters_file), HandlerSlot)
        self.lateness = SampleBuffer(Recorder())
        self.offer_lateness = SampleBuffer(Recorder())
        self.round_trip = SampleBuffer(Recorder())
        topic = config.topic if self.kind.pattern.sends_topic else None
        framing = order.bench.framing if self.kind.pattern.sends_topic else "frames"
        self.port = HandlerPort(Identity(order.run, order.handler), order.bench.stamp, framing, topic)
        slots = self.counters.slots
        self.core: HandlerCore = self.kind.make_core(
            CoreParts(config, self.port, slots, self.lateness, self.round_trip)
        )
        target = Target(order.endpoints, order.bind)
        self.socket = HandlerSocket(self.kind, self.port, context, target, order.bench, trace)
        self.spans = list(order.spans) or [TopicSpan(topic=config.topic, first=1)]

    @property
    def accepted(self) -> int:
        """How many events the socket has taken so far."""
        return self.counters.slots[ACCEPTED]
