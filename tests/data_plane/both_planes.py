"""The same run of a handler on both data planes, in a :class:`~tests.data_plane.world.World`."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench_app.engine.worker.source_run import SourceRun
from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.compiled_core import CompiledCore, CompiledPort
from bench_app.handlers.core import HandlerCore
from bench_app.handlers.headed_body import Form
from bench_app.handlers.recorded_port import RecordedPort
from bench_app.handlers.socket import CoreParts, HandlerPort
from bench_app.handlers.topic_port import TopicPort
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import HandlerSlot
from bench_app.measure.histogram_delta import HistogramDelta
from bench_app.measure.recorder import Recorder
from bench_app.measure.sample_buffer import SampleBuffer
from bench_app.measure.samples import NoSamples
from bench_app.model import Framing, HandlerConfig, Load, StampMode
from bench_app.recording.message import RecordedMessage
from bench_app.sources.block_feed import BlockFeed
from bench_app.sources.feed import Feed
from bench_app.sources.supply import PoolSupply, Supply
from bench_app.transport import stamp
from tests.compiled import compiled
from tests.data_plane.world import BEGIN_NS, FakeLibzmq, FakeSocket, World
from tests.sources.file_supply import FileSupply

sending = compiled("sending")
zmq_functions = compiled("zmq_functions")

IDENTITY = stamp.Identity(run=0xC0FFEE, handler=7)
LINGER_NS = 20 * NS_PER_MS + 7
ODD_NS = 333
"""Added to each time at which something ends. A reply or an event at that time may come before or after the end."""


@dataclass(frozen=True)
class Schedule:
    """A handler, its source, and what happens to it. ``actions`` have a time in ns after the start.

    The ``form`` frames stands for a recording, and paths for ``topic_field``.
    """

    config: HandlerConfig
    load: Load
    stamp_mode: StampMode = "field"
    framing: Framing = "frames"
    form: Form = "plain"
    sizes: tuple[int, ...] = (0,)
    recorded_ns: tuple[int, ...] = ()
    duration_ms: int = 20
    warmup_ms: int = 0
    skip: int = 0
    room: int = 1000
    reply_ms: tuple[int | None, ...] = (1,)
    actions: tuple[tuple[int, Callable[[PlaneRun], None]], ...] = ()


@dataclass
class Outcome:
    """What a run left behind."""

    counters: dict[str, int]
    messages: list[tuple[bytes, ...]]
    lateness: HistogramDelta
    offer_lateness: HistogramDelta
    round_trip: HistogramDelta
    fidelity: HistogramDelta
    times_full: int
    source: Any
    notes: list[str] = field(default_factory=list)


class PlaneRun:
    """One run on one plane."""

    def __init__(self, schedule: Schedule, is_compiled: bool) -> None:
        self.schedule = schedule
        self.is_compiled = is_compiled
        self.world = World(list(schedule.reply_ms), room=schedule.room)
        self.slots = memoryview(array("Q", bytes(8 * len(HandlerSlot))))
        kind = HANDLER_KINDS[schedule.config.socket_type]
        topic = schedule.config.topic if kind.pattern.sends_topic else None
        framing = schedule.framing if kind.pattern.sends_topic else "frames"
        port = self._make_port(topic, framing)
        self.port: HandlerPort | CompiledPort
        self.core: HandlerCore | CompiledCore
        if is_compiled:
            self._libzmq = FakeLibzmq(self.world)
            addresses = self._libzmq.addresses
            functions = zmq_functions.ZmqFunctions(
                {name: addresses[name] for name in zmq_functions.NAMES},
                {name: addresses[name] for name in zmq_functions.CLOCK_NAMES},
            )
            sender = self.sender = sending.Sender(
                functions,
                self.slots,
                port.mode,
                IDENTITY.text,
                is_joined=framing == "joined",
                retries_by_time=kind.pattern.knows_subscribers,
                is_requester=kind.pattern.gets_replies,
                form=port.form,
            )
            self.port = CompiledPort(port, sender)
            self.core = CompiledCore(schedule.config, sender, self.slots)
            self.lateness: Any = sender.lateness
            self.offer_lateness: Any = sender.offer_lateness
            self.round_trip: Any = sender.round_trip
            self.fidelity: Any = sender.fidelity or NoSamples()
        else:
            self.lateness, self.offer_lateness, self.round_trip = (SampleBuffer(Recorder()) for _ in range(3))
            self.port = port
            self.fidelity = port.fidelity if isinstance(port, RecordedPort) else NoSamples()
            parts = CoreParts(schedule.config, self.port, self.slots, self.lateness, self.round_trip)
            self.core = kind.make_core(parts)
            self.core._clock = self.world.clock
        self.port.attach(FakeSocket(self.world))  # type: ignore[arg-type]
        self.feed = self._make_feed()
        self.source: SourceRun[Any] = SourceRun(
            self.feed,
            self.core,  # type: ignore[arg-type]
            self.offer_lateness,
            schedule.duration_ms * NS_PER_MS + ODD_NS,
            schedule.warmup_ms * NS_PER_MS,
            self.world.clock,
        )

    def run(self) -> Outcome:
        """Run to the end of the drain, and abort the rest."""
        schedule = self.schedule
        self.source.start(BEGIN_NS)
        for number, (at_ns, action) in enumerate(schedule.actions):
            # Not at the time of another event; see ODD_NS.
            self._until(BEGIN_NS + at_ns // 1000 * 1000 + 501 + 37 * number, self.source.step)
            action(self)
        # A source whose duration was changed may still offer events then.
        self._until(BEGIN_NS + (schedule.duration_ms + 5) * NS_PER_MS + ODD_NS, self.source.step)
        self.source.stop()
        deadline_ns = self.world.now_ns + LINGER_NS

        def drain(now_ns: int) -> int | None:
            self.core.pump()
            return None if self.core.is_idle or now_ns >= deadline_ns else deadline_ns

        self._until(NEVER_NS, drain)
        self.core.abort()
        return Outcome(
            counters={slot.name.lower(): self.slots[slot] for slot in HandlerSlot},
            messages=self.world.messages,
            lateness=self.lateness.take(),
            offer_lateness=self.offer_lateness.take(),
            round_trip=self.round_trip.take(),
            fidelity=self.fidelity.take(),
            times_full=self.core.times_full,
            source=self.feed.counts,
            notes=[self.feed.early_end_note],
        )

    def _until(self, end_ns: int, phase: Callable[[int], int | None]) -> None:
        """Let time pass to ``end_ns``, or to the end of the phase."""
        # A step of the Python core pumps. A new config makes the sender pump, too.
        self.core.config = self.core.config
        while self.world.now_ns < end_ns:
            due_ns = phase(self.world.now_ns)
            if due_ns is None:
                # The source has ended, and a handler would drain now: no event that was offered by hand waits.
                self.core.pump()
                self.world.now_ns = max(self.world.now_ns, min(end_ns, NEVER_NS - 1) if end_ns < NEVER_NS else 0)
                return
            if self.is_compiled:
                sending.run_senders([self.sender], min(end_ns, due_ns, self.world.now_ns + 10 * NS_PER_MS))
            else:
                self._wait(min(end_ns, due_ns))

    def _wait(self, until_ns: int) -> None:
        """What the pacer does for a unit in Python."""
        core = self.core
        if core.queued and not core.is_blocked:
            return
        deadline_ns = core.deadline_ns
        if deadline_ns is not None:
            until_ns = min(until_ns, deadline_ns)
        if core.poll_for and self.schedule.config.socket_type != "PUB":
            until_ns = min(until_ns, self.world.ready_at_ns(int(core.poll_for)))
        self.world.now_ns = max(self.world.now_ns, until_ns)

    def _make_port(self, topic: str | None, framing: Framing) -> HandlerPort:
        mode, form = self.schedule.stamp_mode, self.schedule.form
        if form == "frames":
            return RecordedPort(IDENTITY, mode, topic)
        if form == "paths" and topic is not None:
            return TopicPort(IDENTITY, mode, framing, topic, "n")
        return HandlerPort(IDENTITY, mode, framing, topic)

    def _make_feed(self) -> Feed[bytearray] | BlockFeed:
        schedule = self.schedule
        events = [_event(schedule.form, number, size) for number, size in enumerate(schedule.sizes)]
        supply: Supply[bytearray] = PoolSupply(list(map(self.port.render, events)), schedule.skip)
        if schedule.recorded_ns:
            supply = FileSupply(
                [(self.port.render(events[n % len(events)]), at_ns) for n, at_ns in enumerate(schedule.recorded_ns)]
            )
        duration_ns = schedule.duration_ms * NS_PER_MS + ODD_NS
        if self.is_compiled:
            return BlockFeed(supply, schedule.load, 1, duration_ns, schedule.skip, self.sender)
        return Feed(supply, schedule.load, 1, duration_ns, schedule.skip)


def _event(form: Form, number: int, size: int) -> bytes:
    """An event as its source has it: one with a field n, of which every third is empty, or a line of a recording."""
    value = b'""' if number % 3 == 2 else b"%d" % number
    event = b'{"n":%s,"pad":"%s"}' % (value, b"x" * size)
    if form != "frames":
        return event
    frames = [b"topic.%d" % number, b"", event, bytes([255, number])][number % 3 :]
    return RecordedMessage(number, "ipc:///a", "", "", frames).to_line()
