"""Live figures of the last second: report -> **sliding window** -> table or plot.

A unit sends ten reports a second. The figures of a single report vary too much to be read, so rates and percentiles are
computed over a sliding window.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from bench_app.measure.clock import NS_PER_S
from bench_app.measure.histogram import Histogram
from bench_app.measure.histogram_delta import HistogramDelta

WINDOW_NS = NS_PER_S


@dataclass(frozen=True)
class _Point:
    at_ns: int
    totals: tuple[int, ...]
    latency: HistogramDelta | None


class RateWindow:
    """Totals and latency of the reports of the last second."""

    def __init__(self, span_ns: int = WINDOW_NS) -> None:
        self._span_ns = span_ns
        self._points: deque[_Point] = deque()

    def add(self, at_ns: int, totals: tuple[int, ...], latency: HistogramDelta | None = None) -> None:
        """Add a report.

        ``totals`` are cumulative, and every report must have the same number of them. ``latency`` has the latencies
        since the report before.
        """
        self._points.append(_Point(at_ns, totals, latency))
        # Keep one point outside the window, because a rate is the increase since an earlier point.
        while len(self._points) > 2 and self._points[1].at_ns <= at_ns - self._span_ns:
            self._points.popleft()

    def rates(self, since_ns: int = 0) -> tuple[float, ...]:
        """The increase per second of each total since a time; empty before the second report."""
        points = [point for point in self._points if point.at_ns >= since_ns]
        if len(points) < 2:
            return ()
        first, last = points[0], points[-1]
        seconds = max(1, last.at_ns - first.at_ns) / 1e9
        return tuple((b - a) / seconds for a, b in zip(first.totals, last.totals, strict=True))

    def totals_at(self, at_ns: int) -> tuple[float, ...]:
        """Each total at a time, interpolated between the two reports around it; empty without a report."""
        if not self._points:
            return ()
        later = self._points[-1]
        for earlier in reversed(self._points):
            if earlier.at_ns <= at_ns:
                share = (at_ns - earlier.at_ns) / max(1, later.at_ns - earlier.at_ns)
                return tuple(a + min(1.0, share) * (b - a) for a, b in zip(earlier.totals, later.totals, strict=True))
            later = earlier
        return tuple(float(total) for total in later.totals)

    def totals_before(self, at_ns: int) -> tuple[int, ...]:
        """Each total as of the last report that is not after a time; empty if the window has none."""
        for point in reversed(self._points):
            if point.at_ns <= at_ns:
                return point.totals
        return ()

    def latency(self) -> Histogram:
        """The latencies in the window."""
        merged = Histogram()
        for point in list(self._points)[1:]:
            if point.latency is not None:
                merged.merge(point.latency)
        return merged
