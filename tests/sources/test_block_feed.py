"""A feed in blocks gives a compiled sender the events of a feed in Python; tests/data_plane compares whole runs."""

from __future__ import annotations

from array import array

import pytest

from bench_app.errors import SourceError
from bench_app.measure.clock import NEVER_NS, NS_PER_MS, NS_PER_S
from bench_app.measure.counters import HandlerSlot
from bench_app.model import ConstantLoad, Load, MaxLoad, RecordedLoad
from bench_app.sources.block_feed import BLOCK_BYTES, EVENT_BLOCK, BlockFeed
from bench_app.sources.supply import PoolSupply, Supply
from tests.compiled import compiled
from tests.data_plane.world import FakeLibzmq, World
from tests.sources.file_supply import FileSupply


class Blocks:
    """A block feed with a sender that is never run."""

    def __init__(self, supply: Supply[bytearray], load: Load, duration_ns: int = NS_PER_S, skip: int = 0) -> None:
        functions, sending = compiled("zmq_functions"), compiled("sending")
        self._libzmq = FakeLibzmq(World())
        addresses = self._libzmq.addresses
        table = functions.ZmqFunctions(addresses, {name: addresses[name] for name in functions.CLOCK_NAMES})
        self._slots = memoryview(array("Q", bytes(8 * len(HandlerSlot))))
        self.sender = sending.Sender(table, self._slots, "off", b"")
        self.feed = BlockFeed(supply, load, 1, duration_ns, skip, self.sender)


def file_of(count: int) -> FileSupply:
    return FileSupply([(bytearray(b"{}"), number * NS_PER_MS) for number in range(count)])


def pool() -> PoolSupply[bytearray]:
    return PoolSupply([bytearray(b"{}")], 0)


def test_due_times_end_with_the_run() -> None:
    blocks = Blocks(pool(), ConstantLoad(rate=1_000), duration_ns=50 * NS_PER_MS)
    assert blocks.sender.dues_left == 50
    assert blocks.feed.next_due_ns == 0 and not blocks.feed.exhausted


@pytest.mark.parametrize("first_ms", [0, 50, 5_000])
def test_due_times_go_on_after_the_end_if_that_is_later_now(first_ms: int) -> None:
    blocks = Blocks(pool(), ConstantLoad(rate=1_000), duration_ns=first_ms * NS_PER_MS)
    blocks.feed.change_duration(20 * NS_PER_MS)
    assert blocks.feed.next_due_ns == 0
    blocks.feed.change_duration(9_000 * NS_PER_MS)
    assert blocks.sender.dues_left == 9_000 and not blocks.feed.exhausted


def test_due_times_after_an_earlier_end_are_not_due() -> None:
    blocks = Blocks(pool(), ConstantLoad(rate=1_000), duration_ns=NS_PER_S, skip=30)
    blocks.feed.change_duration(20 * NS_PER_MS)
    assert blocks.feed.exhausted


def test_skipped_events_have_no_due_times() -> None:
    blocks = Blocks(pool(), ConstantLoad(rate=1_000), duration_ns=3_000 * NS_PER_MS, skip=2_990)
    assert blocks.sender.dues_left == 10
    assert blocks.feed.next_due_ns == 2_990 * NS_PER_MS


def test_a_load_without_a_due_time_in_the_run_is_exhausted() -> None:
    assert Blocks(pool(), ConstantLoad(rate=1_000), duration_ns=0).feed.exhausted


def test_maximum_load_needs_no_due_times() -> None:
    blocks = Blocks(pool(), MaxLoad())
    assert blocks.feed.at_max and not blocks.feed.exhausted
    assert blocks.sender.dues_left == 0


def test_events_of_a_file_are_given_by_the_block_and_are_not_reached_until_offered() -> None:
    blocks = Blocks(file_of(EVENT_BLOCK + 5), RecordedLoad())
    assert blocks.sender.events_left == EVENT_BLOCK
    assert blocks.feed.counts.not_reached == EVENT_BLOCK + 5
    blocks.feed.refill(0, is_event_due=False)
    assert blocks.sender.events_left == EVENT_BLOCK + 5


def test_large_events_are_given_until_they_have_the_bytes_of_a_block() -> None:
    event = bytearray(BLOCK_BYTES // 2)
    blocks = Blocks(FileSupply([(event, number) for number in range(9)]), RecordedLoad())
    for _ in range(3):
        blocks.feed.refill(0, is_event_due=False)
        assert blocks.sender.events_left == 2


def test_a_file_whose_last_event_is_due_after_the_run_has_not_ended_early() -> None:
    blocks = Blocks(FileSupply([(bytearray(b"{}"), 2 * NS_PER_S)]), RecordedLoad())
    blocks.feed.refill(0, is_event_due=False)
    assert blocks.feed.exhausted and not blocks.feed.ended_early


def test_a_file_that_ends_is_noted_when_an_event_is_due() -> None:
    blocks = Blocks(FileSupply([]), RecordedLoad())
    assert not blocks.feed.ended_early
    blocks.feed.refill(NS_PER_S // 2, is_event_due=True)
    assert blocks.feed.ended_early and blocks.feed.next_due_ns == NEVER_NS
    assert blocks.feed.early_end_note.startswith("its file ended after 0.5 s of 1:")


def test_a_slow_supply_is_an_underrun_that_counts_once() -> None:
    class SlowSupply(FileSupply):
        def take(self) -> None:
            return None

    blocks = Blocks(SlowSupply([]), ConstantLoad(rate=10))
    for _ in range(3):
        blocks.feed.refill(0, is_event_due=True)
    assert blocks.feed.underruns == 1 and not blocks.feed.exhausted


def test_a_recorded_load_needs_recorded_times() -> None:
    blocks = Blocks(pool(), ConstantLoad(rate=10))
    with pytest.raises(SourceError, match="no recorded times"):
        blocks.feed.change_load(RecordedLoad(), 0)
    assert blocks.sender.dues_left == 10
