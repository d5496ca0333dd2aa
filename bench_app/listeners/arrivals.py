"""What a listener received and has not counted yet: socket ~~> listener -> **arrivals** -> counters and histograms.

To *settle* a message is to decode its stamp, count the message and measure its latencies. Two ways of settling cost
least, each in its own situation:

* Messages come thick: they are settled in batches with numpy. A batch costs little a message, but it is a pause in
  which nothing is received.
* There is time between messages: each is settled alone, at once. So no message has to wait for a batch to end.

A message that was received and not settled when the worker is killed is counted nowhere; the ledger shows it as lost.
"""

from __future__ import annotations

from array import array

import numpy as np

from bench_app.measure.clock import NEVER_NS
from bench_app.measure.counters import ListenerSlot
from bench_app.measure.recorder import Recorder
from bench_app.measure.sequence import SequenceSet
from bench_app.transport.stamp import TIMES_LENGTH, decode_joined, decode_one

BATCH = 1024
"""Arrivals in a full batch. At 10,000 messages a second a batch is not full when the next report settles it, so that
no message waits for a full batch to be settled."""
FEW = 8
"""A message after a calm time is settled alone together with at most this many that came just before it. So the end of
a burst does not have to wait for the next report."""

RECEIVED = int(ListenerSlot.RECEIVED)
DUPLICATES = int(ListenerSlot.DUPLICATES)
REORDERED = int(ListenerSlot.REORDERED)
MALFORMED = int(ListenerSlot.MALFORMED)
FIRST = int(ListenerSlot.FIRST)
HIGHEST = int(ListenerSlot.HIGHEST)


class Arrivals:
    """Stamps and arrival times of messages, until they are settled. Memory is allocated once.

    Attributes:
        service: latencies in ns, from actual send to arrival.
        response: latencies in ns, from intended send to arrival.
        measure_from_ns: messages with an earlier intended send time are counted and not measured (the warm-up).
    """

    def __init__(self, slots: memoryview[int], sequences: SequenceSet) -> None:
        self.service = Recorder()
        self.response = Recorder()
        self.measure_from_ns = NEVER_NS
        self._slots = slots
        self._sequences = sequences
        # The text is copied when it arrives, while it is in the processor's cache. To fetch a thousand objects from
        # all over the memory later would cost more than to decode them.
        self._texts = bytearray(BATCH * TIMES_LENGTH)
        self._arrival_slots = array("q", bytes(8 * BATCH))
        self._arrivals = np.frombuffer(self._arrival_slots, np.int64)
        self._unsettled = 0

    def add(self, text: bytes, arrival_ns: int, is_calm: bool) -> None:
        """Add a message by the changing part of its stamp; ``is_calm``: no other message came shortly before."""
        if len(text) != TIMES_LENGTH:
            self._slots[MALFORMED] += 1
            return
        number = self._unsettled
        self._texts[number * TIMES_LENGTH : (number + 1) * TIMES_LENGTH] = text
        self._arrival_slots[number] = arrival_ns
        self._unsettled = number + 1
        if is_calm and number < FEW:
            self._settle_each()
        elif self._unsettled == BATCH:
            self.settle()

    def settle(self) -> None:
        """Settle every message that was added."""
        self._settle_batch(0)

    def _settle_each(self) -> None:
        """Settle a few messages one by one. From the first that is not the usual case on, settle a batch."""
        slots, sequences = self._slots, self._sequences
        for number in range(self._unsettled):
            row = decode_one(self._texts[number * TIMES_LENGTH : (number + 1) * TIMES_LENGTH])
            if row is None or not sequences.add_next(row[0]):
                self._settle_batch(number)
                return
            slots[RECEIVED] += 1
            slots[FIRST] = slots[FIRST] or sequences.first
            slots[HIGHEST] = sequences.highest
            if row[1] >= self.measure_from_ns:
                arrival_ns = self._arrival_slots[number]
                self.service.add_one(arrival_ns - row[2])
                self.response.add_one(arrival_ns - row[1])
        self._unsettled = 0

    def _settle_batch(self, first: int) -> None:
        """Settle the messages from number ``first`` on; those before it are settled already."""
        amount, self._unsettled = self._unsettled, 0
        if first == amount:
            return
        slots = self._slots
        arrivals = self._arrivals[first:amount]
        numbers, sound = decode_joined(bytes(memoryview(self._texts)[first * TIMES_LENGTH : amount * TIMES_LENGTH]))
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
        measured = numbers[:, 1] >= self.measure_from_ns
        if measured.any():
            self.service.add((arrivals - numbers[:, 2])[measured])
            self.response.add((arrivals - numbers[:, 1])[measured])
