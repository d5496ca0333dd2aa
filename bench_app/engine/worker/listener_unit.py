"""The bench's driver of one listener: socket ~~> **listener core** -> ledger.

The unit's thread opens the socket and lets the core receive, in batches that end at the next poll of the control
messages. It polls them every 50 ms while events flow; before the start and while draining more often, since the session
then waits for the answer. At the end it closes.

A listener that is paused or stalled receives nothing. Then the core only finishes a message that it holds.
"""

from __future__ import annotations

import time
from pathlib import Path

import zmq

from bench_app.data_plane.plane import active
from bench_app.engine.control.messages import (
    ChangeListener,
    Close,
    Drain,
    Move,
    OpenListener,
    Pause,
    ReceivedNumbers,
    Start,
)
from bench_app.engine.worker.listener_reports import ListenerReports
from bench_app.engine.worker.reopening import move_socket, recreate_socket
from bench_app.engine.worker.stall import stall_of
from bench_app.engine.worker.unit import CONTROL_POLL_NS, OFTEN_POLL_NS, UnitChannel
from bench_app.handlers import LISTENER_KINDS
from bench_app.listeners.core import ListenerCore
from bench_app.listeners.pull import PULL
from bench_app.listeners.receipts import OrderOfEach, ReceiptReader
from bench_app.listeners.socket import ListenerSocket
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import ListenerSlot, MappedCounters
from bench_app.measure.sequence import SequenceSet
from bench_app.model import ListenerSpec
from bench_app.model.keys import recreates_socket
from bench_app.recording.tap import Tap
from bench_app.transport.open_socket import REBIND_PATIENCE_S, Target
from bench_app.transport.stamp import Identity
from bench_app.transport.wire import Reader

STALL_STEP_S = 0.005
"""How long a paused or stalled listener sleeps before it checks again whether it may receive."""

_clock = time.perf_counter_ns


class ListenerUnit:
    """One open listener. Raises SocketSetupError, and leaves nothing open, if its socket cannot be opened.

    ``control_poll_ms``: how often it polls control messages before the start and while draining.

    Attributes:
        endpoint: where the socket was opened first.
        core: receives, counts, measures and answers.
    """

    def __init__(
        self,
        order: OpenListener,
        channel: UnitChannel,
        context: zmq.Context[zmq.Socket[bytes]],
        control_poll_ms: int,
    ) -> None:
        self._order = order
        self._channel = channel
        self._spec = order.spec
        self._counters = MappedCounters(Path(order.counters_file), ListenerSlot)
        self._sequences = _sequences_of(order, self._counters.slots)
        self.core = _make_core(order, self._counters.slots, self._sequences)
        target = Target((order.endpoint,), order.bind)
        kind = PULL if order.spec.receipts else LISTENER_KINDS[order.listener_type]
        self._socket = ListenerSocket(kind, context, target, order.join_token, channel.trace)
        self._reports = ListenerReports(self.core, self._socket, self._counters, channel)
        self._stall = stall_of(order.spec.stall, None)
        self._start_ns: int | None = None
        self._is_paused = False
        self._is_draining = False
        self._is_closing = False
        self._quick_poll_ns = control_poll_ms * NS_PER_MS
        self._running_poll_ns = OFTEN_POLL_NS if order.polls_often else CONTROL_POLL_NS
        self._poll_every(self._quick_poll_ns)
        # Messages can arrive before the unit has read Start, and those of a replacement worker do.
        self._measure_after_warmup(order.not_before_ns or NEVER_NS)
        self.endpoint = self._open(patience_s=REBIND_PATIENCE_S if order.incarnation else 0.0)
        self._tap = None if order.record is None else Tap(order.record, self.endpoint)
        self.core.record(self._tap)

    def serve(self) -> None:
        """Receive until the session sends Close."""
        next_poll_ns = 0
        while not self._is_closing:
            now_ns = _clock()
            if now_ns >= next_poll_ns:
                self._poll_control(now_ns)
                next_poll_ns = now_ns + self._control_poll_ns
            elif not self._may_receive(now_ns):
                self._wait_without_receiving(next_poll_ns)
            elif self._begins_to_stall_soon(now_ns):
                self._receive_before_stall()
            else:
                self.core.receive_until(self._stop_receiving_ns(now_ns, next_poll_ns))

    def close(self) -> None:
        """Answer the message at hand, send the last report, and close."""
        self.core.finish_message()
        self._reports.send(_clock())
        # The set of a replacement worker does not know which messages came before the crash.
        if self._order.shares_messages and not self._order.incarnation:
            self._channel.send(ReceivedNumbers(unit=self._channel.unit, numbers=self._sequences.packed()))
        self._shut()
        if self._tap is not None:
            self.core.record(None)
            self._tap.close()
        self._counters.close()

    @property
    def target(self) -> Target:
        """Where the socket is, or is to be opened; see :class:`~bench_app.engine.worker.reopening.Reopenable`."""
        return self._socket.target

    @target.setter
    def target(self, target: Target) -> None:
        self._socket.target = target

    def reopen(self) -> str:
        """See :class:`~bench_app.engine.worker.reopening.Reopenable`."""
        # Messages that wait in the old socket are lost, and the ledger counts them. Received messages are counted now.
        self.core.settle()
        self._shut()
        return self._open(REBIND_PATIENCE_S)

    def _open(self, patience_s: float) -> str:
        endpoint = self._socket.open(self._spec, patience_s)
        self.core.attach(self._socket.zmq_socket)
        return endpoint

    def _shut(self) -> None:
        self.core.detach()
        self._socket.close()

    def _may_receive(self, now_ns: int) -> bool:
        return self._is_draining or not (self._is_paused or self._stall.holds_at(now_ns))

    def _stop_receiving_ns(self, now_ns: int, next_poll_ns: int) -> int:
        is_stall_ahead = not self._is_draining and self._stall.begins_ns > now_ns
        return min(next_poll_ns, self._stall.begins_ns) if is_stall_ahead else next_poll_ns

    def _begins_to_stall_soon(self, now_ns: int) -> bool:
        return not self._is_draining and 0 < self._stall.begins_ns - now_ns <= self._control_poll_ns

    def _wait_without_receiving(self, until_ns: int) -> None:
        """Receive nothing. A message that the core holds is still finished, and answered, when its delay is over."""
        self.core.excuse_backlog()
        if self._start_ns is None:
            # The start gate waits for the subscriptions of a listener that stalls from the start.
            self._socket.serve_connections()
        if self.core.is_holding:
            self.core.receive_until(until_ns, limit=0)
        else:
            time.sleep(STALL_STEP_S)

    def _receive_before_stall(self) -> None:
        """Receive one message at most.

        The core's own wait could end after the stall has begun, and would then still receive a message.
        """
        stall_ns = self._stall.begins_ns
        self.core.receive_until(stall_ns, limit=0)
        left_ns = max(0, stall_ns - _clock())
        if left_ns < NS_PER_MS:
            time.sleep(left_ns / 1e9)
        elif self.core.wait_for_message(left_ns // NS_PER_MS) and self._may_receive(_clock()):
            self.core.receive_until(stall_ns, limit=1)

    def _poll_control(self, now_ns: int) -> None:
        """Handle control messages, emit messages about the connections, and send a report if it is due."""
        for message in self._channel.receive():
            match message:
                case Start(at_ns=at_ns):
                    self._start(at_ns)
                case ChangeListener(spec=spec):
                    self._change(spec)
                case Pause(paused=paused):
                    self._pause(paused)
                case Move(endpoints=endpoints, bind=bind):
                    self._is_closing |= not move_socket(self, Target(endpoints, bind), self._channel)
                case Drain(offering_ended_ns=offering_ended_ns):
                    self._drain(offering_ended_ns or now_ns)
                case Close():
                    self._is_closing = True
                case _:
                    pass
        for text in self._socket.poll_monitor():
            # At the end of a run handlers disconnect as planned, so no message about it is needed.
            if not self._is_draining:
                self._channel.emit(text, marker=True)
        if self._is_draining:
            # The session waits for the last messages to arrive.
            self._reports.send(now_ns)
        else:
            self._reports.send_if_due(now_ns)

    def _poll_every(self, interval_ns: int) -> None:
        """Poll control messages this often, also while no message arrives."""
        self._control_poll_ns = interval_ns
        self.core.wait_at_most(interval_ns // NS_PER_MS)

    def _start(self, at_ns: int) -> None:
        self._start_ns = at_ns
        self._stall = stall_of(self._spec.stall, at_ns)
        self._reports.count_busy_from_now()
        self._measure_after_warmup(at_ns)
        self._poll_every(self._running_poll_ns)

    def _measure_after_warmup(self, start_ns: int) -> None:
        """Measure what is due after the warm-up of a run that starts at ``start_ns``; without a warm-up, everything."""
        warmup_ns = self._order.warmup_ns
        self.core.measure_from(start_ns + warmup_ns if warmup_ns else 0)

    def _pause(self, is_paused: bool) -> None:
        self._is_paused = is_paused
        if is_paused:
            self.core.finish_message()

    def _drain(self, offering_ended_ns: int) -> None:
        self._is_draining = True
        self.core.drain(offering_ended_ns)
        self._poll_every(self._quick_poll_ns)

    def _change(self, spec: ListenerSpec) -> None:
        old, self._spec = self._spec, spec
        self.core.change_spec(spec)
        self._stall = stall_of(spec.stall, self._start_ns)
        if recreates_socket(old, spec):
            self._is_closing |= not recreate_socket(self, self._channel)


def open_listener(
    order: OpenListener,
    channel: UnitChannel,
    context: zmq.Context[zmq.Socket[bytes]],
    control_poll_ms: int,
) -> ListenerUnit:
    """Open a listener, not before the time in its order; raises SocketSetupError."""
    time.sleep(max(0, order.not_before_ns - _clock()) / 1e9)
    return ListenerUnit(order, channel, context, control_poll_ms)


def _sequences_of(order: OpenListener, slots: memoryview[int]) -> SequenceSet:
    # The set of received numbers was lost with the replaced worker. Count all numbers up to the highest as received, so
    # that messages of before the crash that arrive again do not count twice.
    complete_to = slots[ListenerSlot.HIGHEST] if order.incarnation else 0
    return OrderOfEach(complete_to) if order.spec.receipts else SequenceSet(complete_to)


def _make_core(order: OpenListener, slots: memoryview[int], sequences: SequenceSet) -> ListenerCore:
    identity = Identity(order.run, order.handler)
    reader = Reader(identity, order.bench.stamp)
    if isinstance(sequences, OrderOfEach):
        receipts = ReceiptReader(identity, slots, sequences)
        return ListenerCore(order.spec, reader, slots, sequences, receipts=receipts, seed=order.seed)
    make_replier = LISTENER_KINDS[order.listener_type].make_replier
    replier = make_replier(order.spec, order.seed) if make_replier else None
    return ListenerCore(order.spec, reader, slots, sequences, replier, seed=order.seed, functions=active().functions)
