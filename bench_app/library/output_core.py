"""The queue of a handler in a program, and what moves it into the socket: write -> **queue** -> socket ~~> consumer.

Where the data plane is compiled, a compiled sender moves the queue, otherwise the same core in Python as in the bench.
Both have the same rules; see :mod:`bench_app.handlers.core`. Events of a program have no stamp.

A REQ always has the core in Python: the program needs the end of each request, and a round trip takes
much longer than a turn of the core.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import zmq

from bench_app.data_plane import plane
from bench_app.handlers.compiled_core import CompiledCore
from bench_app.handlers.core import HandlerCore
from bench_app.handlers.request_end import RequestEnd
from bench_app.handlers.socket import CoreParts, HandlerKind
from bench_app.library.output_port import Addressed, OutputPort
from bench_app.measure.clock import NEVER_NS
from bench_app.measure.samples import NoSamples
from bench_app.model import Framing, HandlerConfig

if TYPE_CHECKING:
    # Modules that exist only where the data plane is compiled.
    from bench_app.data_plane.sending import Sender
    from bench_app.data_plane.zmq_functions import ZmqFunctions


class OutputCore(msgspec.Struct, frozen=True):
    """A core, the port to its socket, and the requests that have ended.

    Attributes:
        core: queues events and moves them into the socket.
        port: must be attached to the socket.
        take_ends: returns the end of each request that ended since the last call; REQ only.
    """

    core: HandlerCore | CompiledOutputCore
    port: OutputPort
    take_ends: Callable[[], list[RequestEnd]]


def make_output_core(
    kind: HandlerKind, config: HandlerConfig, framing: Framing, topic: str | None, slots: memoryview[int]
) -> OutputCore:
    """The core of a handler. ``topic`` is None for a socket type without topics, ``slots`` are its counters."""
    functions = plane.active().functions
    if functions is None or kind.pattern.gets_replies:
        return _make_python_core(kind, config, framing, topic, slots)
    return _make_compiled_core(kind, config, framing, topic, slots, functions)


class CompiledOutputCore(CompiledCore):
    """The core of a compiled sender that no pacer runs: it sends only when it is pumped."""

    def offer(self, body: Any, intended_ns: int) -> bool:
        """Offer one event. Returns False if it is lost (the queue is full, or was aborted)."""
        if isinstance(body, Addressed):
            return self.sender.offer(body.body, intended_ns, body.topic)
        return self.sender.offer(body, intended_ns)

    def pump(self) -> None:
        """Move events from the queue into the socket until it is empty, the socket is full, or a batch is done."""
        self.sender.pump()


class CompiledOutputPort(OutputPort):
    """The port of a compiled sender, which sends itself. It passes the socket on to the sender."""

    def __init__(self, framing: Framing, topic: str | None, sender: Sender) -> None:
        super().__init__(framing, topic)
        self._sender = sender
        sender.set_topic(None if topic is None else topic.encode())

    def attach(self, socket: zmq.Socket[bytes]) -> None:
        """Send into ``socket`` from now on."""
        super().attach(socket)
        self._sender.attach(socket.underlying)


def _make_python_core(
    kind: HandlerKind, config: HandlerConfig, framing: Framing, topic: str | None, slots: memoryview[int]
) -> OutputCore:
    port = OutputPort(framing, topic)
    ends: list[RequestEnd] = []

    def take_ends() -> list[RequestEnd]:
        taken = ends[:]
        ends.clear()
        return taken

    core = kind.make_core(CoreParts(config, port, slots, NoSamples(), NoSamples(), on_end=ends.append))
    # The library measures no latencies, so the core need not compute them.
    core.measure_from_ns = NEVER_NS
    return OutputCore(core, port, take_ends)


def _make_compiled_core(
    kind: HandlerKind,
    config: HandlerConfig,
    framing: Framing,
    topic: str | None,
    slots: memoryview[int],
    functions: ZmqFunctions,
) -> OutputCore:
    from bench_app.data_plane.sending import Sender

    sender = Sender(
        functions,
        slots,
        "off",
        b"",
        is_joined=framing == "joined" and topic is not None,
        retries_by_time=kind.pattern.knows_subscribers,
    )
    core = CompiledOutputCore(config, sender, slots)
    core.measure_from_ns = NEVER_NS
    return OutputCore(core, CompiledOutputPort(framing, topic, sender), list)
