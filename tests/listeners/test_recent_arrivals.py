"""The kept arrivals compared with a plain list."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bench_app.listeners.recent_arrivals import KEPT, RecentArrivals


@given(st.lists(st.one_of(st.just(None), st.integers(0, 1500)), max_size=80), st.integers(0, 60_000))
def test_it_counts_like_a_plain_list(steps: list[int | None], at_ns: int) -> None:
    """A step of None adds one message; any other step adds a batch of this length."""
    recent, plain = RecentArrivals(), []
    for step in steps:
        times = range(len(plain) + 1, len(plain) + 1 + (1 if step is None else step))
        plain += times
        if step is None:
            recent.add_one(times[0])
        else:
            recent.add(np.array(times, np.int64))
    assert recent.count_after(at_ns) == sum(time > at_ns for time in plain[-KEPT:])


def test_a_batch_may_fill_it() -> None:
    recent = RecentArrivals()
    recent.add_one(5)
    recent.add(np.arange(10, 10 + KEPT))
    assert recent.count_after(9) == KEPT
    assert recent.count_after(10 + KEPT - 2) == 1


def test_before_any_message_none_arrived() -> None:
    assert RecentArrivals().count_after(0) == 0
