"""A listener core on real sockets, with a clock that moves at each reading, and messages of every kind."""

from __future__ import annotations

import ctypes
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import zmq

from bench_app.data_plane.choice import PlaneName
from bench_app.data_plane.libzmq import find_libzmq
from bench_app.listeners.core import NO_LIMIT, ListenerCore
from bench_app.measure.clock import NEVER_NS
from bench_app.measure.counters import ListenerSlot
from bench_app.measure.histogram import Histogram
from bench_app.measure.sequence import SequenceSet
from bench_app.model import ListenerSpec, StampMode
from bench_app.transport import stamp
from bench_app.transport.wire import Reader
from tests.compiled import compiled

IDENTITY = stamp.Identity(7, 1)
LATE_MS = 500
"""How much too late a call may return on a busy machine."""
SEED = 1
WAIT_MS = 1

slot = ListenerSlot


def body(sequence: int, intended_ns: int = 0, sent_ns: int = 0, identity: stamp.Identity = IDENTITY) -> bytes:
    """An event with the stamp in its first field, as a handler sends it."""
    event = stamp.wrap(identity, b'{"a":1}')
    event[stamp.TIMES_AT : stamp.TIMES_AT + stamp.TIMES_LENGTH] = stamp.times(sequence, intended_ns, sent_ns)
    return bytes(event)


FOREIGN = b'{"someone":"else"}'
MALFORMED = body(1).replace(b"0000000000000001-", b"000000000000zzzz-")
SHORT = body(1)[: stamp.TIMES_AT + 10]


class Clock:
    """A clock that moves by ``step_ns`` at each reading.

    Attributes:
        pointer: the clock for compiled loops. They may use it while this object lives.
    """

    def __init__(self, step_ns: int) -> None:
        self.pointer = ctypes.CFUNCTYPE(ctypes.c_int64)(self)
        self.now_ns = 1_000_000_000
        self.step_ns = step_ns

    def __call__(self) -> int:
        self.now_ns += self.step_ns
        return self.now_ns


PLANES: tuple[PlaneName, ...] = ("python", "compiled")


def functions_of(plane: PlaneName, clock: Callable[[], int] = time.perf_counter_ns) -> Any:
    """The functions of libzmq for a core of this plane, with a clock for its loop; None for Python."""
    if plane == "python":
        return None
    functions = compiled("zmq_functions")
    compiled("receiving")
    addresses = find_libzmq(functions.NAMES).addresses
    if not isinstance(clock, Clock):
        return functions.ZmqFunctions(addresses)
    pointers = {"now_ns": clock.pointer, "sleep_until": _sleep_until}
    return functions.ZmqFunctions(addresses, {name: _address(pointer) for name, pointer in pointers.items()})


@ctypes.CFUNCTYPE(None, ctypes.c_int64)
def _sleep_until(at_ns: int) -> None:
    raise AssertionError("no test sleeps on a clock of its own")


def _address(pointer: Any) -> int:
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


class Replier:
    """Records the answered requests with their times, and answers each with its own body."""

    depends_on_body_alone = False

    def __init__(self, spec: ListenerSpec) -> None:
        self.spec = spec
        self.answered: list[bytes | None] = []
        self.answered_ns: list[int] = []

    def body_of(self, frames: list[bytes]) -> list[bytes]:
        return frames[2:]

    def reply_to(self, body: bytes | None) -> bytes | None:
        self.answered.append(body)
        self.answered_ns.append(time.perf_counter_ns())
        return body

    def answer(self, socket: zmq.Socket[bytes], frames: list[bytes]) -> None:
        reply = self.reply_to(frames[2] if len(frames) > 2 else None)
        if reply is not None:
            socket.send_multipart([*frames[:2], reply])


@dataclass
class Bench:
    """A core that reads from a PULL, and the PUSH that feeds it; if it answers, a ROUTER and a DEALER."""

    push: zmq.Socket[bytes]
    pull: zmq.Socket[bytes]
    spec: ListenerSpec = field(default_factory=ListenerSpec)
    stamp: StampMode = "field"
    had: int = 0
    clock: Callable[[], int] = time.perf_counter_ns
    answers: bool = False
    plane: PlaneName = "python"
    replier: Any = None

    def __post_init__(self) -> None:
        self.slots = memoryview(array("Q", bytes(8 * len(ListenerSlot))))
        # The counters outlive a killed worker.
        self.slots[slot.HIGHEST] = self.had
        if self.answers:
            self.replier = Replier(self.spec)
        sequences = SequenceSet(complete_to=self.had)
        reader = Reader(IDENTITY, self.stamp)
        functions = functions_of(self.plane, self.clock)
        self.sequences = sequences
        self.core = ListenerCore(self.spec, reader, self.slots, sequences, self.replier, SEED, self.clock, functions)
        self.core.wait_at_most(WAIT_MS)
        self.core.attach(self.pull)

    def send(self, *messages: bytes | list[bytes]) -> None:
        for message in messages:
            envelope = [b""] if self.replier is not None else []
            self.push.send_multipart([*envelope, *(message if isinstance(message, list) else [message])])

    def receive(self, limit: int = NO_LIMIT) -> int:
        """Receive until no message is left, and settle."""
        received = self.core.receive_until(NEVER_NS, limit)
        self.core.settle()
        return received

    def counts(self) -> dict[str, int]:
        """The counters that are not 0."""
        return {one.name.lower(): self.slots[one] for one in ListenerSlot if self.slots[one]}

    def latencies(self) -> tuple[Histogram, Histogram]:
        service, response = Histogram(), Histogram()
        for histogram, delta in zip((service, response), self.core.take_latencies()[:2], strict=True):
            histogram.merge(delta)
        return service, response


@dataclass
class Sockets:
    """Pairs of sockets that are closed at the end of a test."""

    context: zmq.Context[zmq.Socket[bytes]]
    plane: PlaneName = "python"
    opened: list[zmq.Socket[bytes]] = field(default_factory=list)

    def pair(self, answers: bool = False) -> tuple[zmq.Socket[bytes], zmq.Socket[bytes]]:
        pull, push = map(self.context.socket, (zmq.ROUTER, zmq.DEALER) if answers else (zmq.PULL, zmq.PUSH))
        self.opened += [pull, push]
        for socket in (pull, push):
            socket.set_hwm(0)
            socket.linger = 0
        # A new name for each pair, because libzmq frees a name in the background.
        endpoint = f"inproc://listener-core-{id(self)}-{len(self.opened)}-{time.perf_counter_ns()}"
        pull.bind(endpoint)
        push.connect(endpoint)
        return push, pull

    def bench(
        self,
        spec: ListenerSpec | None = None,
        stamp: StampMode = "field",
        had: int = 0,
        clock: Callable[[], int] = time.perf_counter_ns,
        answers: bool = False,
    ) -> Bench:
        """A bench on a new pair."""
        return Bench(*self.pair(answers), spec or ListenerSpec(), stamp, had, clock, answers, self.plane)

    def close(self) -> None:
        for socket in self.opened:
            socket.close()
        self.opened.clear()
