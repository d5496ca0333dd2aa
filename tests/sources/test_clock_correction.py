"""When events are due if the recorded clock has wrong times, was set, or has gaps."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.sources.clock_correction import ClockCorrection
from bench_app.sources.clock_counts import ClockCounts

DAY = 1_700_000_000 * 10**9
HOUR = 3600 * 10**9


def correct(
    times: list[int | None], *, max_gap_ns: int | None = None, zero_ns: int | None = None
) -> tuple[list[int], ClockCounts]:
    counts = ClockCounts()
    correction = ClockCorrection[int](counts, max_gap_ns, zero_ns)
    found = list(correction.correct(enumerate(times)))
    assert [number for number, _ in found] == list(range(len(times)))
    return [due_ns for _, due_ns in found], counts


def steps(count: int, begin: int = DAY) -> list[int]:
    return [begin + 10 * number for number in range(count)]


@pytest.mark.parametrize("wrong", [HOUR, -HOUR, 10**18, -DAY, 2**62 - DAY])
def test_a_lone_wrong_time_changes_nothing_for_the_others(wrong: int) -> None:
    for place in range(40):
        times: list[int | None] = [*steps(40)]
        times[place] = DAY + 10 * place + wrong
        dues_ns, counts = correct(times)
        if place == 39 and wrong == HOUR:
            # Nothing comes after it: it may be a late event.
            assert counts == ClockCounts()
            continue
        if place == 0 and wrong == -HOUR:
            # Nothing comes before it: it may be an early event.
            assert counts == ClockCounts()
            continue
        assert counts == ClockCounts(clamped=1), place
        begin = 10 if place == 0 else 0
        right = [10 * number - begin for number in range(40)]
        assert dues_ns[:place] == right[:place] and dues_ns[place + 1 :] == right[place + 1 :], place
        assert dues_ns == sorted(dues_ns), place


@pytest.mark.parametrize("run", [2, 3, 4])
@pytest.mark.parametrize("wrong", [HOUR, -HOUR])
def test_a_few_wrong_times_in_a_row(run: int, wrong: int) -> None:
    times: list[int | None] = [*steps(40)]
    for place in range(20, 20 + run):
        times[place] = DAY + 10 * place + wrong
    dues_ns, counts = correct(times)
    assert counts == ClockCounts(clamped=run)
    assert dues_ns[-1] == 390


@pytest.mark.parametrize("back", [HOUR, 24 * HOUR, 200, DAY])
def test_a_clock_set_back(back: int) -> None:
    dues_ns, counts = correct([*steps(30), *steps(30, DAY + 300 - back)])
    assert dues_ns == [10 * number for number in range(60)]
    assert counts == ClockCounts(jumps=1)


@pytest.mark.parametrize("far", [2**62, -(2**62)])
@pytest.mark.parametrize("place", [0, 20, 39])
def test_a_mark_for_not_known_is_clamped(far: int, place: int) -> None:
    times: list[int | None] = [*steps(40)]
    times[place] = far
    dues_ns, counts = correct(times)
    assert counts == ClockCounts(clamped=1)
    assert dues_ns[-1] == (380 if place in (0, 39) else 390)


def test_the_first_and_the_last_time_may_be_a_pause_away_from_the_others() -> None:
    assert correct([DAY - 5 * HOUR, *steps(39)])[1] == ClockCounts()
    assert correct([*steps(39), DAY + 5 * HOUR])[1] == ClockCounts()
    # A record a day: no time is far from times that are close together.
    assert correct([DAY + 24 * HOUR * number for number in range(40)])[1] == ClockCounts()
    for times in ([DAY - 7 * HOUR, *steps(39)], [*steps(39), DAY + 7 * HOUR]):
        dues_ns, counts = correct([*times])
        assert (counts, dues_ns[-1]) == (ClockCounts(clamped=1), 380)


def test_a_clock_that_was_never_set_and_is_set_later() -> None:
    dues_ns, counts = correct([*steps(30, 5 * 10**9), *steps(30)])
    assert dues_ns == [10 * number for number in range(60)]
    assert counts == ClockCounts(jumps=1)


def test_relative_times_are_no_dates_and_fit_all_the_same() -> None:
    dues_ns, counts = correct([*steps(30, 0)])
    assert (dues_ns, counts) == ([10 * number for number in range(30)], ClockCounts())


def test_a_gap_is_kept_or_cut() -> None:
    times = [*steps(20), *steps(20, DAY + HOUR)]
    dues_ns, counts = correct([*times])
    assert (dues_ns[20], counts) == (HOUR, ClockCounts())
    dues_ns, counts = correct([*times], max_gap_ns=100)
    assert (dues_ns[20], counts) == (190 + 100, ClockCounts(gaps_cut=1))


def test_a_common_zero() -> None:
    dues_ns, _ = correct([*steps(3)], zero_ns=DAY - 500)
    assert dues_ns == [500, 510, 520]


def test_an_event_without_a_time_stays_with_the_one_before_it() -> None:
    dues_ns, counts = correct([None, DAY, None, DAY + 10, None])
    assert (dues_ns, counts) == ([0, 0, 0, 10, 10], ClockCounts())


def test_small_disorder_stays_in_the_order_of_the_file() -> None:
    dues_ns, counts = correct([DAY, DAY + 30, DAY + 20, DAY + 40, DAY + 60, DAY + 50, DAY + 70])
    assert dues_ns == [0, 30, 30, 40, 60, 60, 70]
    assert counts == ClockCounts(clamped=2)


def test_one_event_is_one_event() -> None:
    assert correct([DAY]) == ([0], ClockCounts())
    assert correct([]) == ([], ClockCounts())


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=60))
def test_a_clock_that_never_goes_back_is_not_corrected(distances: list[int]) -> None:
    times = [DAY]
    for distance in distances:
        times.append(times[-1] + distance)
    assert correct([*times]) == ([at_ns - DAY for at_ns in times], ClockCounts())


@given(st.lists(st.integers(-(2**62), 2**62) | st.integers(DAY, DAY + 1000) | st.none(), max_size=60))
def test_no_event_is_due_before_the_one_before_it(times: list[int | None]) -> None:
    dues_ns, counts = correct(times)
    assert all(after >= before >= 0 for before, after in pairwise(dues_ns))
    assert counts.clamped + counts.jumps <= len(times)
