"""model -> form: the steps 1, 2, 5, 10, ... of an arrow key, and the log scale of a slider. Pure arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bench_ui.forms.fields import Bounds

_STEPS = (1, 2, 5)
_NOTCHES_PER_DECADE = 40
_SPECIAL_NOTCHES = 8
"""Places of a slider for each of -1 and 0, so that the pointer can hit them."""
_DECADES = 3
_SHARE_LEAST = 0.001
_FLOAT_LEAST = 0.1


@dataclass(frozen=True)
class Ladder:
    """The steps of one number. Below the smallest step (``least_step``) come 0 and -1, if the range has them."""

    bounds: Bounds
    least_step: float

    def up(self, value: float) -> float:
        """The next step above the value; the end of the range if there is none."""
        if value < 0:
            return self._fit(0)
        if value < self.least_step:
            return self._fit(self.least_step)
        return self._fit(_number(min(step for step in _around(value) if step > value * (1 + 1e-9))))

    def down(self, value: float) -> float:
        """The next step below the value; the end of the range if there is none."""
        if value <= 0:
            return self._fit(-1)
        if value <= self.least_step * (1 + 1e-9) and not self.bounds.open_below:
            return self._fit(0)
        below = _number(max(step for step in _around(value) if step < value * (1 - 1e-9)))
        return self._fit(max(below, self.least_step) if not self.bounds.open_below else below)

    def _fit(self, value: float) -> float:
        least = self.least_step if self.bounds.open_below and value <= self.bounds.least else self.bounds.least
        return min(max(value, least), self.bounds.most)


def ladder_of(bounds: Bounds) -> Ladder:
    """The ladder for a range. The smallest step is 1 for integers, 0.001 for shares (at most 1), else 0.1."""
    return Ladder(bounds, max(1, bounds.least) if bounds.whole else _least(bounds.most))


def _least(most: float) -> float:
    return _SHARE_LEAST if most <= 1 else _FLOAT_LEAST


def _around(value: float) -> list[float]:
    decade = math.floor(math.log10(value))
    return [float(f"{step}e{decade + more}") for more in (-1, 0, 1) for step in _STEPS]


def _number(value: float) -> float:
    return int(value) if value == int(value) else value


@dataclass(frozen=True)
class LogScale:
    """Places of a slider <-> numbers: ``specials`` (-1, 0) at the left end, then powers from ``low`` to ``high``."""

    specials: tuple[int, ...]
    low: float
    high: float
    whole: bool

    @property
    def last(self) -> int:
        """The rightmost place."""
        return len(self.specials) * _SPECIAL_NOTCHES + round(self._decades * _NOTCHES_PER_DECADE)

    @property
    def _decades(self) -> float:
        return math.log10(self.high / self.low)

    def value_at(self, place: int) -> float:
        """The number at a place, rounded to two digits."""
        if place < len(self.specials) * _SPECIAL_NOTCHES:
            return self.specials[max(place, 0) // _SPECIAL_NOTCHES]
        if place >= self.last:
            return _number(self.high)
        notches = place - len(self.specials) * _SPECIAL_NOTCHES
        value = float(f"{self.low * 10 ** (notches / _NOTCHES_PER_DECADE):.2g}")
        return round(value) if self.whole else _number(value)

    def place_of(self, value: float) -> int:
        """The place nearest to a number; for a number beyond the scale it is the end."""
        if value in self.specials:
            return self.specials.index(int(value)) * _SPECIAL_NOTCHES
        start = len(self.specials) * _SPECIAL_NOTCHES
        if value <= self.low:
            return start
        return min(start + round(math.log10(value / self.low) * _NOTCHES_PER_DECADE), self.last)


def scale_of(bounds: Bounds, middle: float | None) -> LogScale:
    """A scale of three decades on either side of the usual value (``middle``), as far as the range goes."""
    specials = tuple(value for value in (-1, 0) if bounds.holds(value))
    if middle is not None and middle > 0:
        low = 10.0 ** (math.floor(math.log10(middle)) - _DECADES)
        high = 10.0 ** (math.ceil(math.log10(middle)) + _DECADES)
    else:
        low, high = _least(bounds.most), 10_000.0
    if bounds.whole:
        low = max(low, 1)
    if bounds.least > 0 and not bounds.open_below:
        low = max(low, bounds.least)
    return LogScale(specials, low, min(high, bounds.most), bounds.whole)
