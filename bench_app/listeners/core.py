"""The listener core: socket ~~> **receive, spend time, answer** -> arrivals -> ledger. No control, no reports.

:meth:`ListenerCore.receive_until` receives one batch. Its caller makes no Python call for a single message. There are
two loops for a batch, which do the same: one in Python, in this module, and a compiled one; see :mod:`.compiled_loop`.
A message goes through four steps:

1. It is received, and its arrival time is read from the clock.
2. It is counted, or its stamp is kept to be counted later (see :mod:`.arrivals`).
3. The listener *holds* the message for the ``delay_ms`` and ``delay_jitter_ms`` of its spec, the time that a consumer
   spends on a message. No other message is received during a hold.
4. If the listener has a replier, the replier answers.

A hold may be longer than the time of one call. Then ``receive_until`` returns in the middle of the hold, and the next
call continues the hold. So a slow listener still gets control messages in time.

Everything here is single-threaded.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import zmq

from bench_app.listeners.arrivals import Arrivals
from bench_app.listeners.kind import Replier
from bench_app.listeners.receipts import ReceiptReader
from bench_app.listeners.waits import Spin, wait_of
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.counters import ListenerSlot
from bench_app.measure.histogram_delta import HistogramDelta
from bench_app.measure.message_samples import MessageSample, MessageSampler
from bench_app.measure.reporters import NO_REPORTERS, Reporters
from bench_app.measure.sequence import SequenceSet
from bench_app.model import ListenerSpec, WaitMode
from bench_app.recording.tap import Tap
from bench_app.transport.wire import Reader

if TYPE_CHECKING:
    from bench_app.data_plane.zmq_functions import ZmqFunctions
    from bench_app.listeners.compiled_loop import CompiledLoop

CALM_NS = 50_000
"""A message that comes this long after the last message is settled at once. Settling takes a tenth of this time."""
NO_LIMIT = sys.maxsize

FOREIGN = int(ListenerSlot.FOREIGN)
BYTES = int(ListenerSlot.BYTES)


class ListenerCore:
    """Receives the messages of one listener, counts and measures them, and answers requests.

    ``slots`` are the listener's counters (see :class:`ListenerSlot`), ``sequences`` the sequence numbers that it
    received before. ``reader`` finds the stamp. ``seed`` makes the jitter reproducible. ``clock`` returns monotonic ns.
    ``functions`` are those of libzmq, for the compiled loop; without them the core receives in Python. With
    ``receipts`` it receives receipts in place of messages, in Python.

    A message that is already there when the core asks for it had to wait for the core: a *backlog*. The core measures
    how long it has been behind by then, which is the most that the message can have waited for it. The delays of the
    spec do not count, because the user asked for them.

    Attributes:
        last_message_ns: the arrival time of the last message. Before the first message, the time at which the core was
            made.
    """

    def __init__(
        self,
        spec: ListenerSpec,
        reader: Reader,
        slots: memoryview[int],
        sequences: SequenceSet,
        replier: Replier | None = None,
        seed: int = 0,
        clock: Callable[[], int] = time.perf_counter_ns,
        functions: ZmqFunctions | None = None,
        receipts: ReceiptReader | None = None,
    ) -> None:
        self.last_message_ns = clock()
        self._spec = spec
        self._reader = reader
        self._slots = slots
        self._sampler = MessageSampler()
        self._replier = replier
        self._receipts = receipts
        self._random = random.Random(seed)
        self._loop: CompiledLoop | None = None
        if functions is None or receipts is not None:
            self._arrivals = Arrivals(slots, sequences)
        else:
            # The module exists only where the data plane is compiled.
            from bench_app.listeners.compiled_loop import CompiledLoop

            self._loop = CompiledLoop(functions, reader, slots, sequences, self._sampler, self._random, replier)
            self._arrivals = self._loop.arrivals
        self._clock = clock
        self._socket: zmq.Socket[bytes] | None = None
        self._wait_ms = -1
        self._wait = wait_of(spec.wait)
        self._spun_before_ns = 0
        self._is_draining = False
        self._is_behind = False
        self._caught_up_ns = self.last_message_ns
        self._tap: Tap | None = None
        self._held: list[bytes] | None = None
        self._held_until_ns = 0

    @property
    def is_holding(self) -> bool:
        """Whether a received message is held."""
        return self._held is not None

    @property
    def spun_ns(self) -> int:
        """For how long the core has spun without a message. Another thread may read it."""
        in_python = self._spun_before_ns + (self._wait.spun_ns if isinstance(self._wait, Spin) else 0)
        return in_python if self._loop is None else in_python + self._loop.receiver.spun_ns

    def attach(self, socket: zmq.Socket[bytes]) -> None:
        """Receive from ``socket`` from now on."""
        self._socket = socket
        socket.rcvtimeo = self._wait_ms
        if self._wait is not None:
            self._wait.attach(socket)

    def detach(self) -> None:
        """Stop using the socket, which is about to be closed. A held request gets no answer: its connection ends."""
        self._socket = None

    def record(self, tap: Tap | None) -> None:
        """Give each message from the next one on to a recording; None: to none."""
        self._tap = tap
        if self._loop is not None:
            self._loop.record(tap)

    def wait_at_most(self, wait_ms: int) -> None:
        """Make :meth:`receive_until` return when no message comes within ``wait_ms`` (-1: wait without limit)."""
        self._wait_ms = wait_ms
        if self._socket is not None:
            self._socket.rcvtimeo = wait_ms

    def wait_for_message(self, wait_ms: int) -> bool:
        """Wait for a message and receive none. Returns False if no message comes within ``wait_ms``."""
        assert self._socket is not None
        return bool(self._socket.poll(wait_ms)) if self._wait is None else self._wait.until_message(wait_ms)

    def measure_from(self, at_ns: int) -> None:
        """Measure only messages with an intended send time from ``at_ns`` on. Before this call none is measured."""
        self._arrivals.measure_from_ns = at_ns

    def change_spec(self, spec: ListenerSpec) -> None:
        """Use another spec from the next message on. A hold ends at once if the new spec has no delay."""
        if spec.wait != self._spec.wait:
            self._change_wait(spec.wait)
        self._spec = spec
        if self._replier is not None:
            self._replier.spec = spec

    def _change_wait(self, mode: WaitMode) -> None:
        if isinstance(self._wait, Spin):
            self._spun_before_ns += self._wait.spun_ns
        self._wait = wait_of(mode)
        if self._wait is not None and self._socket is not None:
            self._wait.attach(self._socket)

    def drain(self, offering_ended_ns: int) -> None:
        """Hold no message from now on, so that the remaining messages are read as fast as possible.

        Messages that arrived after ``offering_ended_ns`` are counted apart, too. A second call changes nothing.
        """
        self._is_draining = True
        self._arrivals.end_offering(offering_ended_ns)

    def finish_message(self) -> None:
        """End the hold now and answer the message."""
        if self._held is None:
            return
        if self._loop is None:
            self._answer(self._held)
            return
        self._held = None
        self._loop.receiver.finish_message(0 if self._socket is None else self._socket.underlying)

    def receive_until(self, until_ns: int, limit: int = NO_LIMIT) -> int:
        """Receive until ``until_ns``, or ``limit`` messages, or until none comes for the time of :meth:`wait_at_most`.

        Returns how many messages were received. The time is compared after each message, so one message may
        be received after ``until_ns``. A hold from an earlier call is finished first; a ``limit`` of 0 only finishes
        the hold.
        """
        if self._loop is not None:
            return self._receive_compiled(self._loop, until_ns, limit)
        if not self._finish_hold(until_ns):
            return 0
        assert self._socket is not None
        receive, option, clock, take = self._socket.recv, self._socket.getsockopt, self._clock, self._take
        # Neither the replier nor the spec changes within a batch.
        holds = self._replier is not None or self._has_delay
        wait = self._wait
        received = 0
        while received < limit:
            # To ask whether a message is there costs less than an exception, but more than a message that is there.
            must_wait = not self._is_behind and not int(option(zmq.EVENTS)) & zmq.POLLIN
            try:
                if wait is None:
                    frames = [receive(0 if must_wait else zmq.NOBLOCK)]
                else:
                    if must_wait or wait.is_before_each:
                        wait.until_message(self._wait_ms if must_wait else 0)
                    frames = [receive(zmq.NOBLOCK)]
            except zmq.Again:
                if must_wait:
                    return received
                self._is_behind = False
                continue
            # libzmq delivers all frames of a message together, so this is the arrival time of the message.
            now_ns = clock()
            self._is_behind = not must_wait
            if must_wait:
                self._caught_up_ns = now_ns
            while option(zmq.RCVMORE):
                frames.append(receive())
            take(frames, now_ns)
            received += 1
            if holds and not self._hold(frames, now_ns, until_ns):
                return received
            if now_ns >= until_ns:
                return received
        return received

    def _receive_compiled(self, loop: CompiledLoop, until_ns: int, limit: int) -> int:
        assert self._socket is not None
        spec, receiver = self._spec, loop.receiver
        receiver.caught_up_ns, receiver.last_message_ns = self._caught_up_ns, self.last_message_ns
        receiver.is_holding = self._held is not None
        receiver.set_wait(spec.wait, self._wait_ms)
        delay_ms, jitter_ms = (spec.delay_ms, spec.delay_jitter_ms) if self._has_delay else (0, 0)
        try:
            return loop.receive_until(self._socket, until_ns, limit, delay_ms, jitter_ms)
        finally:
            self._caught_up_ns, self.last_message_ns = receiver.caught_up_ns, receiver.last_message_ns
            # The receiver has the frames of a held message.
            self._held = [] if receiver.is_holding else None

    def excuse_backlog(self) -> None:
        """Count no time before now as the core's own: the user wanted it to receive nothing."""
        self._caught_up_ns = self._clock()

    def settle(self) -> None:
        """Count and measure every message received so far."""
        self._arrivals.settle()

    def take_latencies(self) -> tuple[HistogramDelta, HistogramDelta, HistogramDelta]:
        """The service and response latencies and the backlogs that were settled since the last call."""
        arrivals = self._arrivals
        return arrivals.service.take(), arrivals.response.take(), arrivals.backlog.take()

    @property
    def reporters(self) -> Reporters:
        """The consumers that sent receipts."""
        return NO_REPORTERS if self._receipts is None else self._receipts.reporters

    def take_samples(self) -> tuple[MessageSample, ...]:
        """The message samples since the last call."""
        return self._sampler.take()

    @property
    def _has_delay(self) -> bool:
        return not self._is_draining and bool(self._spec.delay_ms or self._spec.delay_jitter_ms)

    def _take(self, frames: list[bytes], now_ns: int) -> None:
        """Count a message, or keep its stamp to be settled."""
        slots = self._slots
        if self._receipts is not None:
            self.last_message_ns = now_ns
            self._receipts.take(frames, now_ns, self._arrivals)
            return
        if self._replier is not None:
            frames = self._replier.body_of(frames)
            if not frames:
                slots[FOREIGN] += 1
                return
        if self._tap is not None:
            self._tap.send(frames, now_ns)
        text, is_foreign, size = self._reader.read(frames)
        slots[BYTES] += size
        is_calm = now_ns - self.last_message_ns > CALM_NS
        self.last_message_ns = now_ns
        if now_ns >= self._sampler.due_ns:
            self._sampler.keep(frames, now_ns)
        if text is not None:
            self._arrivals.add(text, now_ns, now_ns - self._caught_up_ns, is_calm)
        elif is_foreign:
            slots[FOREIGN] += 1
        else:
            self._arrivals.count_unstamped(now_ns)

    def _hold(self, frames: list[bytes], received_ns: int, until_ns: int) -> bool:
        """Hold a message for the delay of the spec and answer it. Returns False if ``until_ns`` comes first.

        A consumer with more to do than it can do begins a message when it is done with the last one. So of a backlog
        each hold begins where the last one was to end: what the core needs for itself, and what a sleep took too long,
        must not make the consumer slower than the spec says. If the last hold ended longer ago than one hold, the core
        was kept from running or had nothing to do, and nothing is made up for.
        """
        last_until_ns = self._held_until_ns
        self._held, self._held_until_ns = frames, received_ns
        if self._has_delay:
            jitter_ms = self._random.random() * self._spec.delay_jitter_ms
            hold_ns = int((self._spec.delay_ms + jitter_ms) * NS_PER_MS)
            is_next = self._is_behind and received_ns - last_until_ns < hold_ns
            self._held_until_ns = (last_until_ns if is_next else received_ns) + hold_ns
            self._caught_up_ns += hold_ns
        return self._finish_hold(until_ns)

    def _finish_hold(self, until_ns: int) -> bool:
        """Wait for the end of the hold and answer. Returns False if ``until_ns`` comes first."""
        if self._held is None:
            return True
        while self._has_delay and (wait_ns := self._held_until_ns - self._clock()) > 0:
            left_ns = until_ns - self._clock()
            if left_ns <= 0:
                return False
            time.sleep(min(wait_ns, left_ns) / 1e9)
        self._answer(self._held)
        return True

    def _answer(self, frames: list[bytes]) -> None:
        self._held = None
        if self._replier is not None and self._socket is not None:
            self._replier.answer(self._socket, frames)
