from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.packed_numbers import PackedNumbers
from bench_app.measure.sequence import SequenceSet

CHUNK = 65_536


class PlainSet:
    """A simple, slow implementation with the same results."""

    def __init__(self, complete_to: int = 0) -> None:
        self.numbers = set(range(1, complete_to + 1))
        self.highest = complete_to
        self.first = 0

    def add(self, seqs: list[int]) -> tuple[list[bool], int]:
        are_new, reordered = [], 0
        for seq in seqs:
            self.first = self.first or seq
            are_new.append(seq not in self.numbers)
            if are_new[-1]:
                reordered += seq < self.highest
                self.numbers.add(seq)
            self.highest = max(self.highest, seq)
        return are_new, reordered


def add(numbers: SequenceSet, seqs: npt.NDArray[np.int64]) -> tuple[int, int, int]:
    """Add numbers; returns how many were new, duplicates, and reordered."""
    is_new, reordered = numbers.add(seqs)
    return int(is_new.sum()), int((~is_new).sum()), reordered


def runs() -> st.SearchStrategy[list[int]]:
    """Batches of numbers: rising runs with a step, also at the bounds of chunks and with very large numbers."""
    starts = st.one_of(
        st.integers(0, 300),
        st.integers(CHUNK - 40, CHUNK + 40),
        st.integers(3 * CHUNK - 40, 3 * CHUNK + 40),
        st.integers(2**62, 2**62 + 50),
    )
    run = st.builds(
        lambda start, step, length: list(range(start, start + step * length, step)),
        starts,
        st.sampled_from([1, 1, 2, 3, 1000]),
        st.integers(1, 60),
    )
    return st.one_of(run, run.flatmap(st.permutations), st.lists(st.integers(1, 200), max_size=60))


def check(ours: SequenceSet, plain: PlainSet, batch: list[int]) -> None:
    is_new, reordered = ours.add(np.array(batch, np.int64))
    assert (is_new.tolist(), reordered) == plain.add(batch)
    assert (ours.highest, ours.first, ours.count) == (plain.highest, plain.first, len(plain.numbers))


@given(st.lists(runs(), max_size=15), st.sampled_from([0, 1, CHUNK - 1, CHUNK]), st.sets(st.integers(0, 14)))
def test_one_by_one_agrees_with_batches(batches: list[list[int]], complete_to: int, in_batch: set[int]) -> None:
    ours, plain = SequenceSet(complete_to), PlainSet(complete_to)
    for number, batch in enumerate(batches):
        if number in in_batch:
            check(ours, plain, batch)
            continue
        for seq in batch:
            is_next = seq > plain.highest
            assert ours.add_next(seq) == is_next
            if is_next:
                assert plain.add([seq]) == ([True], 0)
            assert (ours.highest, ours.first, ours.count) == (plain.highest, plain.first, len(plain.numbers))
    for seq in [*range(complete_to - 3, complete_to + 400), *(seq for batch in batches for seq in batch)]:
        assert (seq in ours) == (seq in plain.numbers)


@given(st.lists(runs(), max_size=15), st.sampled_from([0, 0, 1, 100, CHUNK - 1, CHUNK, CHUNK + 1]))
def test_agrees_with_a_plain_set(batches: list[list[int]], complete_to: int) -> None:
    ours, plain = SequenceSet(complete_to), PlainSet(complete_to)
    for batch in batches:
        check(ours, plain, batch)
    asked = {seq + step for batch in batches for seq in batch for step in (-1, 0, 1)}
    assert {seq for seq in asked if seq in ours} == asked & plain.numbers


@given(st.randoms(use_true_random=False), st.integers(1, 3), st.floats(0, 0.3), st.integers(1, 500))
def test_agrees_with_a_plain_set_over_a_lossy_wire(random, chunks: int, loss: float, batch_size: int) -> None:
    numbers = np.arange(1, chunks * CHUNK, 37)
    numbers = numbers[np.random.default_rng(random.getrandbits(32)).random(len(numbers)) >= loss].tolist()
    for _ in range(20):
        at, other = random.randrange(len(numbers)), random.randrange(len(numbers))
        numbers[at] = numbers[other]
    ours, plain = SequenceSet(), PlainSet()
    for start in range(0, len(numbers), batch_size):
        check(ours, plain, numbers[start : start + batch_size])


def test_a_run_without_a_loss_takes_no_memory() -> None:
    numbers = SequenceSet()
    for start in range(1, 1_000_001, 1000):
        assert add(numbers, np.arange(start, start + 1000)) == (1000, 0, 0)
    assert numbers.memory_bytes == 0
    assert numbers.complete_to == 1_000_000


def test_a_chunk_that_becomes_complete_is_dropped() -> None:
    numbers = SequenceSet()
    total = 5 * CHUNK
    numbers.add(np.arange(2, total + 1, 2))
    assert numbers.memory_bytes
    assert add(numbers, np.arange(1, total + 1, 2)) == (total // 2, 0, total // 2)
    assert (numbers.complete_to, numbers.memory_bytes) == (total, 0)
    assert add(numbers, np.array([1, total, total + 1])) == (1, 2, 0)


@pytest.mark.parametrize(("every", "most_bits"), [(1, 0.02), (2, 1), (3, 1), (20, 1)])
def test_a_share_takes_at_most_one_bit_a_number(every: int, most_bits: float) -> None:
    numbers = SequenceSet()
    total = 100 * CHUNK
    # Number 1 is always missing, so complete_to stays 0 and no chunk is dropped.
    for start in range(2, total, 4096 * every):
        numbers.add(np.arange(start, start + 4096 * every, every))
    ready = 2 * CHUNK
    assert numbers.memory_bytes - ready <= most_bits * total / 8


def test_very_large_numbers_cost_little_and_are_still_distinguished() -> None:
    large = np.random.default_rng(5).integers(2**40, 2**62, 2000)
    numbers = SequenceSet()
    new = sum(add(numbers, large[start : start + 256])[0] for start in range(0, 2000, 256))
    assert new == len(set(large.tolist()))
    assert numbers.memory_bytes < 200_000
    assert add(numbers, large)[:2] == (0, 2000)
    assert add(numbers, np.arange(1, 257)) == (256, 0, 256)


def test_the_largest_int64_fits() -> None:
    numbers = SequenceSet()
    assert add(numbers, np.array([1, 2**63 - 1])) == (2, 0, 0)
    assert add(numbers, np.array([2**63 - 1, 2])) == (1, 1, 1)


@given(
    st.lists(st.lists(st.tuples(st.integers(2, 200_000), st.integers(1, 90_000)), max_size=6), max_size=5),
    st.sampled_from([0, 1, CHUNK - 1, CHUNK]),
)
def test_ranges_are_added_as_their_numbers_are(batches: list[list[tuple[int, int]]], complete_to: int) -> None:
    """Each range is given by how far it begins above the last one, and by its length."""
    by_range, by_number = SequenceSet(complete_to), SequenceSet(complete_to)
    for batch in batches:
        ranges, last = [], by_range.highest
        for gap, length in batch:
            ranges.append((last + gap, last + gap + length - 1))
            last = ranges[-1][1]
        by_range.add_ranges(np.array(ranges, np.int64).reshape(-1, 2))
        for first, last in ranges:
            by_number.add(np.arange(first, last + 1))
    assert by_range.packed() == by_number.packed()
    assert by_range.first == by_number.first


@pytest.mark.parametrize("length", [1, 3])
def test_many_ranges_are_added_as_their_numbers_are(length: int) -> None:
    firsts = np.arange(5, 300_000, 37)
    ranges = np.stack([firsts, firsts + length - 1], axis=1)
    numbers = np.sort(np.concatenate([firsts + offset for offset in range(length)]))
    by_range, by_number = SequenceSet(), SequenceSet()
    by_range.add_ranges(ranges)
    by_number.add(numbers)
    assert by_range.packed() == by_number.packed()


def test_a_range_that_follows_the_highest_number_needs_no_memory() -> None:
    numbers = SequenceSet()
    for first in range(1, 1_000_000, 100_000):
        numbers.add_ranges(np.array([[first, first + 99_999]], np.int64))
    assert (numbers.complete_to, numbers.memory_bytes) == (1_000_000, 0)


def test_an_empty_batch_changes_nothing() -> None:
    numbers = SequenceSet()
    assert add(numbers, np.array([], np.int64)) == (0, 0, 0)
    assert (numbers.first, numbers.highest, numbers.count) == (0, 0, 0)


def test_a_set_continues_after_a_restart() -> None:
    numbers = SequenceSet(complete_to=1000)
    assert add(numbers, np.array([1000, 999, 1001, 1003, 1002])) == (3, 2, 1)
    assert numbers.first == 1000
    numbers.add(np.arange(1003, CHUNK + 1))
    assert (numbers.complete_to, numbers.memory_bytes) == (CHUNK, 0)


def test_a_column_of_a_table_is_accepted() -> None:
    table = np.arange(30, dtype=np.int64).reshape(10, 3)
    assert add(SequenceSet(), table[:, 0]) == (10, 0, 0)


@given(
    st.lists(st.tuples(st.integers(0, 3), runs()), max_size=20), st.sampled_from([0, 0, 1, CHUNK - 1, CHUNK, 2 * CHUNK])
)
def test_merged_sets_are_the_union_of_plain_sets(batches: list[tuple[int, list[int]]], complete_to: int) -> None:
    ours = [SequenceSet(complete_to if place == 1 else 0) for place in range(4)]
    plain = [set(range(1, complete_to + 1)) if place == 1 else set() for place in range(4)]
    for place, batch in batches:
        ours[place].add(np.array(batch, np.int64))
        plain[place].update(batch)
    union, plain_union = SequenceSet(), set()
    for mine, theirs in zip(ours, plain, strict=True):
        packed = msgspec.msgpack.decode(msgspec.msgpack.encode(mine.packed()), type=PackedNumbers)
        assert union.merge(packed) == len(plain_union & theirs)
        plain_union |= theirs
        assert (union.count, union.highest) == (len(plain_union), max(plain_union, default=0))
    asked = {seq + step for _, batch in batches for seq in batch for step in (-1, 0, 1)} | {1, complete_to}
    assert {seq for seq in asked if seq in union} == asked & plain_union


@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_each_packed_form_merges(share: float) -> None:
    random = np.random.default_rng(1)
    sets = [np.flatnonzero(random.random(3 * CHUNK) < share) + 1 for _ in range(2)]
    union = SequenceSet()
    for numbers in sets:
        single = SequenceSet()
        single.add(numbers)
        repeated = union.merge(single.packed())
    assert repeated == len(np.intersect1d(*sets))
    assert union.count == len(np.union1d(*sets))


def test_shares_without_a_loss_merge_to_a_set_without_memory() -> None:
    union, total = SequenceSet(), 5 * CHUNK
    for first in (1, 2):
        share = SequenceSet()
        share.add(np.arange(first, total + 1, 2))
        assert union.merge(share.packed()) == 0
    assert (union.complete_to, union.count, union.memory_bytes) == (total, total, 0)
