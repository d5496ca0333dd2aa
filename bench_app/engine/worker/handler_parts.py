"""What one handler consists of in a worker: counters, core, port, socket and latencies, made from its order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import zmq

from bench_app.data_plane.plane import active
from bench_app.engine.control.messages import OpenHandler
from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.compiled_core import CompiledCore, CompiledPort
from bench_app.handlers.core import ACCEPTED, HandlerCore
from bench_app.handlers.recorded_port import RecordedPort
from bench_app.handlers.socket import CoreParts, HandlerPort, HandlerSocket
from bench_app.handlers.topic_port import TopicPort
from bench_app.measure.counters import HandlerSlot, MappedCounters
from bench_app.measure.ledger import TopicSpan
from bench_app.measure.recorder import Recorder
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.measure.samples import NoSamples, Samples
from bench_app.model import Framing, RecordedLoad, ReplaySource
from bench_app.transport.open_socket import Target
from bench_app.transport.socket_trace import SocketTrace
from bench_app.transport.stamp import Identity

if TYPE_CHECKING:
    # A module that exists only where the data plane is compiled.
    from bench_app.data_plane.zmq_functions import ZmqFunctions


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
        fidelity: a recording: how far the distances of the sends were from the recorded distances, in ns.
        spans: the topics that the handler has sent with, each with its first sequence number.
    """

    def __init__(self, order: OpenHandler, context: zmq.Context[zmq.Socket[bytes]], trace: SocketTrace) -> None:
        config = order.spec.config
        self.order = order
        self.kind = HANDLER_KINDS[config.socket_type]
        self.counters = MappedCounters(Path(order.counters_file), HandlerSlot)
        self.lateness: Samples = SampleBuffer(Recorder())
        self.offer_lateness: Samples = SampleBuffer(Recorder())
        self.round_trip: Samples = SampleBuffer(Recorder())
        self.port: HandlerPort | CompiledPort
        self.core: HandlerCore | CompiledCore
        functions = active().functions
        self.fidelity: Samples = NoSamples()
        port = self._make_port()
        if functions is None:
            self._make_python_core(port)
        else:
            self._make_compiled_core(port, functions)
        target = Target(order.endpoints, order.bind)
        self.socket = HandlerSocket(self.kind, self.port, context, target, order.bench, trace)
        self.spans = list(order.spans) or [TopicSpan(topic=config.topic, first=1)]

    def _make_port(self) -> HandlerPort:
        """The port that renders the events of the source."""
        source, mode = self.order.source, self.order.bench.stamp
        if isinstance(source, ReplaySource) and source.format == "recording":
            return RecordedPort(self._identity, mode, self._topic)
        if isinstance(source, ReplaySource) and source.topic_field is not None and self._topic is not None:
            return TopicPort(self._identity, mode, self._framing, self._topic, source.topic_field)
        return HandlerPort(self._identity, mode, self._framing, self._topic)

    def _make_python_core(self, port: HandlerPort) -> None:
        self.port = port
        parts = CoreParts(self.order.spec.config, port, self.counters.slots, self.lateness, self.round_trip)
        self.core = self.kind.make_core(parts)
        if isinstance(port, RecordedPort) and self._has_recorded_load:
            self.fidelity = port.fidelity

    def _make_compiled_core(self, port: HandlerPort, functions: ZmqFunctions) -> None:
        from bench_app.data_plane.sending import Sender

        slots, pattern = self.counters.slots, self.kind.pattern
        sender = Sender(
            functions,
            slots,
            port.mode,
            self._identity.text,
            is_joined=self._framing == "joined",
            retries_by_time=pattern.knows_subscribers,
            is_requester=pattern.gets_replies,
            form=port.form,
        )
        self.port = CompiledPort(port, sender)
        self.core = CompiledCore(self.order.spec.config, sender, slots)
        self.lateness, self.offer_lateness, self.round_trip = sender.lateness, sender.offer_lateness, sender.round_trip
        if isinstance(port, RecordedPort) and self._has_recorded_load:
            self.fidelity = sender.fidelity

    @property
    def _has_recorded_load(self) -> bool:
        return isinstance(self.order.source.load, RecordedLoad)

    @property
    def _identity(self) -> Identity:
        return Identity(self.order.run, self.order.handler)

    @property
    def _topic(self) -> str | None:
        return self.order.spec.config.topic if self.kind.pattern.sends_topic else None

    @property
    def _framing(self) -> Framing:
        return self.order.bench.framing if self.kind.pattern.sends_topic else "frames"

    @property
    def accepted(self) -> int:
        """How many events the socket has taken so far."""
        return self.counters.slots[ACCEPTED]
