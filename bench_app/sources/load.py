"""The due time of each event: load -> **schedule** -> source -> sink.

A load defines N(t), the number of events due until t. Event k is due at the t with N(t) = k. Each time is computed from
k, never from the time before it, so a schedule does not drift.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from bench_app.measure.arrays import Floats, Int64s
from bench_app.measure.clock import NS_PER_S
from bench_app.model import (
    BurstLoad,
    ConstantLoad,
    Load,
    PoissonLoad,
    RampLoad,
    SineLoad,
    StepsLoad,
)

CHUNK = 8192
"""Due times are computed so many at a time: most of the cost of a numpy call does not depend on their number."""
_FAR_NS = 2.0**62
_SINE_GRID = 4096
_NEWTON_STEPS = 3


def due_times(load: Load, seed: int) -> Iterator[int]:
    """The due time of each event, one by one; see :func:`due_blocks`."""
    return itertools.chain.from_iterable(block.tolist() for block in due_blocks(load, seed))


def due_blocks(load: Load, seed: int) -> Iterator[Int64s]:
    """The due time of each event in ns after the load's start, never decreasing, in blocks of at most CHUNK.

    Ends if no more event is ever due. ``max`` (due whenever there is room) and ``recorded`` (due at the times in the
    file) have no N(t), so they have no due times here.
    """
    if isinstance(load, PoissonLoad):
        return _poisson(load.rate, seed)
    return _chunks(_INVERSES[type(load)](load))


def _chunks(invert: Callable[[Floats], Floats]) -> Iterator[Int64s]:
    for start in itertools.count(0, CHUNK):
        # A rate close to 0 makes a due time overflow to infinity. Such an event never comes.
        with np.errstate(over="ignore"):
            seconds = invert(np.arange(start, start + CHUNK, dtype=np.float64))
            is_finite = np.isfinite(seconds)
            due_ns = _whole_ns(seconds if is_finite.all() else seconds[is_finite])
        yield due_ns
        if len(due_ns) < CHUNK:
            return


def _poisson(rate: float, seed: int) -> Iterator[Int64s]:
    # numpy guarantees the streams of RandomState, so a seed gives the same times with every version.
    random = np.random.RandomState(seed % 2**32)
    now_s = 0.0
    while True:
        with np.errstate(over="ignore"):
            times_s = now_s + np.cumsum(random.standard_exponential(CHUNK)) / rate
            due_ns = _whole_ns(times_s)
        now_s = float(times_s[-1])
        yield due_ns


def _whole_ns(seconds: Floats) -> Int64s:
    # Rounding may swap two times that are closer than a ns; the running maximum keeps their order.
    # Few blocks have such times, and to look for them costs a tenth of the running maximum.
    rising = seconds if (seconds[1:] >= seconds[:-1]).all() else np.maximum.accumulate(seconds)
    ns = np.minimum(rising * NS_PER_S, _FAR_NS)
    whole: Int64s = np.rint(ns).astype(np.int64)
    return whole


def _constant(load: ConstantLoad) -> Callable[[Floats], Floats]:
    return lambda k: k / load.rate


def _burst(load: BurstLoad) -> Callable[[Floats], Floats]:
    return lambda k: np.floor(k / load.events) * load.every_s + (k % load.events) / load.rate


def _ramp(load: RampLoad) -> Callable[[Floats], Floats]:
    """N(t) = start t + (end - start) t^2 / (2 over_s) up to over_s, then linear with ``end``."""
    slope = (load.end - load.start) / load.over_s
    in_ramp = (load.start + load.end) / 2 * load.over_s

    def invert(k: Floats) -> Floats:
        # This form of the root stays exact when the slope goes to 0. At the end of a ramp down to 0, rounding can make
        # the radicand slightly negative.
        speed = np.sqrt(np.maximum(load.start**2 + 2 * slope * np.minimum(k, in_ramp), 0.0))
        climbing = np.divide(2 * k, load.start + speed, out=np.zeros_like(k), where=(load.start + speed) > 0)
        after = load.over_s + (k - in_ramp) / load.end if load.end else np.full_like(k, np.inf)
        times: Floats = np.where(k < in_ramp, climbing, after)
        return times

    return invert


def _steps(load: StepsLoad) -> Callable[[Floats], Floats]:
    rates = np.array(load.rates)
    before = np.concatenate(([0.0], np.cumsum(rates[:-1] * load.each_s)))

    def invert(k: Floats) -> Floats:
        # The last step that begins with at most k events before it. A step with rate 0 begins at the same count as the
        # step after it, so the last of these steps is the step with events.
        step = np.searchsorted(before, k, side="right") - 1
        into = np.divide(k - before[step], rates[step], out=np.full_like(k, np.inf), where=rates[step] > 0)
        times: Floats = step * load.each_s + into
        return times

    return invert


def _sine(load: SineLoad) -> Callable[[Floats], Floats]:
    """N(t) = mean t + amplitude period / (2 pi) (1 - cos(2 pi t / period)), inverted within a period.

    A table of N gives two neighbours and a first guess. Newton's method refines the guess. The result is limited to the
    range between the neighbours, because the curve is flat where the rate is near 0. A slower method would make the
    sender late.
    """
    omega = 2 * np.pi / load.period_s
    swing = load.amplitude / omega
    in_period = load.mean * load.period_s

    def count(t: Floats) -> Floats:
        done: Floats = load.mean * t + swing * (1 - np.cos(omega * t))
        return done

    grid_s = np.linspace(0.0, load.period_s, _SINE_GRID + 1)
    counted = np.maximum.accumulate(count(grid_s))
    least_rate = load.mean * 1e-9

    def invert(k: Floats) -> Floats:
        periods = np.floor(k / in_period)
        rest = k - periods * in_period
        place = np.clip(np.searchsorted(counted, rest, side="right") - 1, 0, _SINE_GRID - 1)
        low, high = grid_s[place], grid_s[place + 1]
        t: Floats = np.interp(rest, counted, grid_s)
        for _ in range(_NEWTON_STEPS):
            rate = np.maximum(load.mean + load.amplitude * np.sin(omega * t), least_rate)
            t = np.clip(t - (count(t) - rest) / rate, low, high)
        return periods * load.period_s + t

    return invert


_INVERSES: dict[type, Callable[..., Callable[[Floats], Floats]]] = {
    ConstantLoad: _constant,
    BurstLoad: _burst,
    RampLoad: _ramp,
    StepsLoad: _steps,
    SineLoad: _sine,
}
