"""The compiled receive loop on the state of a listener core: socket ~~> **receive in slices** -> arrivals -> ledger.

A slice may end early, because its tables are full or because it took a sample. Then they are settled and the next slice
begins. All that was received is settled before :meth:`CompiledLoop.receive_until` returns or raises an error.
"""

from __future__ import annotations

import errno
import random
from array import array

import numpy as np
import zmq

from bench_app.data_plane.latency_counts import LatencyCounts
from bench_app.data_plane.receiving import Receiver
from bench_app.data_plane.zmq_functions import ZmqFunctions
from bench_app.listeners.arrivals import Arrivals
from bench_app.listeners.kind import Replier
from bench_app.measure.message_samples import MessageSample, MessageSampler
from bench_app.measure.sequence import SequenceSet
from bench_app.model import ListenerSpec
from bench_app.recording.tap import BUDGET_BYTES, Tap
from bench_app.transport.wire import Reader

DRAWS = 256
"""Random numbers for this many holds are drawn ahead."""


class CompiledLoop:
    """Receives for a listener core.

    ``functions`` are those of the libzmq of the sockets. ``draws`` makes the jitter. A loop with a ``replier`` answers
    the messages of a ROUTER.

    Attributes:
        arrivals: counts and measures.
        receiver: has the state of the loop between two slices.
    """

    def __init__(
        self,
        functions: ZmqFunctions,
        reader: Reader,
        slots: memoryview[int],
        sequences: SequenceSet,
        sampler: MessageSampler,
        draws: random.Random,
        replier: Replier | None = None,
    ) -> None:
        latencies = LatencyCounts(), LatencyCounts(), LatencyCounts()
        left = iter(latencies)
        self.arrivals = Arrivals(slots, sequences, lambda: next(left))
        ring, reply_to = self.arrivals.recent.ring, None if replier is None else replier.reply_to
        self.receiver = Receiver(functions, slots, ring, reader.mode, reader.prefix, *latencies, reply_to)
        self.receiver.highest = sequences.highest
        self._replier = replier
        self._replied_spec: ListenerSpec | None = None
        self._sampler = sampler
        self._random = draws
        self._draws = array("d")

    def receive_until(
        self, socket: zmq.Socket[bytes], until_ns: int, limit: int, delay_ms: float, jitter_ms: float
    ) -> int:
        """Receive as :meth:`bench_app.listeners.core.ListenerCore.receive_until` does, from an open socket.

        Each message is held for ``delay_ms`` and at most ``jitter_ms`` more.
        """
        receiver = self.receiver
        received = 0
        while True:
            self._prepare(delay_ms, jitter_ms)
            received += receiver.receive(socket.underlying, until_ns, limit - received)
            self._settle()
            if receiver.error not in (0, errno.EAGAIN, errno.EINTR):
                raise _error_of(receiver.error)
            # Python has handled the signal that interrupted the slice by now, as it does between any two lines.
            if not (receiver.must_settle or receiver.error == errno.EINTR):
                return received

    def record(self, tap: Tap | None) -> None:
        """Give each message to a recording; None: to none."""
        if tap is None:
            self.receiver.record(0, None, 0)
        else:
            self.receiver.record(tap.socket.underlying, tap.slots, BUDGET_BYTES)

    def _prepare(self, delay_ms: float, jitter_ms: float) -> None:
        receiver, arrivals = self.receiver, self.arrivals
        receiver.measure_from_ns = arrivals.measure_from_ns
        receiver.offering_ended_ns = arrivals.offering_ended_ns
        receiver.sample_due_ns = self._sampler.due_ns
        receiver.next_recent = arrivals.recent.next
        if self._replier is not None and self._replier.spec is not self._replied_spec:
            self._replied_spec = self._replier.spec
            receiver.forget_replies()
            receiver.keep_replies(self._replier.depends_on_body_alone)
        has_delay = bool(delay_ms or jitter_ms)
        if has_delay:
            self._draws.extend(self._random.random() for _ in range(DRAWS - len(self._draws)))
        receiver.set_delay(has_delay, delay_ms, jitter_ms, self._draws.tobytes() if has_delay else b"")

    def _settle(self) -> None:
        receiver, arrivals = self.receiver, self.arrivals
        del self._draws[: receiver.used_draws]
        arrivals.recent.next = receiver.next_recent
        sample = receiver.take_sample()
        if sample is not None:
            frames, size = sample
            self._sampler.keep_sample(MessageSample(receiver.last_message_ns, size, frames))
        arrivals.settle_slice(
            receiver.first,
            np.frombuffer(receiver.take_ranges(), np.int64).reshape(-1, 2),
            np.frombuffer(receiver.take_unusual(), np.int64).reshape(-1, 5),
        )


def _error_of(number: int) -> zmq.ZMQError:
    """What pyzmq raises for this error."""
    return zmq.ContextTerminated() if number == zmq.ETERM else zmq.ZMQError(number)
