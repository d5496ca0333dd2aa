"""The log scale that both latency plots draw on."""

from __future__ import annotations

import numpy as np

from bench_app.measure.arrays import Floats

LEAST_NS = 1_000.0
RANGE_BEFORE_DATA = (4.6, 7.1)
"""log10 of ns: what an axis shows before there is anything to show, some 50 µs to 10 ms."""


def log10_ns(values: Floats) -> Floats:
    """Latencies in ns as they are drawn; below 1 ns there is nothing to tell apart."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log10(np.maximum(values, 1.0))
