"""When events are due: the shapes of a load."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from msgspec import Meta

from bench_app.model.key_info import Change, Group, key
from bench_app.model.spec import Rate, RateOrZero, Seconds, Spec

_live = partial(key, change=Change.LIVE, group=Group.LOAD)
_rate = partial(_live, unit="events/s")
_seconds = partial(_live, unit="s")


class ConstantLoad(Spec, frozen=True, tag="constant", tag_field="shape"):
    """Events at even intervals."""

    rate: Annotated[Rate, _rate("Events per second", start=1000, slider=True)]


class PoissonLoad(Spec, frozen=True, tag="poisson", tag_field="shape"):
    """Events at random, exponentially distributed intervals."""

    rate: Annotated[Rate, _rate("Mean events per second", start=1000, slider=True)]


class BurstLoad(Spec, frozen=True, tag="burst", tag_field="shape"):
    """Every ``every_s`` seconds, ``events`` events at ``rate``; no events in between."""

    rate: Annotated[Rate, _rate("Events per second within a burst", start=1000, slider=True)]
    events: Annotated[int, Meta(ge=1, le=100_000_000), _live("Events in a burst", unit="events", start=100)]
    every_s: Annotated[Seconds, _seconds("From the start of a burst to the next", label="Every", start=1)]


class RampLoad(Spec, frozen=True, tag="ramp", tag_field="shape"):
    """A rate that changes linearly from ``start`` to ``end`` in ``over_s`` seconds, and stays at ``end``."""

    start: Annotated[RateOrZero, _rate("Rate at the start", start=0)]
    end: Annotated[RateOrZero, _rate("Rate at the end", start=5000, slider=True)]
    over_s: Annotated[Seconds, _seconds("Length of the ramp", label="Over", start=10)]


class StepsLoad(Spec, frozen=True, tag="steps", tag_field="shape"):
    """One rate after the other, each for ``each_s`` seconds; the last rate stays."""

    rates: Annotated[
        tuple[RateOrZero, ...],
        Meta(min_length=1, max_length=10_000),
        _rate("Rates, one after the other", start=[1000, 5000]),
    ]
    each_s: Annotated[Seconds, _seconds("Length of a step", label="Each", start=2)]


class SineLoad(Spec, frozen=True, tag="sine", tag_field="shape"):
    """A rate of ``mean + amplitude * sin(2 pi t / period_s)``."""

    mean: Annotated[Rate, _rate("Mean rate", start=1000, slider=True)]
    amplitude: Annotated[RateOrZero, _rate("Height of the wave above and below the mean; at most the mean", start=500)]
    period_s: Annotated[Seconds, _seconds("Length of a wave", label="Period", start=5)]


class MaxLoad(Spec, frozen=True, tag="max", tag_field="shape"):
    """As fast as each handler takes events: the source waits for room in the handler's queue."""


class RecordedLoad(Spec, frozen=True, tag="recorded", tag_field="shape"):
    """The recorded times of a replay, ``speed`` times as fast."""

    speed: Annotated[
        float, Meta(gt=0, le=1_000_000), _live("Speed of the replay; 1 is the recorded speed", unit="x")
    ] = 1.0


Load = ConstantLoad | PoissonLoad | BurstLoad | RampLoad | StepsLoad | SineLoad | MaxLoad | RecordedLoad
