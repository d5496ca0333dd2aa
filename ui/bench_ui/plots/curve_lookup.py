"""Values of curves at a moment or within a span of the run. Pure numpy, no Qt."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bench_app.measure.arrays import Floats

_NEWEST = 10
"""The newest known value of a curve is one of its last ten points."""
Curves = Mapping[str, tuple[Floats, Floats]]
"""Times and values of curves, by name."""


def around(x: Floats, start_s: float, end_s: float) -> slice:
    """The points within a span, and one more on either side, so that lines reach the edges."""
    first = max(0, int(np.searchsorted(x, start_s)) - 1)
    return slice(first, int(np.searchsorted(x, end_s)) + 1)


def known_within(x: Floats, y: Floats, start_s: float, end_s: float) -> Floats:
    """The values within a span, without gaps."""
    first, last = np.searchsorted(x, (start_s, end_s))
    part = y[first:last]
    return part[np.isfinite(part)]


def values_at(curves: Curves, at_s: float | None) -> dict[str, float]:
    """Each curve's value at a moment; its newest known value where the moment is None or after the curve's end."""
    values = {}
    for name, (x, y) in curves.items():
        if not len(x):
            continue
        if at_s is None or at_s > x[-1]:
            known = np.flatnonzero(np.isfinite(y[-_NEWEST:]))
            place = len(y) - len(y[-_NEWEST:]) + int(known[-1]) if len(known) else len(y) - 1
        else:
            place = min(len(x) - 1, int(np.searchsorted(x, at_s)))
        values[name] = float(y[place])
    return values


def values_until_end(curves: Curves, at_s: float) -> dict[str, float]:
    """Each curve's value at a moment; no value for a curve that ended before."""
    values = {}
    for name, (x, y) in curves.items():
        place = int(np.searchsorted(x, at_s))
        if place < len(x):
            values[name] = float(y[place])
    return values


def newest_moment(curves: Curves) -> float:
    """The time of the last point of all curves; 0 without points."""
    return max((float(x[-1]) for x, _ in curves.values() if len(x)), default=0.0)
