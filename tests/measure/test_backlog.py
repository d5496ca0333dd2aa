"""A queue of the computed size loses nothing, in a simulation of single events; half of it loses some."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.backlog import Consumer, backlog_of, mean_rate, sure_mark
from bench_app.measure.clock import NS_PER_S
from bench_app.model import BurstLoad, ConstantLoad, Load, MaxLoad, PoissonLoad, RampLoad, SineLoad, StepsLoad
from bench_app.sources.load import due_times

DURATION_S = 4.0

rates = st.integers(10, 800).map(float)
loads = st.one_of(
    st.builds(ConstantLoad, rate=rates),
    st.builds(
        BurstLoad, rate=st.integers(100, 5000).map(float), events=st.integers(2, 300), every_s=st.floats(0.05, 2)
    ).filter(lambda load: load.events / load.rate <= load.every_s),
    st.builds(RampLoad, start=rates, end=rates, over_s=st.floats(0.5, 6)),
    st.builds(StepsLoad, rates=st.lists(rates, min_size=1, max_size=4).map(tuple), each_s=st.floats(0.3, 2)),
    st.builds(SineLoad, mean=st.just(400.0), amplitude=st.floats(0, 400), period_s=st.floats(0.5, 5)),
)
stalls = st.one_of(st.none(), st.tuples(st.floats(0, 2), st.floats(2, 6)))
consumers = st.lists(
    st.builds(Consumer, rate=st.one_of(rates, st.just(math.inf)), stall=stalls), min_size=1, max_size=3
)


def events(load: Load, duration_s: float = DURATION_S, seed: int = 1) -> list[float]:
    return [ns / NS_PER_S for ns in takewhile(lambda due: due < duration_s * NS_PER_S, due_times(load, seed))]


def could_take(consumers: Sequence[Consumer], at_s: float) -> float:
    total = 0.0
    for one in consumers:
        begin, end = one.stall or (0.0, 0.0)
        total += min(one.rate, 1e9) * (at_s - min(max(0.0, at_s - begin), max(0.0, end - begin)))
    return total


def lost_of(due: Sequence[float], consumers: Sequence[Consumer], room: float) -> int:
    """How many events a queue with this room loses, one event after the other."""
    waiting, before, lost = 0.0, 0.0, 0
    for at_s in due:
        taken = could_take(consumers, at_s)
        waiting = max(0.0, waiting - (taken - before))
        before = taken
        if waiting + 1 > room + 1e-6:
            lost += 1
        else:
            waiting += 1
    return lost


@given(loads, consumers)
def test_a_queue_of_the_size_of_the_backlog_loses_nothing(load: Load, consumers: list[Consumer]) -> None:
    found = backlog_of(load, DURATION_S, consumers)
    assert found is not None
    assert lost_of(events(load), consumers, found.peak) == 0


@given(loads, consumers)
def test_half_of_that_loses_some(load: Load, consumers: list[Consumer]) -> None:
    found = backlog_of(load, DURATION_S, consumers)
    assert found is not None
    if found.peak > 10:
        assert lost_of(events(load), consumers, found.peak // 2 - 2) > 0


@given(loads)
def test_as_many_events_are_due_as_it_says(load: Load) -> None:
    found = backlog_of(load, DURATION_S, [Consumer()])
    due = len(events(load))
    assert found is not None
    slack = load.events if isinstance(load, BurstLoad) else 2
    assert due <= found.sent + slack
    assert (mean_rate(load, DURATION_S) or 0) * DURATION_S == pytest.approx(due, abs=slack + 2)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("taken", [450.0, 550.0, 900.0])
def test_a_random_load_stays_within_its_backlog(seed: int, taken: float) -> None:
    load, consumer = PoissonLoad(rate=500), Consumer(taken, (1.0, 1.5))
    found = backlog_of(load, 20.0, [consumer])
    assert found is not None
    due = events(load, 20.0, seed)
    assert lost_of(due, [consumer], found.peak) == 0
    assert len(due) <= found.sent


def test_a_stalled_consumer_gets_what_comes_meanwhile() -> None:
    found = backlog_of(ConstantLoad(rate=1000), 6.0, [Consumer(stall=(1.0, 3600.0))])
    assert found is not None
    assert found.peak == pytest.approx(5000, abs=3)
    assert found.at_s == pytest.approx(6.0)
    assert found.at_end == pytest.approx(5000, abs=3)


def test_a_consumer_that_keeps_up_lets_nothing_wait() -> None:
    found = backlog_of(ConstantLoad(rate=1000), 6.0, [Consumer(rate=1100)])
    assert found is not None
    assert found.peak <= 2
    assert found.at_end == 0


def test_a_load_without_a_rate_has_no_backlog() -> None:
    assert backlog_of(MaxLoad(), 1.0, [Consumer()]) is None
    assert mean_rate(MaxLoad(), 1.0) is None


def test_half_of_a_mark_is_sure() -> None:
    assert sure_mark(1500, 50_000) == 3000


def test_a_mark_above_all_messages_is_never_reached() -> None:
    assert sure_mark(45_000, 50_000) == 50_000
