"""Receipts count as the messages that they are about."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.listeners.arrivals import Arrivals
from bench_app.listeners.receipts import OrderOfEach, ReceiptReader
from bench_app.measure.counters import ListenerSlot
from bench_app.measure.reporters import Reporters
from bench_app.receipts import FORMAT, clock_name
from bench_app.transport import stamp

IDENTITY = stamp.Identity(7, 1)
NOW_NS = 10_000


class Book:
    """A receipt reader with its own counters."""

    def __init__(self, measure_from_ns: int = 0) -> None:
        self.slots = memoryview(array("Q", bytes(8 * len(ListenerSlot))))
        sequences = OrderOfEach()
        self.arrivals = Arrivals(self.slots, sequences)
        self.arrivals.measure_from_ns = measure_from_ns
        self.reader = ReceiptReader(IDENTITY, self.slots, sequences)

    def take(self, *lines: bytes, consumer: str = "a", clock: str | None = None, dropped: int = 0) -> None:
        head = b"%s %s %s %d" % (FORMAT, (clock or clock_name()).encode(), consumer.encode(), dropped)
        self.reader.take([head, b"\n".join(lines)], NOW_NS, self.arrivals)

    def counts(self, *names: str) -> tuple[int, ...]:
        return tuple(self.slots[ListenerSlot[name.upper()]] for name in names)


def line(number: int, arrived_ns: int = 5_000, size: int = 100, identity: stamp.Identity = IDENTITY) -> bytes:
    text = identity.text + stamp.times(number, 1_000, 2_000)
    return b"%s %d %d" % (text, arrived_ns, size)


def test_a_receipt_counts_and_is_measured_from_stamp_to_arrival() -> None:
    book = Book()
    book.take(line(1), line(2, size=50))
    assert book.counts("received", "bytes", "first", "highest") == (2, 150, 1, 2)
    service, response = book.arrivals.service.take(), book.arrivals.response.take()
    assert (service.count, service.max_ns) == (2, 3_000)
    assert (response.count, response.max_ns) == (2, 4_000)


def test_an_arrival_is_never_later_than_its_receipt() -> None:
    book = Book()
    book.take(line(1, arrived_ns=10**17))
    assert book.arrivals.service.take().max_ns == NOW_NS - 2_000


def test_a_consumer_on_another_host_is_counted_and_not_measured() -> None:
    book = Book()
    book.take(line(1), clock="elsewhere", consumer="far")
    book.take(line(2), consumer="near")
    assert book.counts("received") == (2,)
    assert book.arrivals.service.take().count == 1
    assert book.reader.reporters == Reporters(consumers=2, other_clocks=1)


def test_what_consumers_could_not_keep_is_summed() -> None:
    book = Book()
    for consumer, dropped in (("a", 3), ("b", 4), ("a", 5)):
        book.take(line(1), consumer=consumer, dropped=dropped)
    assert book.reader.reporters == Reporters(consumers=2, dropped=9)


@pytest.mark.parametrize(
    "frames",
    [
        [b""],
        [FORMAT],
        [b"zmq-bench-receipts/2 c a 0", line(1)],
        [FORMAT + b" c a -1", line(1)],
        [FORMAT + b" c a 0", line(1), b""],
        [FORMAT + b" c a", line(1)],
    ],
)
def test_messages_that_are_no_receipts_are_foreign(frames: list[bytes]) -> None:
    book = Book()
    book.reader.take(frames, NOW_NS, book.arrivals)
    assert book.counts("received", "foreign", "malformed") == (0, 1, 0)


@pytest.mark.parametrize(
    ("text", "counter"),
    [
        (line(1, identity=stamp.Identity(8, 1)), "foreign"),
        (line(1, identity=stamp.Identity(7, 2)), "foreign"),
        (b"", "foreign"),
        (b"\xff\x00", "foreign"),
        (line(1).rsplit(b" ", 1)[0], "malformed"),
        (line(1)[:40], "malformed"),
        (line(1).replace(b" 5000", b" -5"), "malformed"),
        (line(1).replace(b" 5000", b" " + b"9" * 40), "malformed"),
        (line(1).replace(b"-0000000000000001-", b"-zzzzzzzzzzzzzzzz-"), "malformed"),
        (line(1) + b" 3", "malformed"),
    ],
)
def test_a_line_that_cannot_be_read_is_counted_and_the_others_too(text: bytes, counter: str) -> None:
    book = Book()
    book.take(line(2), text, line(3))
    assert book.counts("received", counter) == (2, 1)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.lists(st.integers(1, 40), min_size=1, max_size=6)), max_size=30),
)
def test_any_mixture_of_consumers_is_counted_as_a_set_would(batches: list[tuple[str, list[int]]]) -> None:
    book, received, repeated, reordered = Book(), set[int](), 0, 0
    highest = dict.fromkeys("abc", 0)
    for consumer, numbers in batches:
        book.take(*map(line, numbers), consumer=consumer)
        for number in numbers:
            if number in received:
                repeated += 1
            elif number < highest[consumer]:
                reordered += 1
            received.add(number)
            highest[consumer] = max(highest[consumer], number)
    assert book.counts("received", "duplicates", "reordered") == (len(received), repeated, reordered)
    assert book.arrivals.service.take().count == len(received)
