"""A handler core without sockets: its port takes a set number of messages, and its clock is moved by hand."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import zmq

from bench_app.data_plane.choice import PlaneName
from bench_app.handlers.compiled_core import CompiledCore
from bench_app.handlers.core import HandlerCore
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.recorder import Recorder
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.model import HandlerConfig
from bench_app.transport import stamp
from tests.compiled import compiled
from tests.data_plane.world import FakeLibzmq, World

if TYPE_CHECKING:
    # A module that exists only where the data plane is compiled.
    from bench_app.data_plane.sending import Sender

UNLIMITED = 10**9


class Clock:
    """A clock of monotonic ns that moves only by ``advance_ms``."""

    def __init__(self, now_ns: int = 1_000_000_000) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns

    def advance_ms(self, ms: float) -> None:
        self.now_ns += int(ms * NS_PER_MS)


class Port:
    """Takes ``room`` messages, then raises ``zmq.Again``; ``on_send`` is called at each send and may raise."""

    def __init__(self, room: int = UNLIMITED, overhead: int = 0) -> None:
        self.room = room
        self.overhead = overhead
        self.taken: list[tuple[bytes, int, int, int]] = []
        self.tries = 0
        self.on_send: Callable[[], None] | None = None

    @property
    def sequences(self) -> list[int]:
        return [sequence for _, sequence, _, _ in self.taken]

    def send(self, body: bytearray, sequence: int, intended_ns: int, sent_ns: int) -> None:
        self.tries += 1
        if self.on_send is not None:
            self.on_send()
        if not self.room:
            raise zmq.Again
        self.room -= 1
        self.taken.append((bytes(body), sequence, intended_ns, sent_ns))


class Samples(Recorder):
    """A recorder that keeps the samples."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[int] = []

    def add(self, values_ns: np.ndarray) -> None:  # type: ignore[type-arg]
        self.values += values_ns.tolist()


@dataclass
class Bench:
    """A core with its port, clock and counters."""

    config: HandlerConfig = field(default_factory=HandlerConfig)
    port: Port = field(default_factory=Port)
    clock: Clock = field(default_factory=Clock)
    plane: PlaneName = "python"

    def __post_init__(self) -> None:
        self.slots = memoryview(array("Q", bytes(8 * len(HandlerSlot))))
        self.samples = Samples()
        self._buffer = SampleBuffer(self.samples)
        self.core: HandlerCore | CompiledCore
        if self.plane == "python":
            self.core = HandlerCore(self.config, self.port, self.slots, self._buffer, self.clock)
            return
        self._libzmq = PortLibzmq(self.port, self.clock)
        self.core = CompiledCore(self.config, self._libzmq.sender(self.slots, self.config), self.slots)

    def __getitem__(self, slot: HandlerSlot) -> int:
        return self.slots[slot]

    def offer(self, count: int = 1, body: bytes = b"{}") -> list[bool]:
        return [self.core.offer(bytearray(body), self.clock()) for _ in range(count)]

    def lateness_ns(self) -> list[int]:
        self._buffer.flush()
        return self.samples.values

    def change(self, **values: int) -> None:
        """Change the config while the core runs, as the engine does."""
        self.core.config = msgspec.structs.replace(self.core.config, **values)

    def counts(self) -> dict[str, int]:
        """All counters that are not 0. The bytes are those of bodies and the overhead of the port."""
        counts = {slot.name.lower(): self.slots[slot] for slot in HandlerSlot if self.slots[slot]}
        if self.plane == "compiled" and "bytes" in counts:
            counts["bytes"] += self[HandlerSlot.ACCEPTED] * (self.port.overhead - stamp.TEXT_LENGTH)
        return counts

    def assert_balanced(self) -> None:
        lost = sum(self[slot] for slot in (HandlerSlot.QUEUE_OVERFLOW, HandlerSlot.SEND_TIMEOUT, HandlerSlot.ABORTED))
        assert self[HandlerSlot.OFFERED] == lost + self[HandlerSlot.ACCEPTED] + self.core.queued
        assert self[HandlerSlot.ATTEMPTED] == self[HandlerSlot.ACCEPTED]
        assert self.port.sequences == list(range(1, self[HandlerSlot.ACCEPTED] + 1))


def make(port: Port | None = None, plane: PlaneName = "python", **config: int) -> Bench:
    return Bench(HandlerConfig(**config), port or Port(), plane=plane)  # type: ignore[arg-type]


class PortWorld(World):
    """A port as the world of a compiled sender. The stamp is a frame, in which the numbers of a message are read."""

    def __init__(self, port: Port, clock: Clock) -> None:
        super().__init__()
        self._port = port
        self._clock = clock
        self._body: bytes | None = None

    def clock(self) -> int:
        return self._clock()

    def send(self, frame: bytes, more: bool) -> bool:
        if self._body is None and self._port.room:
            self._body = frame
            return True
        numbers = (0, 0, 0)
        if self._body is not None:
            found = stamp.decode_one(frame[stamp.IDENTITY_LENGTH :])
            assert found is not None and not more
            numbers = found
        body, self._body = self._body, None
        try:
            self._port.send(bytearray(body or b""), *numbers)
        except zmq.Again:
            return False
        return True


class PortLibzmq(FakeLibzmq):
    """The functions of libzmq for a compiled sender that sends into a port."""

    def __init__(self, port: Port, clock: Clock, world: PortWorld | None = None) -> None:
        super().__init__(world or PortWorld(port, clock))

    def sender(self, slots: memoryview[int], config: HandlerConfig) -> Sender:
        zmq_functions, sending = compiled("zmq_functions"), compiled("sending")
        functions = zmq_functions.ZmqFunctions(
            {name: self.addresses[name] for name in zmq_functions.NAMES},
            {name: self.addresses[name] for name in zmq_functions.CLOCK_NAMES},
        )
        identity = stamp.Identity(run=1, handler=1).text
        made: Sender = sending.Sender(
            functions,
            slots,
            "frame",
            identity,
            retries_by_time=config.socket_type == "PUB",
            is_requester=config.socket_type == "REQ",
        )
        made.attach(1)
        return made
