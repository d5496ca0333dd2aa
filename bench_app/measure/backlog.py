"""The backlog in front of consumers: load - what consumers take -> **backlog** -> high-water mark, queue size. Pure.

While events come faster than they are taken, the difference waits. With A(s, t) events due and S(s, t) events that the
consumers could take between s and t, the backlog at t is

    the largest A(s, t) - S(s, t) over all s <= t        (Reich's formula)

The figures are rounded up: a queue of that size loses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench_app.measure.arrays import Floats
from bench_app.model import BurstLoad, ConstantLoad, Load, PoissonLoad, RampLoad, SineLoad, StepsLoad

_AT_ONCE = 1e9
"""The rate of a consumer that takes each message at once, in messages per second."""
_GRID = 4096
_POINTS_A_PERIOD = 64
_MOST_PERIODS = 20_000
_SURE = 5.0
"""A random load stays within so many standard deviations of its mean."""


@dataclass(frozen=True)
class Consumer:
    """What takes messages from a queue.

    Attributes:
        rate: messages per second that it takes while it reads; infinity if it takes each message at once.
        stall: from and to, in seconds of the run, between which it reads nothing; None if it always reads.
    """

    rate: float = math.inf
    stall: tuple[float, float] | None = None


@dataclass(frozen=True)
class Backlog:
    """The backlog of a run.

    Attributes:
        peak: the most messages that wait at any time.
        at_s: when that is, in seconds of the run.
        at_end: how many messages wait when the last event is due.
        sent: how many events are due in the run.
    """

    peak: int
    at_s: float
    at_end: int
    sent: int


def backlog_of(load: Load, duration_s: float, consumers: Sequence[Consumer]) -> Backlog | None:
    """The backlog of a run of ``duration_s`` in front of consumers that share the messages.

    None for a load that has no rate of its own (as fast as possible, or as recorded).
    """
    times = _times(load, duration_s, consumers)
    due = _due(load, times)
    if due is None:
        return None
    taken = sum((_taken(consumer, times) for consumer in consumers), np.zeros_like(times))
    ahead = due - taken
    waiting = ahead - np.minimum.accumulate(ahead)
    at = int(np.argmax(waiting))
    peak = float(waiting[at])
    rest = _unevenness(load, duration_s, peak, consumers) if consumers else 0.0
    # The first event is due at 0, so there are as many as the next whole number.
    sent = math.ceil(float(due[-1]) + _spread(load, float(due[-1])) - 1e-6)
    return Backlog(
        peak=min(sent, math.ceil(peak + rest)),
        at_s=float(times[at]),
        at_end=min(sent, math.ceil(float(waiting[-1]))),
        sent=sent,
    )


def sure_mark(backlog: int, sent: int) -> int:
    """The high-water mark with which a pipe holds a backlog for certain, in a run of ``sent`` messages.

    A reader says only after each half of the mark that it has read, so half of the mark is sure. A mark of as many
    messages as are sent at all is never reached.
    """
    return max(1, min(2 * backlog, sent))


def mean_rate(load: Load, duration_s: float) -> float | None:
    """Events per second over a run; None for a load that has no rate of its own."""
    due = _due(load, np.array([0.0, duration_s]))
    return None if due is None or not duration_s else float(due[-1]) / duration_s


def _taken(consumer: Consumer, times: Floats) -> Floats:
    """How many messages a consumer could have taken until each time."""
    reading = times
    if consumer.stall is not None:
        begin, end = consumer.stall
        reading = times - np.clip(times - begin, 0.0, max(0.0, end - begin))
    return min(consumer.rate, _AT_ONCE) * reading


def _times(load: Load, duration_s: float, consumers: Sequence[Consumer]) -> Floats:
    """The times at which the backlog is computed: a grid, and each time at which a rate changes."""
    edges = [edge for consumer in consumers if consumer.stall for edge in consumer.stall]
    times = np.concatenate((np.linspace(0.0, duration_s, _GRID + 1), np.array(edges), _changes(load, duration_s)))
    return np.unique(np.clip(times, 0.0, duration_s))


def _changes(load: Load, duration_s: float) -> Floats:
    match load:
        case BurstLoad():
            starts = np.arange(min(_MOST_PERIODS, math.ceil(duration_s / load.every_s))) * load.every_s
            return np.concatenate((starts, starts + load.events / load.rate))
        case StepsLoad():
            return np.array([index * load.each_s for index in range(1, len(load.rates))])
        case RampLoad():
            return np.array([load.over_s])
        case SineLoad():
            periods = min(_MOST_PERIODS, duration_s / load.period_s)
            return np.linspace(0.0, periods * load.period_s, math.ceil(periods * _POINTS_A_PERIOD) + 1)
    return np.array([])


def _due(load: Load, times: Floats) -> Floats | None:
    """How many events are due until each time, as a number without steps."""
    due: Floats | None = None
    match load:
        case ConstantLoad() | PoissonLoad():
            due = load.rate * times
        case BurstLoad():
            bursts = np.floor(times / load.every_s)
            due = bursts * load.events + np.minimum(load.events, load.rate * (times - bursts * load.every_s))
        case RampLoad():
            into = np.minimum(times, load.over_s)
            slope = (load.end - load.start) / load.over_s
            due = load.start * into + slope * into**2 / 2 + load.end * (times - into)
        case StepsLoad():
            last = len(load.rates) - 1
            steps = [np.clip(times - index * load.each_s, 0.0, load.each_s) for index in range(last)]
            steps.append(np.maximum(times - last * load.each_s, 0.0))
            due = np.array(load.rates) @ np.array(steps)
        case SineLoad():
            omega = 2 * math.pi / load.period_s
            due = load.mean * times + load.amplitude / omega * (1 - np.cos(omega * times))
    return due


def _unevenness(load: Load, duration_s: float, peak: float, consumers: Sequence[Consumer]) -> float:
    """What single events add to the backlog of an even flow."""
    if isinstance(load, BurstLoad) and load.events / load.rate > load.every_s:
        # Bursts that overlap wait for each other, and then come at once.
        return load.events + 1.0
    if not isinstance(load, PoissonLoad):
        return 2.0
    taken = sum(min(consumer.rate, _AT_ONCE) for consumer in consumers)
    use = min(1.0, load.rate / taken) if taken else 1.0
    sent = max(2.0, load.rate * duration_s)
    # The tail of a queue with random arrivals falls by exp(-2 (1 - use) / use) with each message.
    random = 5 * math.log(sent) * use / (2 * (1 - use)) if use < 1 else math.inf
    return 2.0 + _SURE * math.sqrt(peak) + min(random, _SURE * math.sqrt(sent))


def _spread(load: Load, sent: float) -> float:
    return _SURE * math.sqrt(sent) if isinstance(load, PoissonLoad) else 0.0
