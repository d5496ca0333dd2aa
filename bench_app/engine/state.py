"""What the session knows of each unit now: reports and crashes -> **state** -> ledger, view, time series."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from bench_app.engine.control.messages import HandlerReport, ListenerReport
from bench_app.engine.manual_sends import ManualSends
from bench_app.engine.plan import HandlerPlan, ListenerPlan
from bench_app.engine.unit_key import Departure, UnitKey
from bench_app.measure.clock import NS_PER_MS, NS_PER_S
from bench_app.measure.counters import HandlerSlot, MappedCounters, read_counters
from bench_app.measure.histogram import Histogram
from bench_app.measure.ledger import HandlerCounts, ListenerCounts, TopicSpan, close_crashed
from bench_app.measure.message_samples import MessageSample
from bench_app.measure.overfull import Overfull
from bench_app.measure.packed_numbers import PackedNumbers
from bench_app.measure.quantiles import PendingDeltas
from bench_app.measure.rate_window import RateWindow
from bench_app.measure.reporters import NO_REPORTERS, Reporters
from bench_app.measure.sequence import SequenceSet
from bench_app.measure.source_counts import NO_SOURCE_COUNTS, SourceCounts
from bench_app.model import Delivery
from bench_app.recording.tap import TapOrder
from bench_app.transport.connection import IDLE, ConnectionStatus

NO_COUNTS = HandlerCounts()
NO_RECEIVED = ListenerCounts()
SAMPLES_KEPT = 200
RECOVERY_LIMIT_NS = 10 * NS_PER_S
"""A replacement worker starts, reads its source and catches up within this time, or is too slow for the load."""
RECOVERY_END_NS = NS_PER_S // 2
EXCUSED_NS = 2 * NS_PER_S
"""A unit that recreates its socket or waits for a port may be silent for so long."""
CAUGHT_UP_NS = 50 * NS_PER_MS
"""A handler that offers no event later than this has caught up, and so has a listener that is behind no longer."""


@dataclass
class UnitState(ABC):
    """The state that handlers and listeners have in common.

    Attributes:
        unit: the name of the unit in messages, which never changes, such as ``handler-1/listener-2``.
        counters_file: the file that the unit counts in. It is read when the unit's worker has crashed.
        worker: the name of the worker process that the unit lives in.
        endpoint: where the socket is bound, with the real port, or connects to; "" before it is open.
        failed: why the unit failed; "" if it did not.
        finished: the unit has closed its socket and sent its last report.
        crashed: its worker has ended and is not replaced. Its counts are final, because they were read from disk: a
            report that arrives later is older. What such a report measured still counts.
        restarts: how often its worker was replaced; with :attr:`unit` the address on the control channel.
        reported_restarts: the same as of the last report.
        recovers_until_ns: until then (``perf_counter_ns``), what is late follows from the end of a worker: its own, or
            that of the unit at the other end.
        kills: how often a user killed its worker, as a fault.
        ending: how its worker crashed last, as the end of an event's message.
        hung: why the session ended its worker by force, as the end of a sentence about it; "" if it did not.
        paused: this unit is paused. A pause of all sources is in the clock of the run.
        paused_by_step: a step of the timeline has paused it. Perhaps nobody can let it go on: the run ends in time.
        moves: how often it has tried to move to another endpoint.
        last_report_ns: when it sent its last report (``perf_counter_ns``).
        begun_ns: when the worker that it has now sent its first report.
        has_reopened: since its last report it has closed its socket and opened it again, which takes a while.
        longest_silence_ns: the longest time between two of its reports. One that has a reason counts only if it is
            longer than EXCUSED_NS: the unit opened its socket again, or drains.
        connection: the state of its connections, as of the last report.
        window: its counts and latencies of the last second.
    """

    unit: str
    counters_file: Path
    worker: str = ""
    endpoint: str = ""
    failed: str = ""
    finished: bool = False
    crashed: bool = False
    restarts: int = 0
    reported_restarts: int = 0
    recovers_until_ns: int = 0
    kills: int = 0
    ending: str = ""
    hung: str = ""
    paused: bool = False
    paused_by_step: bool = False
    moves: int = 0
    last_report_ns: int = 0
    begun_ns: int = 0
    has_reopened: bool = False
    longest_silence_ns: int = 0
    connection: ConnectionStatus = IDLE
    window: RateWindow = field(default_factory=RateWindow)

    @property
    def opened(self) -> bool:
        """True once its socket is bound or connecting."""
        return bool(self.endpoint)

    @property
    def done(self) -> bool:
        """True when its counts cannot change any more."""
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
        """True once the handler has offered its last event."""

    @abstractmethod
    def close_crashed_counters(self) -> None:
        """Read the counts that a crashed worker left on disk, and complete them so that the ledger balances."""

    def is_recovering_at(self, at_ns: int) -> bool:
        """True while this unit catches up with the events of the time without a worker."""
        return at_ns < self.recovers_until_ns

    def begin_recovery(self, now_ns: int) -> None:
        """A worker replaces the one that ended, of this unit or of the one at the other end."""
        self.recovers_until_ns = now_ns + RECOVERY_LIMIT_NS

    def note_caught_up(self, at_ns: int) -> None:
        """The unit works as before. What it caused may take RECOVERY_END_NS more."""
        self.recovers_until_ns = min(self.recovers_until_ns, at_ns + RECOVERY_END_NS)

    @property
    def rates(self) -> tuple[float, ...]:
        """The increase per second of each of its counts in the last second; empty if it is unknown or the unit is dead.

        A worker that was killed has no rate any more, and a replacement begins with its own second report.
        """
        if self.done or self.kills > self.restarts or self.reported_restarts != self.restarts:
            return ()
        return self.window.rates(self.begun_ns)

    def note_report(self, report: HandlerReport | ListenerReport) -> None:
        """Take over the values that every report has."""
        if not self.last_report_ns or self.reported_restarts != self.restarts:
            self.begun_ns = report.at_ns
        # Between the reports of two workers there was none that could have reported.
        if self.last_report_ns and self.reported_restarts == self.restarts:
            silence_ns = report.at_ns - self.last_report_ns
            if silence_ns > EXCUSED_NS or not (self.has_reopened or self.is_draining):
                self.longest_silence_ns = max(self.longest_silence_ns, silence_ns)
        self.has_reopened = False
        self.last_report_ns = report.at_ns
        self.reported_restarts = self.restarts
        self.connection = report.connection


@dataclass
class HandlerState(UnitState):
    """One handler.

    Attributes:
        plan: how it runs now, with changes that were applied.
        base_dir: the folder in which relative paths of its source start.
        recorded_zero_ns: the recorded time that is due at the start of a replay; None for the first time of its file.
        joined_s: run time in seconds when it joined.
        departure: when it was removed from the run; None if it stays to the end.
        start_ns: when it starts (``perf_counter_ns``), less the pauses before; 0 before that is known.
        counts: its counters, as of the last report.
        received_numbers: the messages that its finished listeners received, if they share the messages.
        spans: the topics that it has sent with, oldest first, each with its first sequence number.
        joins: for each listener that has joined, how many messages the socket had accepted before.
        first_subscription: PUB: how many messages the socket had accepted before an own consumer of the user first
            subscribed; None while none has.
        rejoins: the same for the newest subscription of each listener. It differs from ``joins`` after a reconnect.
        manual_sends: what became of events that a user sent by hand.
        ready: all peers that the start gate waits for are connected.
        source_ended_ns: when it offered its last event; 0 before.
        source_failure: why its source ended early; "" if it did not.
        drained_ns: when its queue was empty and its counts final; 0 before.
        released: the session has sent it Close, because its listeners have everything.
        finished_ns: when it finished; 0 before.
        load_changed: its load is no longer that of the source.
        ever_connected: any peer was connected at any time.
        is_blocked: its socket takes no message now.
        source_underruns: how often an event was due before the source had it ready.
        source: what its source did with its records, as of the last report.
        lateness: from the time an event was due to its actual send.
        offer_lateness: from the time an event was due to when it was offered.
        fidelity: a replay of a recording: how far the distances of the sends were from the recorded distances.
        round_trip: from the send of a request to its reply.
        fresh_lateness: lateness since the last sample of the time series.
        fresh_round_trip: round trips since the last sample of the time series.
    """

    plan: HandlerPlan = field(kw_only=True)
    base_dir: Path = field(kw_only=True)
    recorded_zero_ns: int | None = field(default=None, kw_only=True)
    joined_s: float = 0.0
    departure: Departure | None = None
    start_ns: int = 0
    counts: HandlerCounts = NO_COUNTS
    received_numbers: SequenceSet = field(default_factory=SequenceSet)
    spans: tuple[TopicSpan, ...] = ()
    joins: dict[str, int] = field(default_factory=dict)
    first_subscription: int | None = None
    rejoins: dict[str, int] = field(default_factory=dict)
    manual_sends: ManualSends = field(default_factory=ManualSends)
    ready: bool = False
    source_ended_ns: int = 0
    source_failure: str = ""
    drained_ns: int = 0
    released: bool = False
    finished_ns: int = 0
    load_changed: bool = False
    ever_connected: bool = False
    is_blocked: bool = False
    source_underruns: int = 0
    source: SourceCounts = NO_SOURCE_COUNTS
    lateness: Histogram = field(default_factory=Histogram)
    offer_lateness: Histogram = field(default_factory=Histogram)
    fidelity: Histogram = field(default_factory=Histogram)
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
    def before_subscribed(self) -> int | None:
        """PUB without listeners of the bench: how many messages went out before anybody subscribed to its topic."""
        if not self.plan.pattern.knows_subscribers or self.plan.listeners:
            return None
        return self.counts.accepted if self.first_subscription is None else self.first_subscription

    @property
    def source_ended(self) -> bool:
        """True once it has offered its last event."""
        return self.source_ended_ns > 0

    @property
    def is_draining(self) -> bool:
        """True once it has offered its last event."""
        return self.source_ended

    def close_crashed_counters(self) -> None:
        """Write the completed counts to the file, too: a replacement worker continues from the file."""
        self.counts = close_crashed(read_counters(self.counters_file), self.plan.pattern.delivery)
        self.manual_sends.settle(self.counts.by_hand)
        counters = MappedCounters(self.counters_file, HandlerSlot)
        for slot in HandlerSlot:
            name = "accepted" if slot is HandlerSlot.ATTEMPTED else slot.name.lower()
            counters.slots[slot] = getattr(self.counts, name)
        counters.close()

    def take(self, report: HandlerReport) -> None:
        """Take over the values of a report."""
        self.note_report(report)
        if report.counts.offered > self.counts.offered and report.offer_lateness.max_ns < CAUGHT_UP_NS:
            self.note_caught_up(report.at_ns)
        if not self.crashed:
            self.counts = report.counts
        self.spans = report.spans
        for index, accepted in report.joins.items():
            # Keep the first join only: messages that a listener misses until it reconnects count as lost.
            self.joins.setdefault(self.plan.listeners[int(index)].name, accepted)
        if self.first_subscription is None:
            self.first_subscription = report.first_subscription
        for index, accepted in report.rejoins.items():
            self.rejoins[self.plan.listeners[int(index)].name] = accepted
        self.ever_connected = self.ever_connected or report.ever_connected
        self.is_blocked = report.is_blocked
        self.source_underruns = report.source_underruns
        self.source = report.source
        self.lateness.merge(report.lateness)
        self.offer_lateness.merge(report.offer_lateness)
        self.round_trip.merge(report.round_trip)
        self.fidelity.merge(report.fidelity)
        self.fresh_lateness.add(report.lateness)
        self.fresh_round_trip.add(report.round_trip)
        self.window.add(report.at_ns, (report.counts.offered, report.counts.accepted), report.round_trip)


@dataclass
class ListenerState(UnitState):
    """One listener.

    Attributes:
        plan: how it runs now, with changes that were applied.
        handler: the handler whose messages it receives.
        counts: its counters, as of the last report.
        repeated: how many of its messages another listener had received already; None: not known.
        peers: how many peers are connected.
        overfull: the messages that are lost because its connection cannot hold them; None if none is known.
        idle_ns: how long no message had arrived, as of the last report.
        busy_ns: processor time of its thread since the start.
        service: from the actual send of a message to its arrival.
        response: from the time the event was due to its arrival.
        backlog: for each message that had to wait for the listener, how long the listener had been behind.
        fresh_service: service since the last sample of the time series.
        fresh_response: response since the last sample of the time series.
        reporters: the user's own consumers whose receipts it counts.
        samples: some of the messages, newest last.
        samples_seen: how many samples there were, those included that are no longer kept.
        record: the order to give its messages to a recording; None if there is none.
    """

    plan: ListenerPlan = field(kw_only=True)
    handler: HandlerState = field(kw_only=True)
    counts: ListenerCounts = NO_RECEIVED
    overfull: Overfull | None = None
    repeated: int | None = None
    peers: int = 0
    idle_ns: int = 0
    busy_ns: int = 0
    service: Histogram = field(default_factory=Histogram)
    response: Histogram = field(default_factory=Histogram)
    backlog: Histogram = field(default_factory=Histogram)
    fresh_service: PendingDeltas = field(default_factory=PendingDeltas)
    fresh_response: PendingDeltas = field(default_factory=PendingDeltas)
    reporters: Reporters = NO_REPORTERS
    samples: deque[MessageSample] = field(default_factory=lambda: deque(maxlen=SAMPLES_KEPT))
    samples_seen: int = 0
    record: TapOrder | None = None

    @property
    def key(self) -> UnitKey:
        """The key of its handler, with the listener's name."""
        return self.handler.key.of_listener(self.plan.name)

    @property
    def shares_messages(self) -> bool:
        """True if its handler has other listeners, and each message is meant for one of them."""
        plan = self.handler.plan
        return plan.pattern.delivery is Delivery.SHARED and len(plan.listeners) > 1

    @property
    def join(self) -> int | None:
        """How many messages the handler had accepted when it saw this listener's subscription; None if it saw none.

        An own consumer of the user subscribes without a name. If there are several, nobody can tell whose subscription
        was the first.
        """
        if not self.plan.counts_receipts:
            return self.handler.joins.get(self.plan.name)
        own = [one for one in self.handler.plan.listeners if one.counts_receipts]
        return self.handler.first_subscription if len(own) == 1 else None

    @property
    def is_draining(self) -> bool:
        """True once its handler has offered its last event."""
        return self.handler.source_ended

    def close_crashed_counters(self) -> None:
        """Read the counts. Messages that were received but not counted yet are lost with the worker.

        The sequence numbers are lost with it, too.
        """
        self.counts = ListenerCounts(**read_counters(self.counters_file))

    def take(self, report: ListenerReport) -> None:
        """Take over the values of a report."""
        self.note_report(report)
        is_in_time = report.counts.received > self.counts.received and report.backlog.max_ns < CAUGHT_UP_NS
        if is_in_time and not self.handler.is_recovering_at(report.at_ns):
            self.note_caught_up(report.at_ns)
        if not self.crashed:
            self.counts = report.counts
        self.peers = report.peers
        self.idle_ns = report.idle_ns
        self.busy_ns = report.busy_ns
        self.reporters = report.reporters
        self.service.merge(report.service)
        self.response.merge(report.response)
        if not self.is_recovering_at(report.at_ns):
            self.backlog.merge(report.backlog)
        self.fresh_service.add(report.service)
        self.fresh_response.add(report.response)
        self.samples.extend(report.samples)
        self.samples_seen += len(report.samples)
        self.window.add(report.at_ns, (report.counts.received,), report.service)

    def take_numbers(self, numbers: PackedNumbers) -> None:
        """Take over which messages it received, and compare them with those of listeners that finished earlier."""
        self.repeated = self.handler.received_numbers.merge(numbers)
