"""Loss and order in streams of numbers: against plain sets, and against faults that were planted."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.number_stream import (
    MOST_EARLY,
    RESTART_DISTANCE,
    RESTART_NUMBERS,
    MissingNumbers,
    NumberStream,
)
from bench_app.measure.sequence import SequenceSet

NEAR = st.lists(st.integers(0, RESTART_DISTANCE), max_size=150)
ANY = st.lists(st.integers(-(2**63), 2**64) | st.integers(0, 400), max_size=300)


def stream_of(numbers: list[int], most_ranges: int = 1_000) -> tuple[NumberStream, list[str]]:
    stream = NumberStream(most_ranges)
    notices = [notice for number in numbers for notice in stream.add(number)]
    stream.settle()
    return stream, notices


@given(NEAR, st.integers(-(10**18), 10**18))
def test_near_numbers_are_counted_as_a_set_counts_them(offsets: list[int], base: int) -> None:
    numbers = [base + offset for offset in offsets]
    stream, notices = stream_of(numbers)
    new = [number for index, number in enumerate(numbers) if number not in numbers[:index]]
    assert stream.received == len(numbers)
    assert stream.duplicates == len(numbers) - len(new)
    assert stream.reordered == sum(any(earlier > number for earlier in new[: new.index(number)]) for number in new)
    assert stream.before_first == sum(number < numbers[0] for number in new)
    missing = set(range(numbers[0], max(numbers))) - set(numbers) if numbers else set()
    assert stream.missing == len(missing)
    assert stream.gaps == sum(number - 1 not in missing for number in missing)
    assert (stream.restarts, stream.undecided) == (0, 0)
    assert all(notice.startswith("gap: ") for notice in notices)


@given(NEAR)
def test_numbers_from_1_are_counted_as_the_bench_counts_its_own(offsets: list[int]) -> None:
    numbers = [1, *(1 + offset for offset in offsets)]
    stream, _ = stream_of(numbers)
    own = SequenceSet()
    is_new, reordered = own.add(np.array(numbers, np.int64))
    assert (stream.duplicates, stream.reordered) == (int((~is_new).sum()), reordered)
    assert stream.missing == own.highest - own.count


@given(
    st.lists(
        st.tuples(st.integers(200, 400), st.sets(st.integers(10, 90)), st.sets(st.integers(100, 190))),
        min_size=1,
        max_size=4,
    ),
    st.integers(-1_000, 1_000),
)
def test_planted_faults_and_restarts_are_counted(runs: list[tuple[int, set[int], set[int]]], base: int) -> None:
    numbers: list[int] = []
    for length, dropped, doubled in runs:
        for offset in range(length):
            numbers += [base + offset] * ((offset not in dropped) + (offset in doubled))
    stream, notices = stream_of(numbers)
    assert stream.restarts == len(runs) - 1
    assert stream.missing == sum(len(dropped) for _, dropped, _ in runs)
    assert stream.gaps == sum(number - 1 not in dropped for _, dropped, _ in runs for number in dropped)
    assert stream.duplicates == sum(len(doubled) for _, _, doubled in runs)
    assert (stream.reordered, stream.undecided, stream.received) == (0, 0, len(numbers))
    assert len(notices) == stream.gaps + stream.restarts


@given(ANY, st.integers(1, 5))
def test_any_numbers_balance(numbers: list[int], most_ranges: int) -> None:
    stream, _ = stream_of(numbers, most_ranges)
    assert stream.received == len(numbers)
    distinct = stream.received - stream.duplicates - stream.undecided
    assert distinct >= (1 if numbers else 0)
    assert stream.reordered <= max(distinct - 1, 0)
    assert stream.before_first <= stream.reordered
    assert stream.gaps <= stream.missing


@given(ANY)
def test_a_memory_of_few_ranges_changes_only_what_is_undecided(numbers: list[int]) -> None:
    rising = sorted(set(numbers))
    few, notices = stream_of(rising, 2)
    many, all_notices = stream_of(rising)
    assert (few.missing, few.gaps, notices) == (many.missing, many.gaps, all_notices)
    assert few.missing == (rising[-1] - rising[0] + 1 - len(rising) if rising else 0)


def test_notices_name_gaps_and_restarts() -> None:
    numbers = [12, 13, 17, 2_000, *range(1, 5), 6]
    stream, notices = stream_of(numbers)
    assert notices == [
        "gap: 3 missing before 17",
        "gap: 1,982 missing before 2000",
        "restart: the numbers begin anew at 1, after 2000",
        "gap: 1 missing before 6",
    ]
    assert (stream.missing, stream.gaps, stream.restarts) == (3 + 1_982 + 1, 3, 1)


def test_few_numbers_far_below_are_reordered() -> None:
    stream, _ = stream_of([1_000, 1_001, 5, 6, 1_002, 5, 7, 1_003, 8, 7, 1_004])
    assert (stream.restarts, stream.missing) == (0, 0)
    assert (stream.reordered, stream.before_first, stream.duplicates) == (4, 4, 2)


def test_numbers_held_back_at_the_end_are_counted() -> None:
    stream, _ = stream_of([1_000, 5, 6])
    assert (stream.received, stream.reordered, stream.restarts) == (3, 2, 0)


def test_late_numbers_that_were_missing_are_no_restart() -> None:
    late = list(range(100, 200))
    stream, _ = stream_of([*range(1, 100), *range(200, 5_000), *late, 5_000])
    assert (stream.restarts, stream.missing, stream.duplicates, stream.reordered) == (0, 0, 0, len(late))


def test_a_restart_within_a_gap_is_found_by_a_number_that_had_arrived() -> None:
    stream, _ = stream_of([1, 10_000, *range(1, 1 + RESTART_NUMBERS)])
    assert (stream.restarts, stream.missing, stream.gaps) == (1, 9_998, 1)


def test_repeated_numbers_after_a_restart_are_duplicates() -> None:
    stream, _ = stream_of([*range(1, 500), 1, 1, 2, 2, 3, 3, 4])
    assert (stream.restarts, stream.duplicates, stream.reordered, stream.missing) == (1, 3, 0, 0)


def test_forgotten_gaps_leave_old_numbers_undecided() -> None:
    stream, _ = stream_of([0, 2, 4, 6, 1, 2, 5], most_ranges=2)
    assert (stream.undecided, stream.reordered, stream.missing, stream.gaps) == (1, 1, 2, 2)


def test_few_numbers_below_the_first_one_are_remembered() -> None:
    stream, _ = stream_of([0, *(-number for number in range(1, MOST_EARLY + 11)), -1, -MOST_EARLY - 1])
    assert (stream.before_first, stream.duplicates, stream.undecided) == (MOST_EARLY, 1, 11)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=20), st.lists(st.integers(0, 200)))
def test_missing_numbers_are_a_set(ranges: list[tuple[int, int]], arrivals: list[int]) -> None:
    missing, oracle, at = MissingNumbers(), set[int](), 0
    for distance, length in ranges:
        first = at + distance + 1
        at = first + length - 1
        missing.open(first, at)
        oracle.update(range(first, at + 1))
    for number in arrivals:
        assert (number in missing) == (number in oracle)
        assert missing.fill(number) == (number in oracle)
        oracle.discard(number)
        assert missing.count == len(oracle)
    assert missing.ranges == sum(number - 1 not in oracle for number in oracle)
    assert missing.forgotten_to is None
