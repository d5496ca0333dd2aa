"""Settling one by one and in batches gives the same counts and latencies."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from bench_app.listeners.arrivals import BATCH, FEW, Arrivals
from bench_app.measure.counters import ListenerSlot
from bench_app.measure.histogram import Histogram
from bench_app.measure.sequence import SequenceSet
from bench_app.transport import stamp

NOT_A_STAMP = b"?" * stamp.TIMES_LENGTH


class Bench:
    """Arrivals with their own counters."""

    def __init__(self, measure_from_ns: int = 0) -> None:
        self.slots = memoryview(array("Q", bytes(8 * len(ListenerSlot))))
        self.sequences = SequenceSet()
        self.arrivals = Arrivals(self.slots, self.sequences)
        self.arrivals.measure_from_ns = measure_from_ns

    @property
    def received(self) -> int:
        return self.slots[ListenerSlot.RECEIVED]

    def add(self, *sequences: int, is_calm: bool = False) -> None:
        for sequence in sequences:
            self.arrivals.add(stamp.times(sequence, 1000, 2000), 5000, 0, is_calm)

    def counts(self) -> dict[str, int]:
        return {one.name.lower(): self.slots[one] for one in ListenerSlot}

    def latencies(self) -> list[tuple[int, int, int]]:
        found = []
        for recorder in (self.arrivals.service, self.arrivals.response):
            histogram = Histogram()
            histogram.merge(recorder.take())
            found.append((histogram.count, histogram.min_ns, histogram.max_ns))
        return found


def test_a_calm_arrival_is_settled_at_once_and_other_arrivals_wait() -> None:
    bench = Bench()
    bench.add(1, is_calm=True)
    assert bench.received == 1
    bench.add(2, 3)
    assert bench.received == 1
    bench.arrivals.settle()
    assert bench.received == 3


def test_a_calm_arrival_also_settles_the_few_before_it() -> None:
    bench = Bench()
    bench.add(*range(1, FEW))
    bench.add(FEW, is_calm=True)
    assert bench.received == FEW


def test_after_many_a_calm_arrival_waits_for_the_batch() -> None:
    bench = Bench()
    bench.add(*range(1, FEW + 1))
    bench.add(FEW + 1, is_calm=True)
    assert bench.received == 0


def test_a_full_batch_is_settled_by_itself() -> None:
    bench = Bench()
    bench.add(*range(1, BATCH))
    assert bench.received == 0
    bench.add(BATCH)
    assert bench.received == BATCH


def test_latencies_count_from_the_send_and_from_the_intended_time() -> None:
    for is_calm in (True, False):
        bench = Bench()
        bench.add(1, is_calm=is_calm)
        bench.arrivals.settle()
        assert bench.latencies() == [(1, 3000, 3000), (1, 4000, 4000)]


def test_nothing_is_measured_before_its_time() -> None:
    for is_calm in (True, False):
        bench = Bench(measure_from_ns=1001)
        bench.add(1, is_calm=is_calm)
        bench.arrivals.settle()
        assert [count for count, *_ in bench.latencies()] == [0, 0]
        assert bench.received == 1


def test_a_text_of_another_length_is_malformed_at_once() -> None:
    bench = Bench()
    bench.arrivals.add(stamp.times(1, 2, 3)[:-1], 5, 0, is_calm=False)
    assert bench.slots[ListenerSlot.MALFORMED] == 1


def test_after_a_malformed_message_the_rest_of_the_few_is_settled() -> None:
    bench = Bench()
    bench.add(1)
    bench.arrivals.add(NOT_A_STAMP, 5, 0, is_calm=False)
    bench.add(3, is_calm=True)
    assert (bench.received, bench.slots[ListenerSlot.MALFORMED]) == (2, 1)
    bench.arrivals.settle()
    assert bench.received == 2


SEQUENCES = st.lists(st.integers(1, 30) | st.just(0), max_size=40)


@given(SEQUENCES, st.data())
def test_one_by_one_or_in_batches_the_counts_are_the_same(sequences: list[int], data: st.DataObject) -> None:
    """A number of 0 stands for a stamp that cannot be read."""
    mixed, batch = Bench(), Bench()
    for sequence in sequences:
        text = stamp.times(sequence, sequence * 10, sequence * 10) if sequence else NOT_A_STAMP
        batch.arrivals.add(text, 1000, 0, is_calm=False)
        mixed.arrivals.add(text, 1000, 0, is_calm=data.draw(st.booleans()))
        if data.draw(st.booleans()):
            mixed.arrivals.settle()
    for bench in (mixed, batch):
        bench.arrivals.settle()
    assert mixed.counts() == batch.counts()
    assert mixed.latencies() == batch.latencies()
    assert mixed.received + mixed.slots[ListenerSlot.DUPLICATES] + mixed.slots[ListenerSlot.MALFORMED] == len(sequences)


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=60), st.data())
def test_received_in_drain_is_what_arrived_after_the_end(messages: list[tuple[int, bool]], data: st.DataObject) -> None:
    """A message arrives every 10 ns. A number of 0 stands for a message without a stamp."""
    heard_at = data.draw(st.integers(0, len(messages)))
    ended_ns = 10 * data.draw(st.integers(0, heard_at)) + 5
    bench = Bench()
    for place, (sequence, is_calm) in enumerate(messages):
        if place == heard_at:
            bench.arrivals.end_offering(ended_ns)
        if sequence:
            bench.arrivals.add(stamp.times(sequence, 0, 0), 10 * place, 0, is_calm)
        else:
            bench.arrivals.count_unstamped(10 * place)
    if heard_at == len(messages):
        bench.arrivals.end_offering(ended_ns)
    bench.arrivals.end_offering(0)
    bench.arrivals.settle()
    sequences = [sequence for sequence, _ in messages]
    expected = [
        place
        for place, sequence in enumerate(sequences)
        if 10 * place > ended_ns and (not sequence or sequence not in sequences[:place])
    ]
    assert bench.slots[ListenerSlot.RECEIVED_IN_DRAIN] == len(expected)


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.booleans()), max_size=60), st.integers(0, 20))
def test_each_received_message_is_measured_once(messages: list[tuple[int, bool, bool]], measured_from: int) -> None:
    bench = Bench(measure_from_ns=measured_from)
    for sequence, is_calm, then_settle in messages:
        bench.arrivals.add(stamp.times(sequence, sequence, sequence), 1000, 0, is_calm)
        if then_settle:
            bench.arrivals.settle()
    bench.arrivals.settle()
    distinct = {sequence for sequence, *_ in messages}
    assert bench.received == len(distinct)
    assert bench.slots[ListenerSlot.DUPLICATES] == len(messages) - len(distinct)
    measured = sum(sequence >= measured_from for sequence in distinct)
    assert [count for count, *_ in bench.latencies()] == [measured, measured]
    assert bench.arrivals.backlog.take().count == measured


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 30), st.booleans()), max_size=80))
def test_each_listener_measures_every_message_once_and_the_union_says_what_several_received(
    deliveries: list[tuple[int, int, bool]],
) -> None:
    """Something between a PUSH and its listeners delivers any message to any of them, any number of times."""
    benches = [Bench() for _ in range(3)]
    for listener, sequence, is_calm in deliveries:
        benches[listener].add(sequence, is_calm=is_calm)
    union = SequenceSet()
    repeated = 0
    for bench in benches:
        bench.arrivals.settle()
        assert [count for count, *_ in bench.latencies()] == [bench.received, bench.received]
        repeated += union.merge(bench.sequences.packed())
    measured = sum(bench.received for bench in benches)
    assert measured - repeated == len({sequence for _, sequence, _ in deliveries})
