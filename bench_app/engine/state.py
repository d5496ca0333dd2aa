"""What the session knows of each unit right now: reports and crashes in, the ledger's raw numbers out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from bench_app.engine.control.messages import HandlerReport, ListenerReport
from bench_app.engine.plan import HandlerPlan, ListenerPlan
from bench_app.engine.unit_key import Departure, UnitKey
from bench_app.measure.counters import HandlerSlot, MappedCounters, read_counters
from bench_app.measure.histogram import Histogram
from bench_app.measure.ledger import HandlerCounts, ListenerCounts, TopicSpan, close_crashed
from bench_app.measure.message_samples import MessageSample
from bench_app.measure.quantiles import PendingDeltas
from bench_app.measure.rate_window import RateWindow
from bench_app.transport.connection import IDLE, ConnectionStatus

NO_COUNTS = HandlerCounts()
NO_RECEIVED = ListenerCounts()
SAMPLES_KEPT = 200


@dataclass
class UnitState(ABC):
    """What handlers and listeners have in common. A unit is ``done`` when its numbers cannot change any more."""

    unit: str
    book: Path
    worker: str = ""
    endpoint: str = ""
    failed: str = ""
    finished: bool = False
    crashed: bool = False
    restarts: int = 0
    kills: int = 0
    """How many of the ends of its worker were asked for, as a fault to be watched."""
    ending: str = ""
    """How its worker ended last without being asked to, as a sentence's end."""
    paused: bool = False
    moves: int = 0
    """How often it has tried to go to another endpoint."""
    last_report_ns: int = 0
    longest_silence_ns: int = 0
    connection: ConnectionStatus = IDLE
    window: RateWindow = field(default_factory=RateWindow)

    @property
    def opened(self) -> bool:
        """True once its socket is bound or connecting."""
        return bool(self.endpoint)

    @property
    def done(self) -> bool:
        """True when nothing more comes from it."""
        return self.finished or self.crashed or bool(self.failed)

    @property
    @abstractmethod
    def key(self) -> UnitKey:
        """The identity of the unit in its run. It changes when the handler leaves."""

    @property
    def title(self) -> str:
        """The name of the unit for people."""
        return self.key.title

    @property
    @abstractmethod
    def is_draining(self) -> bool:
        """True once its part of the offering is over."""

    @abstractmethod
    def close_crashed_book(self) -> None:
        """Its worker is gone: take the numbers it left, closed so that they balance."""

    def note_report(self, report: HandlerReport | ListenerReport) -> None:
        """What every report carries."""
        at_ns = report.at_ns
        if self.last_report_ns:
            self.longest_silence_ns = max(self.longest_silence_ns, at_ns - self.last_report_ns)
        self.last_report_ns = at_ns
        self.connection = report.connection


@dataclass
class HandlerState(UnitState):
    """One handler."""

    plan: HandlerPlan = field(kw_only=True)
    base_dir: Path = field(kw_only=True)
    """What a relative path of its source starts from."""
    joined_s: float = 0.0
    """How long the run had offered events when this handler was let in."""
    departure: Departure | None = None
    """When the handler was removed from the run; None if it stays to the end."""
    start_ns: int = 0
    """When it starts (``perf_counter_ns``), less the pauses before; 0 before that is known."""
    counts: HandlerCounts = NO_COUNTS
    spans: tuple[TopicSpan, ...] = ()
    joins: dict[str, int] = field(default_factory=dict)
    ready: bool = False
    source_ended_ns: int = 0
    source_failure: str = ""
    drained_ns: int = 0
    """When it had said that its queue is empty and its counts are final; 0 before."""
    released: bool = False
    """True once it was told to close, since its listeners have all there is."""
    finished_ns: int = 0
    load_changed: bool = False
    ever_connected: bool = False
    blocked: bool = False
    source_underruns: int = 0
    """How often an event was due, or wanted, before the source had it ready."""
    lateness: Histogram = field(default_factory=Histogram)
    offer_lateness: Histogram = field(default_factory=Histogram)
    round_trip: Histogram = field(default_factory=Histogram)
    fresh_lateness: PendingDeltas = field(default_factory=PendingDeltas)
    fresh_round_trip: PendingDeltas = field(default_factory=PendingDeltas)

    @property
    def key(self) -> UnitKey:
        """Its name in the preset, and when it left."""
        return UnitKey(self.plan.name, departure=self.departure)

    @property
    def name(self) -> str:
        """Its name in the result: that of the preset until it leaves."""
        return self.key.name

    @property
    def has_left(self) -> bool:
        """True once it was removed from the run; its ledger stays."""
        return self.departure is not None

    @property
    def source_ended(self) -> bool:
        """True once it has offered its last event."""
        return self.source_ended_ns > 0

    @property
    def is_draining(self) -> bool:
        """True once it has offered its last event."""
        return self.source_ended

    def close_crashed_book(self) -> None:
        """Close the book on disk too: the worker that takes over goes on from it."""
        self.counts = close_crashed(read_counters(self.book), self.plan.pattern.delivery)
        book = MappedCounters(self.book, HandlerSlot)
        for slot in HandlerSlot:
            name = "accepted" if slot is HandlerSlot.ATTEMPTED else slot.name.lower()
            book.slots[slot] = getattr(self.counts, name)
        book.close()

    def take(self, report: HandlerReport) -> None:
        """Take a report in."""
        self.note_report(report)
        self.counts = report.counts
        self.spans = report.spans
        for index, accepted in report.joins.items():
            # A listener that comes back has joined before; what it missed in between is lost, not before its join.
            self.joins.setdefault(self.plan.listeners[int(index)].name, accepted)
        self.ever_connected = self.ever_connected or report.ever_connected
        self.blocked = report.blocked
        self.source_underruns = report.source_underruns
        self.lateness.merge(report.lateness)
        self.offer_lateness.merge(report.offer_lateness)
        self.round_trip.merge(report.round_trip)
        self.fresh_lateness.add(report.lateness)
        self.fresh_round_trip.add(report.round_trip)
        self.window.add(report.at_ns, (report.counts.offered, report.counts.accepted), report.round_trip)


@dataclass
class ListenerState(UnitState):
    """One listener."""

    plan: ListenerPlan = field(kw_only=True)
    handler: HandlerState = field(kw_only=True)
    counts: ListenerCounts = NO_RECEIVED
    peers: int = 0
    idle_ns: int = 0
    busy_ns: int = 0
    service: Histogram = field(default_factory=Histogram)
    response: Histogram = field(default_factory=Histogram)
    fresh_service: PendingDeltas = field(default_factory=PendingDeltas)
    fresh_response: PendingDeltas = field(default_factory=PendingDeltas)
    samples: deque[MessageSample] = field(default_factory=lambda: deque(maxlen=SAMPLES_KEPT))
    """Some of the messages, newest last."""
    samples_seen: int = 0

    def take(self, report: ListenerReport) -> None:
        """Take a report in."""
        self.note_report(report)
        self.counts = report.counts
        self.peers = report.peers
        self.idle_ns = report.idle_ns
        self.busy_ns = report.busy_ns
        self.service.merge(report.service)
        self.response.merge(report.response)
        self.fresh_service.add(report.service)
        self.fresh_response.add(report.response)
        self.samples.extend(report.samples)
        self.samples_seen += len(report.samples)
        self.window.add(report.at_ns, (report.counts.received,), report.service)

    @property
    def key(self) -> UnitKey:
        """The key of its handler, with the listener's name."""
        return self.handler.key.of_listener(self.plan.name)

    @property
    def is_draining(self) -> bool:
        """True once its handler has offered its last event."""
        return self.handler.source_ended

    def close_crashed_book(self) -> None:
        """What it had booked; messages it had received but not booked are lost with it."""
        self.counts = ListenerCounts(**read_counters(self.book))
