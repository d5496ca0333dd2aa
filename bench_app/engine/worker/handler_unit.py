"""The bench's driver of one handler: source -> **sink -> handler core -> socket**, paced on absolute deadlines.

No asyncio: a step offers what is due and pumps, and says when the next one is: at the nearest of next event, deadline
and look at the control line, which is taken at least every 50 ms. The unit's thread opens, drains and closes; between
the two its :class:`~bench_app.engine.worker.pacer.Pacer` steps it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import zmq

from bench_app.engine.control.client import ControlClient
from bench_app.engine.control.messages import (
    ChangeHandler,
    Close,
    Drained,
    Failed,
    Finished,
    HandlerReport,
    Move,
    Moved,
    Notice,
    Opened,
    OpenHandler,
    Pause,
    Ready,
    Reconnect,
    SendEvent,
    SourceEnded,
    Start,
    StopSource,
)
from bench_app.engine.limits import LINGER_LIMIT_MS
from bench_app.engine.worker.contexts import HandlerContext
from bench_app.engine.worker.pacer import Pacer
from bench_app.errors import BenchError, SocketSetupError, SourceError
from bench_app.handlers import HANDLER_KINDS
from bench_app.handlers.core import ACCEPTED, HandlerCore, Offering, PollFor
from bench_app.handlers.socket import CoreParts, HandlerPort, HandlerSocket
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import HandlerSlot, MappedCounters
from bench_app.measure.ledger import HandlerCounts, TopicSpan
from bench_app.measure.recorder import Recorder
from bench_app.measure.samples import SampleBuffer
from bench_app.model import Load
from bench_app.model.keys import recreates_socket
from bench_app.sources import Feed, open_feed
from bench_app.transport.open_socket import REBIND_PATIENCE_S, Target
from bench_app.transport.stamp import Identity

CONTROL_POLL_NS = 50 * NS_PER_MS
REPORT_NS = 100 * NS_PER_MS
REPORT_WAIT_OVER_NS = 200 * NS_PER_MS

_clock = time.perf_counter_ns


class HandlerUnit:
    """Everything one handler owns, and its share of ``context``. ``look_ms``: how often it looks before the start."""

    def __init__(
        self,
        order: OpenHandler,
        line: ControlClient,
        context: HandlerContext,
        pacer: Pacer,
        look_ms: int,
    ) -> None:
        self._order = order
        self._line = line
        self._context = context
        self._look_ms = look_ms
        self._config = order.spec.config
        self._kind = HANDLER_KINDS[self._config.socket_type]
        self._book = MappedCounters(Path(order.counters_file), HandlerSlot)
        self._lateness = SampleBuffer(Recorder())
        self._offer_lateness = SampleBuffer(Recorder())
        self._round_trip = SampleBuffer(Recorder())
        topic = self._config.topic if self._kind.pattern.sends_topic else None
        identity = Identity(order.run, order.handler)
        framing = order.bench.framing if self._kind.pattern.sends_topic else "frames"
        self._port = HandlerPort(identity, order.bench.stamp, framing, topic)
        self._core: HandlerCore = self._kind.make_core(
            CoreParts(self._config, self._port, self._book.slots, self._lateness, self._round_trip)
        )
        target = Target(order.endpoints, order.bind)
        self._trace = line.trace_of(order.unit)
        self._socket = HandlerSocket(self._kind, self._port, context.enter(), target, order.bench, self._trace)
        self._spans = list(order.spans) or [TopicSpan(topic=self._config.topic, first=1)]
        self._joins: dict[str, int] = {}
        self._token_names = {token: str(index) for index, token in enumerate(order.join_tokens)}
        self._stopping = False
        self._released = False
        self._gave_up = False
        self._start_ns: int | None = None
        self._paused_ns: int | None = None
        self._next_report_ns = 0
        self._next_look_ns = 0
        self._is_ready = False
        self._needs_new_socket = False
        self._moves_to: Target | None = None
        # Who waits for replies must not learn of them late because others had something to send.
        self._pacer = Pacer() if self._kind.pattern.gets_replies else pacer

    def run(self) -> None:
        """The thread's whole life: open, wait for the start, offer, drain, close."""
        try:
            self._feed = self._open()
        except BenchError as error:
            self._line.send(Failed(unit=self._order.unit, at_ns=_clock(), reason=str(error)))
            self._context.leave()
            return
        self._wait_for_start()
        if self._start_ns is not None:
            self._offer_events()
            if self._feed.early_end_note:
                self._tell(self._feed.early_end_note)
        self._line.send(SourceEnded(unit=self._order.unit, at_ns=_clock(), failure=self._feed.failure))
        self._feed.close()
        self._drain()
        self._close()
        self._line.send(Finished(unit=self._order.unit))

    def _open(self) -> Feed[bytearray]:
        order = self._order
        feed = open_feed(
            order.source,
            base_dir=Path(order.base_dir),
            render=self._port.render,
            reserve=self._port.reserve,
            duration_ns=order.duration_ns,
            skip=self._book.slots[HandlerSlot.OFFERED] if order.incarnation else 0,
            objects_only=order.bench.stamp == "field",
        )
        try:
            endpoint = self._socket.open(self._config, patience_s=REBIND_PATIENCE_S if order.incarnation else 0.0)
        except SocketSetupError:
            feed.close()
            raise
        self._line.send(Opened(unit=order.unit, endpoint=endpoint))
        return feed

    def _wait_for_start(self) -> None:
        while self._start_ns is None and not self._stopping:
            self._handle_message(self._look_ms)
            self._recreate_where_needed()
            self._look(_clock())

    def _offer_events(self) -> None:
        self._core.measure_from_ns = self._origin_ns + self._order.warmup_ns
        if self._order.load_changed:
            self._change_load(self._order.source.load)
        self._drive(self._offer)

    def _drive(self, phase: Callable[[int], int | None]) -> None:
        """Have the pacer step this unit until ``phase`` says that it is over."""
        self._phase = phase
        while True:
            self._pacer.drive(self)
            if not self._needs_new_socket:
                return
            # Takes its time, which the pacer does not have.
            self._recreate_where_needed()

    def step(self) -> int | None:
        """See :class:`~bench_app.engine.worker.pacer.Paced`."""
        now_ns = _clock()
        if now_ns >= self._next_look_ns:
            self._look(now_ns)
            self._handle_message()
            self._next_look_ns = now_ns + CONTROL_POLL_NS
            if self._needs_new_socket:
                return None
        due_ns = self._phase(now_ns)
        core = self._core
        if due_ns is None:
            return None
        if core.queued and not core.blocked:
            return 0
        deadline_ns = core.deadline_ns
        return min(due_ns, self._next_look_ns, NEVER_NS if deadline_ns is None else deadline_ns)

    @property
    def waits_on(self) -> tuple[zmq.Socket[bytes], int] | None:
        """See :class:`~bench_app.engine.worker.pacer.Paced`."""
        wants = self._core.wants
        return None if wants is PollFor.NOTHING else (self._socket.zmq_socket, int(wants))

    def _offer(self, now_ns: int) -> int | None:
        """Offer and pump; returns when there is more to offer, None at the end."""
        feed, start_ns = self._feed, self._origin_ns
        end_ns = start_ns + self._order.duration_ns
        # A source with no more events still waits for the run's end, unless its file was over.
        over = feed.ended_early or (now_ns >= end_ns and (feed.exhausted or feed.at_max))
        if self._stopping or (over and self._paused_ns is None):
            return None
        if self._paused_ns is not None:
            self._core.pump()
            return NEVER_NS
        next_ns = self._core.send_due(Offering(feed, start_ns, self._offer_lateness), now_ns)
        return min(next_ns, end_ns) if now_ns < end_ns else next_ns

    def _look(self, now_ns: int) -> None:
        """Monitor, subscriptions, report."""
        for sentence in self._socket.poll_monitor():
            self._tell(sentence, marker=True)
        self._trace.observe_queue(self._core.room, now_ns)
        for message in self._socket.subscriptions():
            self._note_subscription(message)
        for sentence in self._feed.notes():
            self._tell(sentence)
        if self._socket.tracker.gave_up and not self._gave_up:
            self._gave_up = True
            aborted = self._core.abort()
            self._tell(f"{aborted} queued events aborted; every further one is, too")
        if not self._is_ready and self._peers_are_in():
            self._is_ready = True
            self._line.send(Ready(unit=self._order.unit))
        if now_ns >= self._next_report_ns:
            self._report(now_ns)

    def _peers_are_in(self) -> bool:
        if self._kind.pattern.knows_subscribers:
            return len(self._joins) >= len(self._token_names)
        if self._order.endpoints[0].startswith("inproc://"):
            return True
        return self._socket.tracker.peers >= self._order.peers_expected

    def _note_subscription(self, message: bytes) -> None:
        name = self._token_names.get(message[1:])
        if name is None:
            return
        if message[:1] == b"\x01":
            # What was accepted so far went out before this listener was known to be in.
            self._joins.setdefault(name, self._book.slots[ACCEPTED])

    def _handle_message(self, timeout_ms: int = 0) -> None:
        message = self._line.receive(timeout_ms)
        while message is not None:
            match message:
                case Start(at_ns=at_ns):
                    self._start_ns = at_ns
                case StopSource():
                    self._stopping = True
                case Close():
                    self._stopping = self._released = True
                case ChangeHandler():
                    self._change(message)
                case Move(endpoints=endpoints, bind=bind):
                    self._moves_to = Target(endpoints, bind)
                    self._needs_new_socket = True
                case Reconnect():
                    self._needs_new_socket = self._needs_new_socket or self._gave_up
                case Pause(paused=paused):
                    self._pause(paused)
                case SendEvent(body=body):
                    self._send_event(body)
                case _:
                    pass
            message = self._line.receive()

    @property
    def _origin_ns(self) -> int:
        """Time 0 of the source: the run's start, later by every pause since."""
        assert self._start_ns is not None
        return self._start_ns

    def _pause(self, paused: bool) -> None:
        if paused and self._paused_ns is None:
            self._paused_ns = _clock()
        elif not paused and self._paused_ns is not None:
            if self._start_ns is not None:
                self._start_ns += _clock() - max(self._paused_ns, self._start_ns)
            self._paused_ns = None

    def _send_event(self, body: bytes) -> None:
        if self._core.offer(self._port.render(body), _clock()):
            self._core.pump()

    def _change(self, change: ChangeHandler) -> None:
        old, new = self._config, change.spec.config
        self._config = self._core.config = new
        if new.topic != old.topic and self._kind.pattern.sends_topic:
            self._port.topic = new.topic
            self._spans.append(TopicSpan(topic=new.topic, first=self._book.slots[ACCEPTED] + 1))
        if change.load is not None:
            self._change_load(change.load)
        bench, self._socket.bench = self._socket.bench, change.bench
        if recreates_socket(old, new) or recreates_socket(bench, change.bench):
            self._needs_new_socket = True
        elif not self._needs_new_socket:
            self._socket.apply_live(new)

    def _change_load(self, load: Load) -> None:
        offset_ns = 0 if self._start_ns is None else max(0, _clock() - self._start_ns)
        try:
            self._feed.change_load(load, offset_ns)
        except SourceError as error:
            self._tell(f"the load stays as it was: {error}")

    def _recreate_where_needed(self) -> None:
        if not self._needs_new_socket:
            return
        self._needs_new_socket = False
        if self._moves_to is not None:
            self._move(self._moves_to)
            self._moves_to = None
            return
        try:
            endpoint = self._socket.recreate(self._config)
        except SocketSetupError as error:
            self._tell(f"the socket could not be recreated: {error}", marker=True)
            self._core.abort()
            self._stopping = True
            return
        self._start_anew()
        self._tell(f"the socket was recreated at {endpoint}", marker=True)

    def _start_anew(self) -> None:
        """There is another socket: what was tried on the one before does not count, nor that it was given up."""
        self._core.reset_socket()
        if self._gave_up:
            self._gave_up = False
            self._core.reopen()

    def _move(self, target: Target) -> None:
        before, failure = self._socket.target, ""
        try:
            self._socket.target = target
            endpoint = self._socket.recreate(self._config)
        except SocketSetupError as error:
            failure = str(error)
            self._socket.target = before
            try:
                endpoint = self._socket.recreate(self._config)
            except SocketSetupError as again:
                # Gone from there, too: it ends, and says so.
                endpoint, failure = "", f"{failure}; {again}"
                self._core.abort()
                self._stopping = True
        if endpoint:
            self._start_anew()
        self._line.send(Moved(unit=self._order.unit, at_ns=_clock(), endpoint=endpoint, failure=failure))

    def _drain(self) -> None:
        """Give queue and request in flight up to ``linger`` to get through; the rest is aborted."""
        linger_ms = self._linger_ms()
        deadline_ns = _clock() + linger_ms * NS_PER_MS

        def drain(now_ns: int) -> int | None:
            self._core.pump()
            return deadline_ns if not self._core.is_idle and now_ns < deadline_ns else None

        self._drive(drain)
        aborted = self._core.abort()
        if aborted:
            self._tell(f"{aborted} events still queued after a linger of {linger_ms} ms were aborted")
        for message in self._socket.subscriptions():
            self._note_subscription(message)

    def _close(self) -> None:
        linger_ms = self._linger_ms()
        if self._config.linger < 0:
            self._tell(f"linger is -1: the bench waits {linger_ms} ms at most, production would wait for ever")
        began_ns = _clock()
        end_ns = began_ns + linger_ms * NS_PER_MS
        self._hold_for_listeners(end_ns)
        if self._socket.tracker.ever_connected:
            began_ns = _clock()
        self._await_first_peer(end_ns)
        self._report(_clock())
        self._socket.close(max(0, (end_ns - _clock()) // NS_PER_MS))
        alone = self._context.leave()
        waited_ns = _clock() - began_ns
        if alone and waited_ns > REPORT_WAIT_OVER_NS:
            self._tell(f"closing took {waited_ns / 1e9:.1f} s: messages nobody took were kept for the linger")
        self._book.close()

    def _hold_for_listeners(self, end_ns: int) -> None:
        """Close no sooner than the listeners have all there is: of a peer that closes while they have no room, libzmq
        drops what it has not read yet; over ipc always, elsewhere where the connection ends with an error."""
        self._report(_clock())
        self._line.send(Drained(unit=self._order.unit))
        waits = self._book.slots[ACCEPTED] and self._order.join_tokens and not self._kind.pattern.gets_replies
        while waits and not self._released and _clock() < end_ns:
            self._wait_with_open_socket()

    def _await_first_peer(self, end_ns: int) -> None:
        """Messages that wait for a peer that was never there get their linger with the socket open, so that the ledger
        learns whether one came after all."""
        waits = self._book.slots[ACCEPTED] and self._socket.target.connects and not self._kind.pattern.knows_subscribers
        while waits and not self._has_had_peers() and _clock() < end_ns:
            self._wait_with_open_socket()

    def _has_had_peers(self) -> bool:
        tracker = self._socket.tracker
        return tracker.ever_connected or tracker.gave_up

    def _wait_with_open_socket(self) -> None:
        self._handle_message(timeout_ms=CONTROL_POLL_NS // NS_PER_MS)
        self._recreate_where_needed()
        self._look(_clock())

    def _linger_ms(self) -> int:
        return self._config.linger if self._config.linger >= 0 else LINGER_LIMIT_MS

    def _tell(self, sentence: str, marker: bool = False) -> None:
        self._line.send(Notice(unit=self._order.unit, at_ns=_clock(), sentence=sentence, marker=marker))

    def _report(self, now_ns: int) -> None:
        self._next_report_ns = now_ns + REPORT_NS
        for samples in (self._lateness, self._offer_lateness, self._round_trip):
            samples.flush()
        counters = self._book.values()
        counters.pop("attempted")
        tracker = self._socket.tracker
        self._line.send(
            HandlerReport(
                unit=self._order.unit,
                at_ns=now_ns,
                counts=HandlerCounts(**counters, queued=self._core.queued, in_flight=self._core.in_flight),
                spans=tuple(self._spans),
                joins=self._joins,
                connection=tracker.status,
                ever_connected=tracker.ever_connected or self._owns_no_network(),
                blocked=self._core.blocked,
                lateness=self._lateness.recorder.take(),
                offer_lateness=self._offer_lateness.recorder.take(),
                round_trip=self._round_trip.recorder.take(),
                source_underruns=self._feed.underruns,
            )
        )

    def _owns_no_network(self) -> bool:
        # inproc tells nothing about peers, so nothing may be concluded from its silence.
        return self._order.endpoints[0].startswith("inproc://")
