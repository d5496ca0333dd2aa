"""How much of a percentile the bench's own waiting can explain: **waits of the bench** -> bound -> verdict. Pure.

A message passes several places at which the bench itself can make it wait: the process of the handler, that of the
listener, the listener's own work on earlier messages. Each place has a distribution of waits. The places are not
observed message by message, so nobody knows which message waited at which of them. But a bound holds whatever the
answer is: the share of messages that waited longer than some time, at any one place, is at most the sum of the shares
at all places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bench_app.measure.arrays import Floats, Int64s
from bench_app.measure.bucket_arrays import bucket_bounds
from bench_app.measure.histogram import Histogram


@dataclass(frozen=True)
class Waits:
    """The waits at one place. ``total`` is how many messages or moments there were, those without a wait included."""

    histogram: Histogram
    total: int


class WaitBound:
    """The bound for messages that pass all of some places."""

    def __init__(self, places: Iterable[Waits]) -> None:
        self._levels, self._shares = _longer_waits([place for place in places if place.histogram.count])

    def at(self, percentile: float) -> int:
        """The longest wait in ns that a message at this percentile (0 to 100) can have had at one of the places."""
        # The share of messages above each level falls as the level rises.
        reached = np.flatnonzero(self._shares > 1 - percentile / 100)
        return int(self._levels[reached[-1]]) if len(reached) else 0


def explained_ns(places: Iterable[Waits], percentile: float) -> int:
    """The bound at one percentile."""
    return WaitBound(places).at(percentile)


def _longer_waits(places: Sequence[Waits]) -> tuple[Int64s, Floats]:
    """Rising levels, and for each the share of messages that waited at least that long."""
    if not places:
        return np.zeros(0, np.int64), np.zeros(0)
    recorded = [place.histogram.recorded() for place in places]
    indexes = np.unique(np.concatenate([found for found, _ in recorded]))
    shares = np.zeros(len(indexes))
    for place, (found, counts) in zip(places, recorded, strict=True):
        # At position i: how many samples are in bucket found[i] or above.
        at_least = np.append(np.cumsum(counts[::-1])[::-1], 0)
        shares += at_least[np.searchsorted(found, indexes)] / max(place.total, place.histogram.count)
    return bucket_bounds(indexes.astype(np.int64))[0], shares
