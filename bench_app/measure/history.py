"""The last second of a unit, for live figures: report -> **history** -> table or plot.

A report is one of ten a second; figures that move with single reports are noise to a reader, so rates and percentiles
are those of a sliding window.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from bench_app.measure.histogram import Histogram, HistogramDelta

WINDOW_NS = 1_000_000_000


@dataclass(frozen=True)
class _Point:
    at_ns: int
    totals: tuple[int, ...]
    latency: HistogramDelta | None


class Window:
    """Totals and latency of the reports of the last second."""

    def __init__(self, span_ns: int = WINDOW_NS) -> None:
        self._span_ns = span_ns
        self._points: deque[_Point] = deque()

    def add(self, at_ns: int, totals: tuple[int, ...], latency: HistogramDelta | None = None) -> None:
        """Add a report: cumulative ``totals`` (always as many) and what was measured since the one before."""
        self._points.append(_Point(at_ns, totals, latency))
        # The oldest point kept is the last one outside the window: rates need a point to count from.
        while len(self._points) > 2 and self._points[1].at_ns <= at_ns - self._span_ns:
            self._points.popleft()

    def rates(self) -> tuple[float, ...]:
        """Increase a second of each total; empty until two reports are in."""
        if len(self._points) < 2:
            return ()
        first, last = self._points[0], self._points[-1]
        seconds = max(1, last.at_ns - first.at_ns) / 1e9
        return tuple((b - a) / seconds for a, b in zip(first.totals, last.totals, strict=True))

    def latency(self) -> Histogram:
        """What was measured in the window."""
        merged = Histogram()
        for point in list(self._points)[1:]:
            if point.latency is not None:
                merged.merge(point.latency)
        return merged
