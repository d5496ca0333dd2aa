"""Messages that were received and not counted yet: socket ~~> listener -> **arrivals** -> counters and histograms.

To *settle* a message means to decode its stamp, count it and measure its latencies. There are two ways of settling:

* At a high rate, messages are settled in batches with numpy. A batch costs little per message, but no message is
  received while it is settled.
* At a low rate, each message is settled alone and at once. So no message has to wait while a batch is settled.

A message is measured when it is received first. A duplicate is counted, and not measured a second time.

If the worker is killed, messages that were received and not settled are not counted. The ledger shows them as lost.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable

import numpy as np

from bench_app.listeners.recent_arrivals import RecentArrivals
from bench_app.measure.arrays import Int64s
from bench_app.measure.clock import NEVER_NS
from bench_app.measure.counters import ListenerSlot
from bench_app.measure.recorder import LatencyRecorder, Recorder
from bench_app.measure.sequence import SequenceSet
from bench_app.transport.stamp import TIMES_LENGTH, decode_one
from bench_app.transport.stamp_arrays import decode_joined

BATCH = 1024
"""Messages in a full batch. Every report settles the messages before it, so at 10,000 messages a second a batch never
becomes full."""
FEW = 8
"""If a message comes after a calm time and at most this many messages are not settled, all of them are settled at once.
So the last messages of a burst do not wait for the next report."""

RECEIVED = int(ListenerSlot.RECEIVED)
DUPLICATES = int(ListenerSlot.DUPLICATES)
REORDERED = int(ListenerSlot.REORDERED)
MALFORMED = int(ListenerSlot.MALFORMED)
FIRST = int(ListenerSlot.FIRST)
HIGHEST = int(ListenerSlot.HIGHEST)
RECEIVED_IN_DRAIN = int(ListenerSlot.RECEIVED_IN_DRAIN)


class Arrivals:
    """The stamps and arrival times of messages that are not settled yet. Memory is allocated once.

    Attributes:
        service: latencies in ns, from actual send to arrival.
        response: latencies in ns, from intended send to arrival.
        backlog: for the same messages, the part of the service latency in which the listener was still busy with
            earlier messages, at most.
        measure_from_ns: messages with an earlier intended send time are counted and not measured (the warm-up).
        offering_ended_ns: messages that arrive later are counted apart, too.
        recent: when the last messages arrived.
    """

    def __init__(
        self,
        slots: memoryview[int],
        sequences: SequenceSet,
        make_recorder: Callable[[], LatencyRecorder] = Recorder,
    ) -> None:
        self.service = make_recorder()
        self.response = make_recorder()
        self.backlog = make_recorder()
        self.measure_from_ns = NEVER_NS
        self.offering_ended_ns = NEVER_NS
        self.recent = RecentArrivals()
        self._slots = slots
        self._sequences = sequences
        # A stamp is copied at once, while it is in the processor's cache. Fetching a thousand scattered objects later
        # would cost more than decoding them.
        self._texts = bytearray(BATCH * TIMES_LENGTH)
        self._arrival_slots = array("q", bytes(8 * BATCH))
        self._arrivals = np.frombuffer(self._arrival_slots, np.int64)
        self._behind_slots = array("q", bytes(8 * BATCH))
        self._behind = np.frombuffer(self._behind_slots, np.int64)
        self._unsettled = 0

    def add(self, text: bytes, arrival_ns: int, behind_ns: int, is_calm: bool) -> None:
        """Add a message by the changing part of its stamp.

        ``behind_ns``: how long the listener had been behind when it received the message; 0 if it had waited for it.
        ``is_calm``: no other message came shortly before.
        """
        if len(text) != TIMES_LENGTH:
            self._slots[MALFORMED] += 1
            return
        number = self._unsettled
        self._texts[number * TIMES_LENGTH : (number + 1) * TIMES_LENGTH] = text
        self._arrival_slots[number] = arrival_ns
        self._behind_slots[number] = behind_ns
        self._unsettled = number + 1
        if is_calm and number < FEW:
            self._settle_each()
        elif self._unsettled == BATCH:
            self.settle()

    def count_unstamped(self, arrival_ns: int) -> None:
        """Count a message that has no stamp, and needs none."""
        self._slots[RECEIVED] += 1
        self._note_received(arrival_ns)

    def end_offering(self, at_ns: int) -> None:
        """The handler offered its last event at ``at_ns``, a moment ago: count what arrives after it apart, too."""
        if self.offering_ended_ns != NEVER_NS:
            return
        self.settle()
        self._slots[RECEIVED_IN_DRAIN] += self.recent.count_after(at_ns)
        self.offering_ended_ns = at_ns

    def settle(self) -> None:
        """Settle every message that was added."""
        self._settle_batch(0)

    def settle_slice(self, first: int, ranges: Int64s, unusual: Int64s) -> None:
        """Settle what a slice of the compiled loop left; see :mod:`bench_app.data_plane.receiving`.

        ``first`` is the sequence number that arrived first of all. ``ranges`` has the first and the last number of each
        range. ``unusual`` has for each unusual arrival its number, the times of its intended and actual send and of its
        arrival, and how long the listener had been behind.
        """
        self._sequences.first = self._sequences.first or first
        self._sequences.add_ranges(ranges)
        if len(unusual):
            self._settle_rows(unusual[:, :3], unusual[:, 3], unusual[:, 4])

    def _settle_each(self) -> None:
        """Settle the messages one by one.

        From the first message on that is malformed, repeated or reordered, the rest is settled as a batch.
        """
        slots, sequences = self._slots, self._sequences
        for number in range(self._unsettled):
            row = decode_one(self._texts[number * TIMES_LENGTH : (number + 1) * TIMES_LENGTH])
            if row is None or not sequences.add_next(row[0]):
                self._settle_batch(number)
                return
            slots[RECEIVED] += 1
            self._note_received(self._arrival_slots[number])
            slots[FIRST] = slots[FIRST] or sequences.first
            slots[HIGHEST] = sequences.highest
            if row[1] >= self.measure_from_ns:
                arrival_ns = self._arrival_slots[number]
                self.service.add_one(arrival_ns - row[2])
                self.response.add_one(arrival_ns - row[1])
                self.backlog.add_one(min(arrival_ns - row[2], self._behind_slots[number]))
        self._unsettled = 0

    def _settle_batch(self, first: int) -> None:
        """Settle the messages from number ``first`` on; the earlier messages are settled already."""
        amount, self._unsettled = self._unsettled, 0
        if first == amount:
            return
        arrivals, behind = self._arrivals[first:amount], self._behind[first:amount]
        numbers, sound = decode_joined(bytes(memoryview(self._texts)[first * TIMES_LENGTH : amount * TIMES_LENGTH]))
        if not sound.all():
            self._slots[MALFORMED] += int((~sound).sum())
            numbers, arrivals, behind = numbers[sound], arrivals[sound], behind[sound]
        self._settle_rows(numbers, arrivals, behind)

    def _settle_rows(self, numbers: Int64s, arrivals: Int64s, behind: Int64s) -> None:
        """Settle messages by the numbers of their stamps, an array of shape (n, 3)."""
        slots = self._slots
        is_new, reordered = self._sequences.add(numbers[:, 0])
        new = int(np.count_nonzero(is_new))
        slots[RECEIVED] += new
        slots[DUPLICATES] += len(is_new) - new
        self._note_all_received(arrivals[is_new])
        slots[REORDERED] += reordered
        if self._sequences.highest:
            slots[FIRST] = slots[FIRST] or self._sequences.first
            slots[HIGHEST] = self._sequences.highest
        measured = is_new & (numbers[:, 1] >= self.measure_from_ns)
        if measured.any():
            service = arrivals - numbers[:, 2]
            self.service.add(service[measured])
            self.backlog.add(np.minimum(service, behind)[measured])
            self.response.add((arrivals - numbers[:, 1])[measured])

    def _note_received(self, arrival_ns: int) -> None:
        self.recent.add_one(arrival_ns)
        if arrival_ns > self.offering_ended_ns:
            self._slots[RECEIVED_IN_DRAIN] += 1

    def _note_all_received(self, arrivals_ns: Int64s) -> None:
        self.recent.add(arrivals_ns)
        if self.offering_ended_ns != NEVER_NS:
            self._slots[RECEIVED_IN_DRAIN] += int(np.count_nonzero(arrivals_ns > self.offering_ended_ns))
