"""A pool of events is repeated for ever."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from bench_app.sources.supply import PoolSupply


@given(st.integers(1, 20), st.integers(0, 100))
def test_a_pool_is_repeated_from_the_skipped_event_on(size: int, skip: int) -> None:
    supply = PoolSupply(list(range(size)), skip)
    wanted = [number % size for number in range(skip, skip + 3 * size)]
    assert [supply.take() for _ in wanted] == list(zip(wanted, itertools.repeat(0)))


def test_a_pool_never_ends_and_has_no_recorded_times() -> None:
    supply = PoolSupply(["a"], 0)
    supply.take()
    assert (supply.ended, supply.timed, supply.failure, supply.notes()) == (False, False, "", [])


def test_a_pool_has_no_records_to_skip_or_to_count() -> None:
    supply = PoolSupply(["a"], 0)
    supply.count_rest()
    assert (dict(supply.skipped), supply.clock.clamped, supply.left) == ({}, 0, 0)
    assert supply.is_read_through
    assert not supply.is_counting
