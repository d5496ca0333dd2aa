"""REQ's core without sockets: its port answers only the last attempt, as libzmq does with ``ZMQ_REQ_CORRELATE``."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field

import msgspec
import zmq

from bench_app.data_plane.choice import PlaneName
from bench_app.handlers.compiled_core import CompiledCore
from bench_app.handlers.req import RequestCore
from bench_app.handlers.request_end import RequestEnd, RequestOutcome
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.histogram_delta import HistogramDelta
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.model import HandlerConfig
from bench_app.transport import stamp
from tests.handlers.core_bench import Clock, Port, PortLibzmq, PortWorld, Samples


class RequestPort(Port):
    """Returns a reply only to the last attempt. An attempt that the socket refuses ends the former attempt.

    With ``strict``, receiving without an attempt under way raises EFSM instead of ``zmq.Again``, as a real REQ does.
    """

    def __init__(self, strict: bool = True) -> None:
        super().__init__()
        self.strict = strict
        self.asked = False
        self._reply: bytes | None = None

    @property
    def attempts(self) -> Counter[int]:
        """How often each sequence number was sent."""
        return Counter(self.sequences)

    def send(self, body: bytearray, sequence: int, intended_ns: int, sent_ns: int) -> None:
        self.renew()
        super().send(body, sequence, intended_ns, sent_ns)
        self.asked = True

    def renew(self) -> None:
        """Forget all former attempts, as libzmq does at every attempt and a new socket does at its start."""
        self.asked = False
        self._reply = None

    def answer(self, attempt: int, text: bytes) -> None:
        """A reply to the ``attempt``-th message (from 1) arrives; a late one is dropped."""
        if self.asked and attempt == len(self.taken):
            self._reply = text

    def receive(self) -> list[bytes]:
        if self.strict and not self.asked:
            raise zmq.ZMQError(errno=zmq.EFSM)
        if self._reply is None:
            raise zmq.Again
        reply = self._reply
        self.renew()
        return [reply]


class RequestWorld(PortWorld):
    """The port as the world of a compiled sender, which tells nobody what a reply says."""

    def __init__(self, port: RequestPort, clock: Clock) -> None:
        super().__init__(port, clock)
        self.replies: list[bytes] = []
        self._receive = port.receive

    def take_reply(self) -> bool:
        try:
            self.replies += self._receive()
        except zmq.Again:
            return False
        return True


@dataclass
class Bench:
    """A request core with its port, clock and counters."""

    config: HandlerConfig
    port: RequestPort = field(default_factory=RequestPort)
    clock: Clock = field(default_factory=Clock)
    plane: PlaneName = "python"

    def __post_init__(self) -> None:
        self.slots = memoryview(array("Q", bytes(8 * len(HandlerSlot))))
        self.core: RequestCore | CompiledCore
        self._world = RequestWorld(self.port, self.clock)
        if self.plane == "compiled":
            self._libzmq = PortLibzmq(self.port, self.clock, self._world)
            self.core = CompiledCore(self.config, self._libzmq.sender(self.slots, self.config), self.slots)
            return
        self._lateness, self._round_trip = Samples(), Samples()
        self._buffers = [SampleBuffer(self._lateness), SampleBuffer(self._round_trip)]
        self.ends: list[RequestEnd] = []
        self.core = RequestCore(self.config, self.port, self.slots, *self._buffers, self.ends.append, self.clock)

    def __getitem__(self, slot: HandlerSlot) -> int:
        return self.slots[slot]

    @property
    def replies(self) -> list[bytes]:
        """The bodies of all replies."""
        if self.plane == "compiled":
            return self._world.replies
        return [end.frames[-1] for end in self.ends if end.outcome is RequestOutcome.REPLIED]

    def offer(self, count: int = 1) -> None:
        for _ in range(count):
            self.core.offer(bytearray(b"{}"), self.clock())

    def answer(self, text: bytes = b"ok") -> None:
        """Answer the last attempt."""
        self.port.answer(len(self.port.taken), text)

    def pump_after_ms(self, ms: float) -> None:
        self.clock.advance_ms(ms)
        self.core.pump()

    def reset_socket(self) -> None:
        self.port.renew()
        self.core.reset_socket()

    def change(self, **values: int) -> None:
        self.core.config = msgspec.structs.replace(self.core.config, **values)

    def lateness_ns(self) -> list[int]:
        if isinstance(self.core, CompiledCore):
            return _one_value(self.core.sender.lateness.take())
        self._buffers[0].flush()
        return self._lateness.values

    def round_trips_ms(self) -> list[float]:
        if isinstance(self.core, CompiledCore):
            return [value / NS_PER_MS for value in _one_value(self.core.sender.round_trip.take())]
        self._buffers[1].flush()
        return [value / NS_PER_MS for value in self._round_trip.values]

    def counts(self) -> dict[str, int]:
        """All counters that are not 0, except the bytes."""
        return {slot.name.lower(): self[slot] for slot in HandlerSlot if self[slot] and slot is not HandlerSlot.BYTES}

    def bytes_of_messages(self) -> int:
        """Those of bodies, and of the overhead of the port."""
        written = self[HandlerSlot.BYTES]
        if self.plane == "python":
            return written
        return written + self[HandlerSlot.ACCEPTED] * (self.port.overhead - stamp.TEXT_LENGTH)

    def assert_balanced(self) -> None:
        lost = sum(self[slot] for slot in (HandlerSlot.QUEUE_OVERFLOW, HandlerSlot.SEND_TIMEOUT, HandlerSlot.ABORTED))
        accepted = self[HandlerSlot.ACCEPTED]
        assert self[HandlerSlot.OFFERED] == lost + accepted + self.core.queued
        assert accepted == self[HandlerSlot.REPLIED] + self[HandlerSlot.REQUEST_TIMEOUT] + self.core.in_flight
        assert self[HandlerSlot.ATTEMPTED] == accepted
        assert list(dict.fromkeys(self.port.sequences)) == list(range(1, accepted + 1))
        assert self.port.sequences == sorted(self.port.sequences)
        assert self[HandlerSlot.RETRIES] == len(self.port.taken) - accepted


def _one_value(delta: HistogramDelta) -> list[int]:
    """The values of a delta, which has one at most."""
    assert delta.count <= 1
    return [delta.sum_ns] * delta.count


def make(
    retries: int = 2,
    request_timeout: int = 100,
    strict: bool = True,
    plane: PlaneName = "python",
    **config: int,
) -> Bench:
    made = HandlerConfig(socket_type="REQ", retries=retries, request_timeout=request_timeout, **config)  # type: ignore[arg-type]
    return Bench(made, RequestPort(strict), plane=plane)
