"""The bench's driver of one listener: socket ~~> **listener core** -> ledger. It owns the socket and the thread.

The core receives, counts and answers; the unit reads control messages and the monitor, and reports. It does so at least
every 50 ms, between two batches of the core.
"""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import zmq

from bench_app.engine.control.client import ControlClient
from bench_app.engine.control.messages import (
    ChangeListener,
    Close,
    Drain,
    Failed,
    Finished,
    ListenerReport,
    Move,
    Moved,
    Notice,
    Opened,
    OpenListener,
    Pause,
    Start,
)
from bench_app.errors import SocketSetupError
from bench_app.handlers import LISTENER_KINDS
from bench_app.listeners.core import ListenerCore
from bench_app.listeners.socket import listener_plan
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import ListenerSlot, MappedCounters
from bench_app.measure.ledger import ListenerCounts
from bench_app.measure.sequence import SequenceSet
from bench_app.model import ListenerSpec
from bench_app.model.keys import recreates_socket
from bench_app.transport.connection import ConnectionTracker
from bench_app.transport.open_socket import REBIND_PATIENCE_S, OpenSocket, Target
from bench_app.transport.stamp import Identity
from bench_app.transport.wire import Reader

CONTROL_POLL_NS = 50 * NS_PER_MS
REPORT_NS = 100 * NS_PER_MS
STALL_STEP_S = 0.005

_clock = time.perf_counter_ns


class ListenerUnit:
    """Everything that one listener's thread owns.

    ``control_poll_ms``: how often it reads control messages before the start and while draining.
    """

    def __init__(
        self, order: OpenListener, line: ControlClient, context: zmq.Context[zmq.Socket[bytes]], control_poll_ms: int
    ) -> None:
        self._order = order
        self._line = line
        self._context = context
        self._spec = order.spec
        self._kind = LISTENER_KINDS[order.listener_type]
        self._book = MappedCounters(Path(order.counters_file), ListenerSlot)
        self._core = self._make_core()
        self._trace = line.trace_of(order.unit)
        self._tracker = ConnectionTracker()
        self._open_socket: OpenSocket | None = None
        self._socket: zmq.Socket[bytes] | None = None
        self._endpoint = order.endpoint
        self._start_ns: int | None = None
        self._busy_before_ns = 0
        self._stall_ns = (NEVER_NS, NEVER_NS)
        self._draining = False
        self._paused = False
        self._closing = False
        self._quick_poll_ns = control_poll_ms * NS_PER_MS
        self._control_poll_ns = self._quick_poll_ns
        self._next_report_ns = 0

    def _make_core(self) -> ListenerCore:
        order, make_replier = self._order, self._kind.make_replier
        # The worker that was replaced has taken the numbers along: all up to the highest count as received.
        sequences = SequenceSet(complete_to=self._book.slots[ListenerSlot.HIGHEST] if order.incarnation else 0)
        reader = Reader(Identity(order.run, order.handler), order.bench.stamp)
        replier = make_replier(order.spec, order.seed) if make_replier else None
        return ListenerCore(order.spec, reader, self._book.slots, sequences, replier, order.seed)

    def run(self) -> None:
        """The thread's whole life: open, receive until told to close, close."""
        time.sleep(max(0, self._order.not_before_ns - _clock()) / 1e9)
        try:
            self._open(patience_s=REBIND_PATIENCE_S if self._order.incarnation else 0.0)
        except SocketSetupError as error:
            self._line.send(Failed(unit=self._order.unit, at_ns=_clock(), reason=str(error)))
            self._shut()
            return
        self._set_stall()
        self._line.send(Opened(unit=self._order.unit, endpoint=self._endpoint))
        self._receive_until_closed()
        self._core.finish_message()
        self._report(_clock())
        self._shut()
        self._book.close()
        self._line.send(Finished(unit=self._order.unit))

    def _open(self, patience_s: float) -> None:
        order = self._order
        # A socket that cannot be opened has no connections.
        self._tracker = ConnectionTracker()
        plan = listener_plan(self._kind, self._spec, Target((self._endpoint,), order.bind), order.join_token)
        opened = self._open_socket = OpenSocket(self._context, plan, self._trace, patience_s)
        self._tracker, self._socket, self._endpoint = opened.tracker, opened.zmq_socket, opened.endpoint
        self._socket.rcvtimeo = self._control_poll_ns // NS_PER_MS
        self._core.attach(self._socket)

    def _receive_until_closed(self) -> None:
        next_poll_ns = 0
        while not self._closing:
            now_ns = _clock()
            if now_ns >= next_poll_ns:
                self._poll_control(now_ns)
                next_poll_ns = now_ns + self._control_poll_ns
            elif self._stalled(now_ns):
                self._wait_stalled(next_poll_ns)
            elif not self._draining and 0 < self._stall_ns[0] - now_ns <= self._control_poll_ns:
                self._receive_before_stall(self._stall_ns[0])
            else:
                self._core.receive_until(min(next_poll_ns, self._stall_ns[0]))

    def _wait_stalled(self, until_ns: int) -> None:
        """Receive nothing. A message that was received before still gets its answer when its time is spent."""
        if self._core.is_holding:
            self._core.receive_until(until_ns, limit=0)
        else:
            time.sleep(STALL_STEP_S)

    def _receive_before_stall(self, stall_ns: int) -> None:
        """At most one message: a receive that waits would still take one when the stall has begun."""
        assert self._socket is not None
        self._core.receive_until(stall_ns, limit=0)
        left_ns = stall_ns - _clock()
        wait_ms = max(0, left_ns // NS_PER_MS)
        if not wait_ms:
            time.sleep(max(0, left_ns) / 1e9)
        elif self._socket.poll(wait_ms) and not self._stalled(_clock()):
            self._core.receive_until(stall_ns, limit=1)

    def _stalled(self, now_ns: int) -> bool:
        return not self._draining and (self._paused or self._stall_ns[0] <= now_ns < self._stall_ns[1])

    def _poll_control(self, now_ns: int) -> None:
        """Read control messages and the monitor; report."""
        message = self._line.receive()
        while message is not None:
            match message:
                case Start(at_ns=at_ns):
                    self._start(at_ns)
                case ChangeListener(spec=spec):
                    self._change(spec)
                case Pause(paused=paused):
                    self._pause(paused)
                case Move(endpoints=(endpoint,), bind=bind):
                    self._move(endpoint, bind)
                case Drain():
                    self._start_draining()
                case Close():
                    self._closing = True
                case _:
                    pass
            message = self._line.receive()
        if self._open_socket is not None:
            for sentence in self._open_socket.poll_monitor():
                # At the end of a run handlers leave, as they should; that is no news.
                if not self._draining:
                    self._emit(sentence, marker=True)
        if self._draining or now_ns >= self._next_report_ns:
            self._report(now_ns)

    def _start(self, at_ns: int) -> None:
        self._start_ns = at_ns
        self._busy_before_ns = time.thread_time_ns()
        self._core.measure_from(at_ns + self._order.warmup_ns)
        self._set_stall()
        self._poll_control_every(CONTROL_POLL_NS)

    def _pause(self, paused: bool) -> None:
        self._paused = paused
        if paused:
            self._core.finish_message()

    def _poll_control_every(self, interval_ns: int) -> None:
        """Read control messages this often, also while nothing is received."""
        assert self._socket is not None
        self._control_poll_ns = interval_ns
        self._socket.rcvtimeo = interval_ns // NS_PER_MS

    def _set_stall(self) -> None:
        stall = self._spec.stall
        if stall is None or self._start_ns is None:
            # Who stalls from the start must not read what comes before it has heard of the start.
            from_start = stall is not None and stall[0] == 0
            self._stall_ns = (0 if from_start else NEVER_NS, NEVER_NS)
            return
        self._stall_ns = (self._start_ns + int(stall[0] * 1e9), self._start_ns + int(stall[1] * 1e9))

    def _start_draining(self) -> None:
        if self._draining:
            return
        self._draining = True
        self._core.drain()
        self._poll_control_every(self._quick_poll_ns)

    def _change(self, spec: ListenerSpec) -> None:
        old, self._spec = self._spec, spec
        self._core.change_spec(spec)
        self._set_stall()
        if recreates_socket(old, spec):
            self._recreate()

    def _recreate(self) -> None:
        # The messages in the old socket go with it; the ledger finds them missing, as it should.
        self._core.settle()
        self._shut()
        try:
            self._open(patience_s=REBIND_PATIENCE_S)
        except SocketSetupError as error:
            self._emit(f"the socket could not be recreated: {error}", marker=True)
            self._closing = True
            return
        self._emit(f"the socket was recreated at {self._endpoint}", marker=True)

    def _move(self, endpoint: str, bind: bool) -> None:
        before, failure = self._order, ""
        self._core.settle()
        self._shut()
        try:
            self._go_to(endpoint, bind)
        except SocketSetupError as error:
            failure = str(error)
            self._shut()
            try:
                self._go_to(before.endpoint, before.bind)
            except SocketSetupError as again:
                self._endpoint, failure = "", f"{failure}; {again}"
                self._closing = True
        self._line.send(Moved(unit=self._order.unit, at_ns=_clock(), endpoint=self._endpoint, failure=failure))

    def _go_to(self, endpoint: str, bind: bool) -> None:
        self._order = msgspec.structs.replace(self._order, endpoint=endpoint, bind=bind)
        self._endpoint = endpoint
        self._open(patience_s=REBIND_PATIENCE_S)

    def _shut(self) -> None:
        if self._open_socket is not None:
            self._core.detach()
            self._open_socket.close()
            self._open_socket = self._socket = None

    def _emit(self, sentence: str, marker: bool = False) -> None:
        self._line.send(Notice(unit=self._order.unit, at_ns=_clock(), sentence=sentence, marker=marker))

    def _report(self, now_ns: int) -> None:
        self._next_report_ns = now_ns + REPORT_NS
        self._core.settle()
        service, response = self._core.take_latencies()
        self._line.send(
            ListenerReport(
                unit=self._order.unit,
                at_ns=now_ns,
                counts=ListenerCounts(**self._book.values()),
                connection=self._tracker.status,
                peers=self._tracker.peers,
                idle_ns=now_ns - self._core.last_message_ns,
                busy_ns=time.thread_time_ns() - self._busy_before_ns,
                service=service,
                response=response,
                samples=self._core.take_samples(),
            )
        )
