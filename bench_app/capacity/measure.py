"""Measures the effective capacity of connections: fills each until its socket refuses, then reads all messages.

source -> **handler's socket ~~> listener that does not read**. The handler's own queue is before the socket and is
not part of the figure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from bench_app.capacity import places
from bench_app.capacity.connections import Connection, connections_of
from bench_app.capacity.figures import CapacityResult, ConnectionCapacity, Verdict
from bench_app.capacity.fill import Filler, Filling, Limits
from bench_app.capacity.pair import Ends, Pair, open_pair
from bench_app.capacity.places import KernelView, Place
from bench_app.engine.running_conditions import this_machine
from bench_app.measure.clock import NEVER_NS
from bench_app.model import MaxLoad, ReplaySource, Source
from bench_app.preset.documents import Document
from bench_app.sources.open_feed import open_feed
from bench_app.transport.stamp_arrays import decode_times

DRAIN_SILENCE_S = 2.0
"""The connection counts as empty when the listener receives nothing for this time."""


def measure(
    document: Document,
    handler: str | None = None,
    limits: Limits | None = None,
    on_measured: Callable[[ConnectionCapacity], None] = lambda found: None,
) -> CapacityResult:
    """Measure each connection of one handler, or of each enabled handler.

    Listeners with the same socket settings share a measurement. ``on_measured`` gets each connection when it is
    measured. Raises InputError if no handler has the name, SourceError if there are no events, and SocketSetupError or
    EngineError if the sockets cannot be used.
    """
    found = []
    for connection in connections_of(document, handler):
        found.append(_measure_one(document, connection, limits or Limits()))
        on_measured(found[-1])
    return CapacityResult(preset=document.name, connections=found, machine=this_machine())


def _measure_one(document: Document, connection: Connection, limits: Limits) -> ConnectionCapacity:
    known, plan = connection.known, connection.handler
    if not connection.is_measurable:
        return known
    with open_pair(Ends(plan, connection.listener)) as pair:
        feed = open_feed(
            _endless(plan.source),
            base_dir=document.base_dir,
            render=pair.port.render,
            reserve=pair.port.reserve,
            duration_ns=NEVER_NS,
            objects_only=plan.bench.stamp == "field",
            sink=plan.spec.sink,
        )
        try:
            filling = Filler(pair.port, feed, lambda: _kernel_view(pair), known.rate, limits).fill()
        finally:
            feed.close()
        received = _drain(pair, len(filling.ends), stamped=plan.bench.stamp != "off")
    total = len(filling.ends)
    verdict: Verdict = "unsound" if received != total else "measured" if filling.full else "at_least"
    return msgspec.structs.replace(
        known,
        verdict=verdict,
        messages=total,
        received=received,
        message_bytes=round(filling.ends[-1] / total, 1) if total else 0.0,
        places=_places(known, filling),
        notes=[*known.notes, *_pace_notes(known, filling)],
        fills_in_s=None if not known.rate else total / known.rate,
    )


def _pace_notes(known: ConnectionCapacity, filling: Filling) -> list[str]:
    if known.transport == "inproc":
        return []
    total, rate = len(filling.ends), known.rate
    if rate is None:
        return ["filled as fast as possible; the kernel's share depends on the pace"]
    if filling.paced >= total:
        return [f"filled at the preset's {rate:,.4g}/s"]
    return [
        f"the first {filling.paced:,} filled at the preset's {rate:,.4g}/s, the rest as fast as possible; "
        "the kernel's share depends on the pace"
    ]


def _endless(source: Source) -> Source:
    """A source of the same events without end, as fast as the connection takes them."""
    changes: dict[str, Any] = {"load": MaxLoad()}
    if isinstance(source, ReplaySource):
        changes["loop"] = True
    return msgspec.structs.replace(source, **changes)


def _kernel_view(pair: Pair) -> KernelView | None:
    return None if pair.connection is None else pair.connection.view()


def _drain(pair: Pair, sent: int, stamped: bool) -> int:
    """Read until the connection is empty; returns how many of the ``sent`` messages came out, each counted once."""
    listener, unstamped = pair.listener, 0
    texts: list[bytes] = []
    while len(texts) + unstamped < sent and listener.poll(int(DRAIN_SILENCE_S * 1000)):
        frames = listener.recv_multipart()
        parts = pair.reader.read(frames)
        if parts.times is not None:
            texts.append(parts.times)
        elif not stamped:
            unstamped += 1
    if not texts:
        return unstamped
    numbers, is_valid = decode_times(texts)
    received = set(numbers[is_valid, 0].tolist())
    return len(received & set(range(1, sent + 1)))


def _places(known: ConnectionCapacity, filling: Filling) -> list[Place]:
    total, view = len(filling.ends), filling.view
    if known.transport == "inproc":
        return places.in_one_pipe(total)
    if view is None:
        return places.by_marks(total, known.send_high_water_mark, known.receive_high_water_mark)
    split: Callable[..., list[Place]] = places.by_kernel if view.arrived is None else places.by_position
    return split(filling.ends, known.receive_high_water_mark, view)
