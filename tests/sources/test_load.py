"""Schedules, compared with the integral of the rate, which is computed by other code."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench_app.measure.clock import NS_PER_S
from bench_app.model import BurstLoad, ConstantLoad, Load, PoissonLoad, RampLoad, SineLoad, StepsLoad
from bench_app.sources.load import due_times

rates = st.floats(0.5, 50_000)
spans = st.floats(0.05, 20)
times = st.floats(0.001, 30)


def count_until(load: Load, until_s: float, most: int = 200_000) -> int:
    until_ns = until_s * NS_PER_S
    due = itertools.takewhile(lambda due_ns: due_ns < until_ns, due_times(load, 1))
    return sum(1 for _ in itertools.islice(due, most))


def check(load: Load, expected: float, until_s: float) -> None:
    if expected > 100_000:
        until_s, expected = 0.0, 0.0
    assert abs(count_until(load, until_s) - expected) <= 1 + expected * 1e-9


@given(rates, times)
def test_constant(rate: float, until_s: float) -> None:
    check(ConstantLoad(rate=rate), rate * until_s, until_s)


@given(rates, rates, spans, times)
def test_ramp(start: float, end: float, over_s: float, until_s: float) -> None:
    inside = min(until_s, over_s)
    reached = start + (end - start) * inside / over_s
    expected = (start + reached) / 2 * inside + end * (until_s - inside)
    check(RampLoad(start=start, end=end, over_s=over_s), expected, until_s)


@given(st.lists(st.one_of(st.just(0.0), rates), min_size=1, max_size=8), spans, times)
def test_steps(step_rates: list[float], each_s: float, until_s: float) -> None:
    spent = 0.0
    expected = 0.0
    for rate in step_rates[:-1]:
        expected += rate * max(0.0, min(each_s, until_s - spent))
        spent += each_s
    expected += step_rates[-1] * max(0.0, until_s - spent)
    check(StepsLoad(rates=tuple(step_rates), each_s=each_s), expected, until_s)


@given(rates, st.floats(0, 1), spans, times)
def test_sine(mean: float, depth: float, period_s: float, until_s: float) -> None:
    swing = mean * depth * period_s / (2 * math.pi)
    expected = mean * until_s + swing * (1 - math.cos(2 * math.pi * until_s / period_s))
    check(SineLoad(mean=mean, amplitude=mean * depth, period_s=period_s), expected, until_s)


@given(st.integers(1, 500), rates, st.floats(1, 3), times)
def test_burst(events: int, rate: float, slack: float, until_s: float) -> None:
    every_s = events / rate * slack
    whole, rest_s = divmod(until_s, every_s)
    check(BurstLoad(rate=rate, events=events, every_s=every_s), whole * events + min(events, rest_s * rate), until_s)


@given(st.floats(1, 100_000), st.integers(0, 2**63 - 1))
def test_poisson_is_close_to_its_rate(rate: float, seed: int) -> None:
    due = list(itertools.islice(due_times(PoissonLoad(rate=rate), seed), 20_000))
    # The sum of n exponential gaps is within 5 standard deviations, 5 / sqrt(n), except for 1 seed in 2 million.
    assert due[-1] / NS_PER_S * rate / 20_000 == pytest.approx(1, abs=0.036)


def test_poisson_gaps_are_exponential() -> None:
    due = list(itertools.islice(due_times(PoissonLoad(rate=1000), 7), 50_000))
    gaps = [after - before for before, after in itertools.pairwise(due)]
    mean = sum(gaps) / len(gaps)
    deviation = math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps))
    assert deviation / mean == pytest.approx(1, abs=0.05)


def test_poisson_is_seeded() -> None:
    def first(seed: int) -> list[int]:
        return list(itertools.islice(due_times(PoissonLoad(rate=1000), seed), 3000))

    assert first(5) == first(5)
    assert first(5) != first(6)


SHAPES: list[Load] = [
    ConstantLoad(rate=3),
    ConstantLoad(rate=9_999_999),
    PoissonLoad(rate=1_000_000),
    BurstLoad(rate=1_000_000, events=7, every_s=0.001),
    RampLoad(start=0, end=1000, over_s=3),
    RampLoad(start=1000, end=0, over_s=3),
    RampLoad(start=1000, end=999.999, over_s=3),
    StepsLoad(rates=(0, 10, 0, 0, 1000, 0, 5), each_s=0.7),
    SineLoad(mean=1000, amplitude=1000, period_s=0.3),
    SineLoad(mean=1000, amplitude=1000, period_s=3600),
    SineLoad(mean=1000, amplitude=0, period_s=1),
]


@pytest.mark.parametrize("load", SHAPES, ids=repr)
def test_times_never_decrease(load: Load) -> None:
    due = list(itertools.islice(due_times(load, 1), 10_000))
    assert due[0] >= 0
    assert all(before <= after for before, after in itertools.pairwise(due))


def test_constant_does_not_drift() -> None:
    due = due_times(ConstantLoad(rate=3), 1)
    assert next(itertools.islice(due, 3_000_000, None)) == 1_000_000 * NS_PER_S


@pytest.mark.parametrize(
    ("load", "count"),
    [
        (RampLoad(start=0, end=0, over_s=1), 0),
        (RampLoad(start=100, end=0, over_s=2), 100),
        (StepsLoad(rates=(0,), each_s=1), 0),
        (StepsLoad(rates=(10, 0), each_s=1), 10),
        (StepsLoad(rates=(0, 10, 0), each_s=1), 10),
    ],
    ids=repr,
)
def test_a_rate_that_stays_0_ends_the_schedule(load: Load, count: int) -> None:
    assert len(list(due_times(load, 1))) == count


def test_a_step_of_0_has_no_events() -> None:
    due = due_times(StepsLoad(rates=(10, 0, 10), each_s=1), 1)
    assert [due_ns // 1_000_000 for due_ns in itertools.islice(due, 9, 12)] == [900, 2000, 2100]


def test_a_step_of_0_at_the_start_has_no_event() -> None:
    assert next(due_times(StepsLoad(rates=(0, 10), each_s=1), 1)) == NS_PER_S


@pytest.mark.parametrize("make", [ConstantLoad, PoissonLoad])
@pytest.mark.parametrize("rate", [1e-12, 1e-300, 5e-324])
def test_a_rate_near_0_does_not_overflow(make: type[ConstantLoad] | type[PoissonLoad], rate: float) -> None:
    due = list(itertools.islice(due_times(make(rate=rate), 1), 2))
    assert make is PoissonLoad or due[0] == 0
    assert min(due[1:], default=2**60) >= 2**59


@pytest.mark.parametrize(("rate", "number"), [(3.0, 30_000_000), (7.0, 10_000_000), (999_983.0, 10_000_000)])
def test_constant_is_exact_after_10_million_events(rate: float, number: int) -> None:
    due_ns = next(itertools.islice(due_times(ConstantLoad(rate=rate), 1), number, None))
    assert due_ns == pytest.approx(number * NS_PER_S / int(rate), abs=1, rel=0)


MIDPOINTS = 20_000
whole_rates = st.one_of(st.just(0.0), st.floats(1, 2000))


def rate_at(load: Load, at_s: np.ndarray) -> np.ndarray:
    """The rate as the docstrings of the model define it."""
    match load:
        case RampLoad():
            return load.start + (load.end - load.start) * np.minimum(at_s / load.over_s, 1)
        case StepsLoad():
            return np.array(load.rates)[np.minimum(at_s // load.each_s, len(load.rates) - 1).astype(int)]
        case SineLoad():
            return load.mean + load.amplitude * np.sin(2 * np.pi * at_s / load.period_s)
        case BurstLoad():
            return np.where(at_s % load.every_s < load.events / load.rate, load.rate, 0.0)
    raise AssertionError(load)


@given(
    st.one_of(
        st.builds(RampLoad, start=whole_rates, end=whole_rates, over_s=st.floats(0.1, 5)),
        st.builds(StepsLoad, rates=st.lists(whole_rates, min_size=1, max_size=6).map(tuple), each_s=st.floats(0.2, 3)),
        st.builds(
            lambda mean, depth, period_s: SineLoad(mean=mean, amplitude=mean * depth, period_s=period_s),
            st.floats(1, 2000), st.floats(0, 1), st.floats(0.2, 5),
        ),
        st.builds(
            lambda events, rate, slack: BurstLoad(rate=rate, events=events, every_s=events / rate * slack),
            st.integers(20, 500), st.floats(100, 2000), st.floats(1, 5),
        ),
    ),
    st.floats(0.1, 6),
)  # fmt: skip
def test_the_count_is_the_integral_of_the_rate(load: Load, until_s: float) -> None:
    step_s = until_s / MIDPOINTS
    at_s = (np.arange(MIDPOINTS) + 0.5) * step_s
    rates = rate_at(load, at_s)
    expected = float(rates.sum() * step_s)
    # A jump of the rate within an interval adds an error of at most half the jump; other errors are much smaller.
    jumps = float(np.abs(np.diff(rates)).sum() * step_s / 2)
    assert abs(count_until(load, until_s) - expected) <= 1.01 + jumps
