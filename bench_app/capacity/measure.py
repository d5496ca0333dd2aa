"""Measures the effective capacity of a preset's connections: fill until the socket refuses, look, then read it all.

source -> **handler's socket ~~> listener that does not read**; the handler's own queue stands before it and is not
part of the figure.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import zmq

from bench_app.capacity import places
from bench_app.capacity.figures import CapacityResult, ConnectionCapacity, Verdict, rate_of
from bench_app.capacity.pair import Ends, Pair
from bench_app.capacity.places import KernelView, Place
from bench_app.engine.plan import HandlerPlan, make_plan
from bench_app.engine.result import this_machine
from bench_app.errors import InputError
from bench_app.handlers import HANDLER_KINDS
from bench_app.measure.clock import NEVER_NS
from bench_app.model import ListenerSpec, MaxLoad, OutputSpec, ReplaySource, Source
from bench_app.preset.documents import Document
from bench_app.sources import Feed, open_feed
from bench_app.transport.stamp import decode_times

DEFAULT_MARK = 1000
"""libzmq's own high-water mark, for who sets none in time."""
STANDSTILL_S = 0.25
"""A socket that refuses for so long, with nothing moving in the kernel either, is taken to be full."""
PACED_S = 5.0
"""For so long the connection is filled at the preset's rate (how much the kernel takes depends on it), then as fast as
it goes."""
FILL_LIMIT_S = 20.0
DRAIN_SILENCE_S = 2.0
MOST_MESSAGES = 2_000_000
MOST_BYTES = 512 * 1024 * 1024
RETRY_S = 50e-6


@dataclass(frozen=True)
class Limits:
    """How long filling goes at the preset's pace, and when it ends though the connection still takes more."""

    paced_s: float = PACED_S
    seconds: float = FILL_LIMIT_S
    messages: int = MOST_MESSAGES
    bytes: int = MOST_BYTES


@dataclass
class Filling:
    """What went in: ``ends`` are positions in the stream at which the messages end."""

    ends: array[int]
    full: bool
    view: KernelView | None
    paced: int
    """How many of the messages went at the preset's pace."""


def measure(document: Document, handler: str | None = None, limits: Limits | None = None) -> CapacityResult:
    """Measure each connection of one handler, or of each enabled one.

    Listeners with the same settings share a measurement. Raises InputError for a handler that is not there, SourceError
    where there are no events, SocketSetupError and EngineError.
    """
    connections = []
    for name in _names(document, handler):
        plan = _plan(document, name)
        for names, spec in _kinds_of(plan):
            connections.append(_measure_one(document, plan, names, spec, limits or Limits()))
    return CapacityResult(preset=document.name, connections=connections, machine=this_machine())


def _names(document: Document, wanted: str | None) -> list[str]:
    handlers = document.preset.output.handlers
    if wanted is None:
        enabled = [name for name, spec in handlers.items() if spec.enabled]
        if not enabled:
            raise InputError(f"{document.name} has no enabled handler; --handler NAME measures one that is not")
        return enabled
    if wanted not in handlers:
        raise InputError(f"{document.name} has no handler “{wanted}”: it has {', '.join(handlers)}")
    return [wanted]


def _plan(document: Document, name: str) -> HandlerPlan:
    """The run's plan of one handler, as if it were alone and enabled."""
    preset = document.preset
    spec = msgspec.structs.replace(preset.output.handlers[name], enabled=True)
    return make_plan(msgspec.structs.replace(preset, output=OutputSpec(handlers={name: spec}))).handlers[0]


def _kinds_of(plan: HandlerPlan) -> list[tuple[list[str], ListenerSpec]]:
    """The listeners, those with equal sockets together."""
    kinds: dict[ListenerSpec, list[str]] = {}
    for listener in plan.listeners:
        kinds.setdefault(_socket_of(listener.spec), []).append(listener.name)
    topics = (plan.spec.config.topic,)
    return [(names, spec) for spec, names in kinds.items()] or [([], ListenerSpec(topics=topics))]


def _socket_of(spec: ListenerSpec) -> ListenerSpec:
    """Only what makes a difference to the socket."""
    plain = ListenerSpec()
    others = ("name", "delay_ms", "delay_jitter_ms", "drop_replies", "error_replies", "reply", "endpoint", "stall")
    return msgspec.structs.replace(spec, **{key: getattr(plain, key) for key in others})


def _measure_one(
    document: Document, plan: HandlerPlan, names: list[str], listener: ListenerSpec, limits: Limits
) -> ConnectionCapacity:
    config = plan.spec.config
    send_mark = DEFAULT_MARK if _too_late(plan) else config.high_water_mark
    rate = rate_of(plan.source.load)
    if rate is not None and not HANDLER_KINDS[config.socket_type].sends_topic:
        # The others deal events out to their listeners in turn.
        rate /= max(1, len(plan.listeners))
    base = ConnectionCapacity(
        handler=plan.name,
        listeners=names,
        socket_type=config.socket_type,
        transport=plan.endpoint.transport,
        verdict="unlimited",
        messages=None,
        received=0,
        message_bytes=0.0,
        queue_size=config.queue_size,
        send_timeout=config.send_timeout,
        send_high_water_mark=send_mark,
        receive_high_water_mark=listener.high_water_mark,
        places=[],
        rate=rate,
        fills_in_s=None,
        step=0 if plan.local else places.reopening_step(send_mark),
        drops=config.socket_type == "PUB" and not plan.bench.no_drop,
        notes=_notes(plan, names),
    )
    if config.socket_type == "REQ":
        only = Place(place="between", holds="the request that waits for its reply", messages=1, basis="inferred")
        return msgspec.structs.replace(base, verdict="by_design", messages=1, places=[only], step=0)
    if why := _why_unlimited(plan, listener, send_mark):
        return msgspec.structs.replace(base, reason=why, step=0)
    return _fill_and_drain(document, Ends(plan, listener), base, limits)


def _why_unlimited(plan: HandlerPlan, listener: ListenerSpec, send_mark: int) -> str:
    if plan.bench.conflate or listener.conflate:
        return "conflate keeps one message and replaces it by the next"
    if send_mark == 0:
        return "the handler's high_water_mark is 0, which is no limit: messages pile up until memory ends"
    if listener.high_water_mark == 0:
        return "the listener's high_water_mark is 0, which is no limit: messages pile up in it until memory ends"
    if plan.spec.config.socket_type == "PUB":
        topic = plan.spec.config.topic.encode()
        if not any(topic.startswith(wanted.encode()) for wanted in listener.topics or ("",)):
            return f"this listener does not subscribe to the handler's topic “{plan.spec.config.topic}”"
    return ""


def _too_late(plan: HandlerPlan) -> bool:
    """Whether the mark is set when it has no effect: peers of a bound socket get that of the bind. (One that connects
    has its pipe already, which takes the new mark.)"""
    return plan.bench.high_water_mark_set == "after" and plan.bind


def _notes(plan: HandlerPlan, names: list[str]) -> list[str]:
    notes = []
    bench = plan.bench
    if not names:
        notes.append(f"the consumer is not the bench's: taken as one with a high-water mark of {DEFAULT_MARK:,}")
    if any(listener.elsewhere for listener in plan.listeners if listener.name in names):
        notes.append("measured as if the listener were connected to the handler directly, with nothing between")
    if _too_late(plan):
        notes.append(f"high_water_mark_set is after: the mark is set too late, and libzmq's {DEFAULT_MARK:,} holds")
    if bench.heartbeat_interval:
        notes.append("measured without heartbeats, which would cut a stalled consumer off")
    if plan.spec.config.socket_type == "PUB" and not bench.no_drop:
        notes.append("measured with XPUB_NODROP, under which the socket refuses the very message it would drop")
    return notes


def _fill_and_drain(document: Document, ends: Ends, base: ConnectionCapacity, limits: Limits) -> ConnectionCapacity:
    with Pair(ends) as pair:
        feed = open_feed(
            _endless(ends.handler.source),
            base_dir=document.base_dir,
            render=pair.port.render,
            reserve=pair.port.reserve,
            duration_ns=NEVER_NS,
            objects_only=ends.handler.bench.stamp == "field",
        )
        try:
            filling = _Filler(pair, feed, base.rate, limits).fill()
        finally:
            feed.close()
        received = _drain(pair, len(filling.ends), stamped=ends.handler.bench.stamp != "off")
    total = len(filling.ends)
    verdict: Verdict = "unsound" if received != total else "measured" if filling.full else "at_least"
    return msgspec.structs.replace(
        base,
        verdict=verdict,
        messages=total,
        received=received,
        message_bytes=round(filling.ends[-1] / total, 1) if total else 0.0,
        places=_places(base, filling),
        notes=[*base.notes, *_pace_notes(base, filling)],
        fills_in_s=None if not base.rate else total / base.rate,
    )


def _pace_notes(base: ConnectionCapacity, filling: Filling) -> list[str]:
    if base.transport == "inproc":
        return []
    total, rate = len(filling.ends), base.rate
    if rate is None:
        return ["filled as fast as it takes messages; the kernel's share depends on the pace"]
    if filling.paced >= total:
        return [f"filled at the preset's {rate:,.4g}/s"]
    return [
        f"the first {filling.paced:,} filled at the preset's {rate:,.4g}/s, the rest as fast as it takes messages; "
        "the kernel's share depends on the pace"
    ]


def _endless(source: Source) -> Source:
    """The same events, as fast as they are taken, and again from the start where a file ends."""
    changes: dict[str, Any] = {"load": MaxLoad()}
    if isinstance(source, ReplaySource):
        changes["loop"] = True
    return msgspec.structs.replace(source, **changes)


class _Filler:
    """Sends until the socket has refused for STANDSTILL_S and nothing moves any more, or a limit is reached."""

    def __init__(self, pair: Pair, feed: Feed[bytearray], rate: float | None, limits: Limits) -> None:
        self._pair, self._feed, self._limits = pair, feed, limits
        self._interval_s = 0.0 if rate is None else 1 / rate
        self._ends = array("q")
        self._position = 0
        self._paced = 0

    def fill(self) -> Filling:
        """Do it; blocks."""
        began = moved_at = time.monotonic()
        view = _look(self._pair)
        event = _next(self._feed)
        while not self._at_limit(time.monotonic() - began):
            self._keep_pace(began)
            if self._send(event):
                event = _next(self._feed)
                moved_at = time.monotonic()
            elif time.monotonic() - moved_at >= STANDSTILL_S:
                before, view = view, _look(self._pair)
                if view == before:
                    return Filling(self._ends, True, view, self._paced)
                moved_at = time.monotonic()
            else:
                time.sleep(RETRY_S)
        return Filling(self._ends, False, _look(self._pair), self._paced)

    def _send(self, event: bytearray) -> bool:
        now_ns = time.perf_counter_ns()
        try:
            self._pair.port.send(event, len(self._ends) + 1, now_ns, now_ns)
        except zmq.Again:
            return False
        self._position += self._pair.port.size_on_wire(event)
        self._ends.append(self._position)
        return True

    def _keep_pace(self, began: float) -> None:
        """Wait until the next message is due, as long as pace is kept at all."""
        if not self._interval_s:
            return
        due_s = len(self._ends) * self._interval_s
        wait_s = began + min(due_s, self._limits.paced_s) - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
        if due_s < self._limits.paced_s:
            self._paced = len(self._ends) + 1
        else:
            self._interval_s = 0.0

    def _at_limit(self, elapsed_s: float) -> bool:
        limits = self._limits
        return len(self._ends) >= limits.messages or self._position >= limits.bytes or elapsed_s > limits.seconds


def _next(feed: Feed[bytearray]) -> bytearray:
    while (event := feed.poll(0)) is None:
        if feed.exhausted:
            raise InputError(f"the source has no more events{f': {feed.failure}' if feed.failure else ''}")
        time.sleep(RETRY_S)
    return event[0]


def _look(pair: Pair) -> KernelView | None:
    return None if pair.connection is None else pair.connection.view()


def _drain(pair: Pair, sent: int, stamped: bool) -> int:
    """Read all that comes; returns how many of the ``sent`` came out, each counted once."""
    listener, plain = pair.listener, 0
    texts: list[bytes] = []
    while len(texts) + plain < sent and listener.poll(int(DRAIN_SILENCE_S * 1000)):
        frames = listener.recv_multipart()
        parts = pair.reader.read(frames)
        if parts.times is not None:
            texts.append(parts.times)
        elif not stamped:
            plain += 1
    if not texts:
        return plain
    numbers, sound = decode_times(texts)
    came = set(numbers[sound, 0].tolist())
    return len(came & set(range(1, sent + 1)))


def _places(base: ConnectionCapacity, filling: Filling) -> list[Place]:
    total, view = len(filling.ends), filling.view
    if base.transport == "inproc":
        return places.in_one_pipe(total)
    if view is None:
        return places.by_marks(total, base.send_high_water_mark, base.receive_high_water_mark)
    split: Callable[..., list[Place]] = places.by_kernel if view.arrived is None else places.by_position
    return split(filling.ends, base.receive_high_water_mark, view)
