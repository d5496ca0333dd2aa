"""The bench's listener: socket ~~> **listener** -> ledger. Receives, spends its time on each message, counts, answers.

The hot loop does one blocking receive, one clock reading and two appends a message. Where messages come thick, stamps
are decoded and counted in batches, which costs least; where there is time between them, one by one, so that no message
has to wait for a batch. What was received but not yet booked when the process is killed counts as lost with it.
"""

from __future__ import annotations

import random
import time
from array import array
from pathlib import Path

import msgspec
import numpy as np
import zmq

from bench_app.engine.control.client import ControlClient
from bench_app.engine.control.messages import (
    ChangeListener,
    Close,
    Drain,
    Failed,
    Finished,
    ListenerReport,
    MessageSample,
    Move,
    Moved,
    Notice,
    Opened,
    OpenListener,
    Pause,
    Start,
)
from bench_app.errors import SocketSetupError
from bench_app.listeners import LISTENER_KINDS
from bench_app.listeners.socket import listener_plan
from bench_app.measure.clock import NEVER_NS, NS_PER_MS
from bench_app.measure.counters import ListenerSlot, MappedCounters
from bench_app.measure.ledger import ListenerCounts
from bench_app.measure.recorder import Recorder
from bench_app.measure.sequence import SequenceSet
from bench_app.model import ListenerSpec
from bench_app.model.keys import recreates_socket
from bench_app.transport.connection import ConnectionTracker
from bench_app.transport.open_socket import REBIND_PATIENCE_S, OpenSocket, Target
from bench_app.transport.stamp import TIMES_LENGTH, Identity, decode_joined, decode_one
from bench_app.transport.wire import Reader

BATCH = 1024
"""Not full between two reports at 10,000 messages a second: each settling is a pause that a message may wait for."""
CALM_NS = 50_000
"""A message that comes so long after the last one is settled at once, in a tenth of that time."""
FEW = 8
"""With it, so many that came shortly before are: what is left of a burst does not wait for the next report."""
CONTROL_POLL_NS = 50 * NS_PER_MS
REPORT_NS = 100 * NS_PER_MS
SAMPLE_NS = 250 * NS_PER_MS
SAMPLE_BYTES = 16 * 1024
"""Of each frame of a sampled message, so that looking costs little however large the messages are."""
STALL_STEP_S = 0.005

RECEIVED = int(ListenerSlot.RECEIVED)
DUPLICATES = int(ListenerSlot.DUPLICATES)
REORDERED = int(ListenerSlot.REORDERED)
FOREIGN = int(ListenerSlot.FOREIGN)
MALFORMED = int(ListenerSlot.MALFORMED)
BYTES = int(ListenerSlot.BYTES)
FIRST = int(ListenerSlot.FIRST)
HIGHEST = int(ListenerSlot.HIGHEST)

_clock = time.perf_counter_ns


class ListenerUnit:
    """Everything one listener's thread owns. ``look_ms`` is how often it looks before the start and while draining."""

    def __init__(
        self, order: OpenListener, line: ControlClient, context: zmq.Context[zmq.Socket[bytes]], look_ms: int
    ) -> None:
        self._order = order
        self._line = line
        self._context = context
        self._spec = order.spec
        self._kind = LISTENER_KINDS[order.listener_type]
        self._replier = self._kind.make_replier(order.spec, order.seed) if self._kind.make_replier else None
        self._book = MappedCounters(Path(order.book), ListenerSlot)
        self._counted = order.bench.stamp != "off"
        self._reader = Reader(Identity(order.run, order.handler), order.bench.stamp)
        # A replaced worker has forgotten the numbers themselves; all up to the highest are taken as had.
        self._sequences = SequenceSet(complete_to=self._book.slots[HIGHEST] if order.incarnation else 0)
        self._service, self._response = Recorder(), Recorder()
        # Copied while at hand: to fetch that many objects from all over the memory later costs more than to decode.
        self._texts = bytearray(BATCH * TIMES_LENGTH)
        self._unsettled = 0
        self._arrival_slots = array("q", bytes(8 * BATCH))
        self._arrivals = np.frombuffer(self._arrival_slots, np.int64)
        self._random = random.Random(order.seed)
        self._trace = line.trace_of(order.unit)
        self._tracker = ConnectionTracker()
        self._open_socket: OpenSocket | None = None
        self._socket: zmq.Socket[bytes] | None = None
        self._endpoint = order.endpoint
        self._start_ns: int | None = None
        self._busy_before_ns = 0
        self._stall_ns = (NEVER_NS, NEVER_NS)
        self._measure_from_ns = NEVER_NS
        self._draining = False
        self._paused = False
        self._closing = False
        self._samples: list[MessageSample] = []
        self._next_sample_ns = 0
        self._quick_look_ns = look_ms * NS_PER_MS
        self._look_every_ns = self._quick_look_ns
        self._last_message_ns = _clock()
        self._next_report_ns = 0

    def run(self) -> None:
        """The thread's whole life: open, receive until told to close, close."""
        time.sleep(max(0, self._order.not_before_ns - _clock()) / 1e9)
        try:
            self._open(patience_s=REBIND_PATIENCE_S if self._order.incarnation else 0.0)
        except SocketSetupError as error:
            self._line.send(Failed(unit=self._order.unit, reason=str(error)))
            self._shut()
            return
        self._set_stall()
        self._line.send(Opened(unit=self._order.unit, endpoint=self._endpoint))
        self._receive_until_closed()
        self._settle_batch()
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
        self._socket.rcvtimeo = self._look_every_ns // NS_PER_MS

    def _receive_until_closed(self) -> None:
        next_look_ns = 0
        while not self._closing:
            now_ns = _clock()
            if now_ns >= next_look_ns:
                self._look(now_ns)
                next_look_ns = now_ns + self._look_every_ns
            if self._stalled(now_ns):
                time.sleep(STALL_STEP_S)
                continue
            left_ns = self._stall_ns[0] - now_ns
            if not self._draining and 0 < left_ns <= self._look_every_ns:
                self._receive_before_stall(left_ns)
            else:
                self._receive(min(next_look_ns, self._stall_ns[0]))

    def _receive_before_stall(self, left_ns: int) -> None:
        """At most one message: a receive that waits would still take one when the stall has begun."""
        assert self._socket is not None
        wait_ms = left_ns // NS_PER_MS
        if not wait_ms:
            time.sleep(left_ns / 1e9)
        elif self._socket.poll(wait_ms) and not self._stalled(_clock()):
            self._receive(until_ns=0)

    def _receive(self, until_ns: int) -> None:
        """The hot loop: receive until ``until_ns``, or until nothing comes for a while."""
        assert self._socket is not None
        receive, option, clock, take = self._socket.recv, self._socket.getsockopt, _clock, self._take
        while True:
            try:
                frames = [receive()]
            except zmq.Again:
                return
            # With the first frame the whole message is there, so this is when it came.
            now_ns = clock()
            while option(zmq.RCVMORE):
                frames.append(receive())
            take(frames, now_ns)
            if self._delays:
                self._spend_time(now_ns)
            if self._replier is not None:
                self._replier.answer(self._socket, frames)
            if now_ns >= until_ns:
                return

    @property
    def _delays(self) -> bool:
        return not self._draining and bool(self._spec.delay_ms or self._spec.delay_jitter_ms)

    def _take(self, frames: list[bytes], now_ns: int) -> None:
        if self._replier is not None:
            frames = self._replier.body_of(frames)
            if not frames:
                self._book.slots[FOREIGN] += 1
                return
        slots = self._book.slots
        text, foreign, size = self._reader.read(frames)
        slots[BYTES] += size
        is_calm = now_ns - self._last_message_ns > CALM_NS
        self._last_message_ns = now_ns
        if now_ns >= self._next_sample_ns:
            self._sample(frames, now_ns)
        if text is not None:
            if len(text) != TIMES_LENGTH:
                slots[MALFORMED] += 1
                return
            number = self._unsettled
            self._texts[number * TIMES_LENGTH : (number + 1) * TIMES_LENGTH] = text
            self._arrival_slots[number] = now_ns
            self._unsettled = number + 1
            if is_calm and number < FEW:
                self._settle_each()
            elif self._unsettled == BATCH:
                self._settle_batch()
        elif foreign:
            slots[FOREIGN] += 1
        else:
            slots[RECEIVED] += 1

    def _sample(self, frames: list[bytes], now_ns: int) -> None:
        """Keep one message in a while, for a person to look at."""
        self._next_sample_ns = now_ns + SAMPLE_NS
        cut = tuple(bytes(frame[:SAMPLE_BYTES]) for frame in frames)
        self._samples.append(MessageSample(now_ns, sum(map(len, frames)), cut))

    def _settle_each(self) -> None:
        """What :meth:`_settle_batch` does, for few messages: the usual ones are decoded and counted one by one."""
        slots, sequences = self._book.slots, self._sequences
        for number in range(self._unsettled):
            row = decode_one(self._texts[number * TIMES_LENGTH : (number + 1) * TIMES_LENGTH])
            if row is None or not sequences.add_next(row[0]):
                self._settle_batch(number)
                return
            slots[RECEIVED] += 1
            slots[FIRST] = slots[FIRST] or sequences.first
            slots[HIGHEST] = sequences.highest
            if row[1] >= self._measure_from_ns:
                arrival_ns = self._arrival_slots[number]
                self._service.add_one(arrival_ns - row[2])
                self._response.add_one(arrival_ns - row[1])
        self._unsettled = 0

    def _settle_batch(self, first: int = 0) -> None:
        """Decode, count and measure what was received since the last time; the ``first`` of it are settled already."""
        amount = self._unsettled
        if not amount:
            return
        slots = self._book.slots
        arrivals = self._arrivals[first:amount]
        numbers, sound = decode_joined(bytes(memoryview(self._texts)[first * TIMES_LENGTH : amount * TIMES_LENGTH]))
        self._unsettled = 0
        if not sound.all():
            slots[MALFORMED] += int((~sound).sum())
            numbers, arrivals = numbers[sound], arrivals[sound]
        new, duplicates, reordered = self._sequences.add(numbers[:, 0])
        slots[RECEIVED] += new
        slots[DUPLICATES] += duplicates
        slots[REORDERED] += reordered
        if self._sequences.highest:
            slots[FIRST] = slots[FIRST] or self._sequences.first
            slots[HIGHEST] = self._sequences.highest
        measured = numbers[:, 1] >= self._measure_from_ns
        if measured.any():
            self._service.add((arrivals - numbers[:, 2])[measured])
            self._response.add((arrivals - numbers[:, 1])[measured])

    def _stalled(self, now_ns: int) -> bool:
        return not self._draining and (self._paused or self._stall_ns[0] <= now_ns < self._stall_ns[1])

    def _spend_time(self, received_ns: int) -> None:
        """Spend the spec's time on a message, looking at the control line now and then."""
        jitter_ms = self._random.random() * self._spec.delay_jitter_ms
        until_ns = received_ns + int((self._spec.delay_ms + jitter_ms) * NS_PER_MS)
        while self._delays and not self._closing and not self._paused:
            wait_ns = until_ns - _clock()
            if wait_ns <= 0:
                return
            time.sleep(min(wait_ns, CONTROL_POLL_NS) / 1e9)
            if wait_ns > CONTROL_POLL_NS:
                self._look(_clock())

    def _look(self, now_ns: int) -> None:
        """Control messages, monitor, report."""
        message = self._line.receive()
        while message is not None:
            match message:
                case Start(at_ns=at_ns):
                    self._start(at_ns)
                case ChangeListener(spec=spec):
                    self._change(spec)
                case Pause(paused=paused):
                    self._paused = paused
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
                    self._tell(sentence, marker=True)
        if self._draining or now_ns >= self._next_report_ns:
            self._report(now_ns)

    def _start(self, at_ns: int) -> None:
        self._start_ns = at_ns
        self._busy_before_ns = time.thread_time_ns()
        self._measure_from_ns = at_ns + self._order.warmup_ns
        self._set_stall()
        self._look_every(CONTROL_POLL_NS)

    def _look_every(self, interval_ns: int) -> None:
        """Look at the control line this often, also while nothing comes."""
        assert self._socket is not None
        self._look_every_ns = interval_ns
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
        self._look_every(self._quick_look_ns)

    def _change(self, spec: ListenerSpec) -> None:
        old, self._spec = self._spec, spec
        if self._replier is not None:
            self._replier.spec = spec
        self._set_stall()
        if recreates_socket(old, spec):
            self._recreate()

    def _recreate(self) -> None:
        # The messages in the old socket go with it; the ledger finds them missing, as it should.
        self._settle_batch()
        self._shut()
        try:
            self._open(patience_s=REBIND_PATIENCE_S)
        except SocketSetupError as error:
            self._tell(f"the socket could not be recreated: {error}", marker=True)
            self._closing = True
            return
        self._tell(f"the socket was recreated at {self._endpoint}", marker=True)

    def _move(self, endpoint: str, bind: bool) -> None:
        before, failure = self._order, ""
        self._settle_batch()
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
        self._line.send(Moved(unit=self._order.unit, endpoint=self._endpoint, failure=failure))

    def _go_to(self, endpoint: str, bind: bool) -> None:
        self._order = msgspec.structs.replace(self._order, endpoint=endpoint, bind=bind)
        self._endpoint = endpoint
        self._open(patience_s=REBIND_PATIENCE_S)

    def _shut(self) -> None:
        if self._open_socket is not None:
            self._open_socket.close()
            self._open_socket = self._socket = None

    def _tell(self, sentence: str, marker: bool = False) -> None:
        self._line.send(Notice(unit=self._order.unit, at_ns=_clock(), sentence=sentence, marker=marker))

    def _report(self, now_ns: int) -> None:
        self._next_report_ns = now_ns + REPORT_NS
        self._settle_batch()
        samples, self._samples = tuple(self._samples), []
        self._line.send(
            ListenerReport(
                unit=self._order.unit,
                at_ns=now_ns,
                counts=ListenerCounts(**self._book.values()),
                connection=self._tracker.state,
                label=self._tracker.label,
                sentence=self._tracker.sentence,
                peers=self._tracker.peers,
                idle_ns=now_ns - self._last_message_ns,
                busy_ns=time.thread_time_ns() - self._busy_before_ns,
                service=self._service.take(),
                response=self._response.take(),
                samples=samples,
            )
        )
