"""Trials as points on a number axis, a lane for each goal: search -> **lanes** -> lane chart. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from bench_ui.widgets import number_format


class PointState(Enum):
    """What a trial showed. The value is the name of its colour."""

    GOOD = "received"
    BAD = "lost"
    NOT_COUNTED = "muted"
    """Invalid, or limited by the bench, or too short to count."""


@dataclass(frozen=True)
class LanePoint:
    """A trial.

    Attributes:
        x: its place on the axis.
        state: what it showed.
        text: the same in words.
    """

    x: float
    state: PointState
    text: str = ""


@dataclass(frozen=True)
class Lane:
    """The trials of one goal.

    Attributes:
        title: the goal.
        points: its trials, in their order.
        low, high: the bounds so far; None without one.
        text: what is known so far.
    """

    title: str
    points: Sequence[LanePoint] = ()
    low: float | None = None
    high: float | None = None
    text: str = ""


@dataclass(frozen=True)
class LaneChart:
    """Lanes over one axis.

    Attributes:
        lanes: from the top.
        axis: what the axis counts.
        is_log: whether the axis is logarithmic.
        first, last: the ends of the axis, if they are known before the trials.
    """

    lanes: Sequence[Lane]
    axis: str
    is_log: bool = True
    first: float | None = None
    last: float | None = None

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the axis, with some room beside the points."""
        places = [point.x for lane in self.lanes for point in lane.points if point.x > 0 or not self.is_log]
        places += [bound for lane in self.lanes for bound in (lane.low, lane.high) if bound]
        low = min(places, default=1.0) if self.first is None else self.first
        high = max(places, default=10.0) if self.last is None else self.last
        if self.is_log:
            return low / 1.3, max(high, low * 1.5) * 1.3
        return low, max(high, low + 1)

    def share(self, x: float) -> float:
        """The place of a value on the axis, 0 to 1."""
        low, high = self.ends
        if self.is_log:
            return math.log(max(x, low) / low) / math.log(high / low)
        return (x - low) / (high - low)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Values to write below the axis, at most about eight."""
        low, high = self.ends
        if not self.is_log:
            step = max(1.0, number_format.nice_above((high - low) / 8))
            first = math.ceil(low / step)
            return [(place * step, number_format.short(place * step)) for place in range(first, int(high // step) + 1)]
        decades = math.log10(high / low)
        steps = (1.0,) if decades > 4 else (1.0, 3.0) if decades > 1.2 else (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        values = [step * 10.0**power for power in powers for step in steps]
        return [(value, number_format.short(value)) for value in values if low <= value <= high]
