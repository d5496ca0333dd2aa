"""Quantiles of the latencies between two samples: reports -> **quantiles** -> time series."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np

from bench_app.measure.bucket_arrays import bucket_bounds
from bench_app.measure.histogram_delta import PERCENTILES, HistogramDelta

SAMPLED_PERCENTILES = ("p50", "p90", "p99", "p99_9")
QUANTILES = {name: PERCENTILES[name] for name in SAMPLED_PERCENTILES} | {"max": 100.0}
"""The columns of a time series for each latency, and the percent of the samples that do not exceed the value."""
MOST_DELTAS = 50
"""The most reports that are kept: five seconds of reports."""


class PendingDeltas:
    """The latencies of the reports since the last sample of a time series.

    Only the last MOST_DELTAS reports are kept, because a run without a time series never drains them.
    """

    def __init__(self) -> None:
        self._deltas: deque[HistogramDelta] = deque(maxlen=MOST_DELTAS)

    def __len__(self) -> int:
        return len(self._deltas)

    def add(self, delta: HistogramDelta) -> None:
        """Add the latencies of a report."""
        if delta.count:
            self._deltas.append(delta)

    def drain(self) -> list[float]:
        """The :data:`QUANTILES` in ns of the latencies since the last call; NaN if there are none."""
        quantiles = quantiles_of(self._deltas)
        self._deltas.clear()
        return quantiles


def quantiles_of(deltas: Iterable[HistogramDelta]) -> list[float]:
    """The :data:`QUANTILES` in ns of several deltas together; NaN if all of them are empty."""
    deltas = [delta for delta in deltas if delta.count]
    if not deltas:
        return [float("nan")] * len(QUANTILES)
    indexes = np.concatenate([np.frombuffer(delta.indexes, "<i4") for delta in deltas])
    counts = np.concatenate([np.frombuffer(delta.counts, "<i8") for delta in deltas])
    order = np.argsort(indexes, kind="stable")
    sums = np.cumsum(counts[order])
    targets = [max(1, int(q * sums[-1] / 100 + 0.5)) for q in QUANTILES.values()]
    highest = bucket_bounds(indexes[order][np.searchsorted(sums, targets)].astype(np.int64))[1]
    top = max(delta.max_ns for delta in deltas)
    return [float(min(int(value), top)) for value in highest]
