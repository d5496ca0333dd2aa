"""Latency samples of a hot loop: handler -> **samples** -> histogram -> report. Without numpy."""

from __future__ import annotations

from typing import Protocol

from bench_app.measure.histogram_delta import EMPTY_DELTA, HistogramDelta


class Samples(Protocol):
    """Latency samples until the next report.

    In the bench a :class:`~bench_app.measure.sample_buffer.SampleBuffer`, or the counts of the compiled data plane.
    """

    def append(self, value_ns: int, /) -> None:
        """Add one sample in ns."""
        ...

    def take(self) -> HistogramDelta:
        """The samples added since the last call."""
        ...


class NoSamples:
    """Takes samples and keeps none, for a handler whose latencies nobody reads."""

    def append(self, value_ns: int) -> None:
        """Forget the sample."""

    def take(self) -> HistogramDelta:
        """Nothing."""
        return EMPTY_DELTA
