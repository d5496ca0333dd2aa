"""Reads what a user's own consumer reports: its receipts ~~> **receipt reader** -> arrivals -> ledger.

A listener with the key ``receipts`` receives no messages of its handler. It receives receipts, and each receipt counts
as the message that it is about. The consumer sends them with :class:`bench_app.receipts.Receipts`, or writes
the same two frames itself:

* ``zmq-bench-receipts/1 CLOCK CONSUMER DROPPED``: the name of its clock, any name of its own, and how many receipts it
  could not keep;
* a line for each receipt: ``STAMP ARRIVED_NS SIZE``.

If consumer and bench do not share a clock, the arrival time means nothing here: messages are counted, not measured.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from bench_app.listeners.arrivals import Arrivals
from bench_app.measure.arrays import Int64s
from bench_app.measure.clock import NEVER_NS
from bench_app.measure.counters import ListenerSlot
from bench_app.measure.reporters import Reporters
from bench_app.measure.sequence import Bools, SequenceSet
from bench_app.receipts import FORMAT, clock_name
from bench_app.transport.stamp import IDENTITY_LENGTH, TEXT_LENGTH, Identity

FOREIGN = int(ListenerSlot.FOREIGN)
MALFORMED = int(ListenerSlot.MALFORMED)
BYTES = int(ListenerSlot.BYTES)
_MOST_DIGITS = 18
"""A number of so many digits is below 2**63."""


class OrderOfEach(SequenceSet):
    """The sequence numbers that several consumers received. A number is reordered if its own consumer had a later one.

    Attributes:
        consumer: the consumer whose numbers are added next.
    """

    def __init__(self, complete_to: int = 0) -> None:
        super().__init__(complete_to)
        self.consumer = b""
        self._highest: dict[bytes, int] = defaultdict(int)

    def add(self, seqs: Int64s) -> tuple[Bools, int]:
        """See :meth:`SequenceSet.add`."""
        is_new, _ = super().add(seqs)
        before = np.maximum.accumulate(np.concatenate(([self._highest[self.consumer]], seqs)))
        self._highest[self.consumer] = int(before[-1])
        return is_new, int(np.count_nonzero(is_new & (seqs < before[:-1])))


class ReceiptReader:
    """Counts receipts as arrivals. ``slots`` are the counters of the listener; ``sequences`` those of its arrivals."""

    def __init__(self, identity: Identity, slots: memoryview[int], sequences: OrderOfEach) -> None:
        self._prefix = identity.text
        self._slots = slots
        self._sequences = sequences
        self._clock = clock_name().encode()
        self._dropped: dict[bytes, int] = {}
        self._other_clocks: set[bytes] = set()

    @property
    def reporters(self) -> Reporters:
        """The consumers that sent receipts so far."""
        return Reporters(len(self._dropped), len(self._other_clocks), sum(self._dropped.values()))

    def take(self, frames: list[bytes], now_ns: int, arrivals: Arrivals) -> None:
        """Count the receipts of one message. ``now_ns`` is the arrival time where the consumer cannot tell it."""
        head = frames[0].split(b" ")
        if len(frames) != 2 or len(head) != 4 or head[0] != FORMAT or not head[3].isdigit():
            self._slots[FOREIGN] += 1
            return
        _, clock, consumer, dropped = head
        self._dropped[consumer] = int(dropped[:_MOST_DIGITS])
        shares_clock = clock == self._clock
        if not shares_clock:
            self._other_clocks.add(consumer)
        # What follows is of this consumer. The arrivals of others are settled already.
        self._sequences.consumer = consumer
        measure_from_ns = arrivals.measure_from_ns
        if not shares_clock:
            arrivals.measure_from_ns = NEVER_NS
        for line in frames[1].split(b"\n"):
            self._take_line(line, now_ns, shares_clock, arrivals)
        arrivals.settle()
        arrivals.measure_from_ns = measure_from_ns

    def _take_line(self, line: bytes, now_ns: int, shares_clock: bool, arrivals: Arrivals) -> None:
        if not line.startswith(self._prefix):
            self._slots[FOREIGN] += 1
            return
        numbers = line[TEXT_LENGTH:].split()
        if len(numbers) != 2 or not all(one.isdigit() and len(one) <= _MOST_DIGITS for one in numbers):
            self._slots[MALFORMED] += 1
            return
        self._slots[BYTES] += int(numbers[1])
        arrived_ns = min(now_ns, int(numbers[0])) if shares_clock else now_ns
        arrivals.add(line[IDENTITY_LENGTH:TEXT_LENGTH], arrived_ns, 0, is_calm=False)
