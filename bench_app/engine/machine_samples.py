"""What the machine kept from the bench between two samples: machine usage -> **row** -> time series -> machine lane.

The series also has the lag of the window, which is a process of the bench as well: it shows when the picture, and not
the reading, was late.
"""

from __future__ import annotations

import os

from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.time_series import TimeSeries
from bench_app.system.machine_usage import MachineUsage

WINDOW_STALL = "window_ns"
"""The longest lag of the window's event loop since the last row; NaN without a window."""
MACHINE_COLUMNS = ("at_s", "pressure_pct", "steal_pct", "throttled_pct", WINDOW_STALL)
LEAST_NS = 50 * NS_PER_MS
"""The system counts steal in steps of 10 ms, so a shorter time between two readings says nothing."""


def machine_series() -> TimeSeries:
    """An empty series of the machine. A merge of two rows keeps the higher part of each."""
    return TimeSeries(MACHINE_COLUMNS, MACHINE_COLUMNS[1:])


class MachineReadings:
    """Turns readings of totals into the first columns of :data:`MACHINE_COLUMNS`. A figure that is not known is NaN.

    ``cpus`` is the number of processors of the machine.
    """

    def __init__(self, cpus: int | None = None) -> None:
        self._cpus = cpus or os.cpu_count() or 1
        self._before = MachineUsage()
        self._before_ns = 0

    def begin(self, usage: MachineUsage, now_ns: int) -> None:
        """Take the reading from which the first row counts."""
        self._before, self._before_ns = usage, now_ns

    def row(self, at_s: float, usage: MachineUsage, now_ns: int) -> tuple[float, ...]:
        """The row for the time since the last reading, each figure in percent of that time."""
        before, passed_ns = self._before, now_ns - self._before_ns
        if passed_ns < LEAST_NS:
            return (at_s, *[float("nan")] * 3)
        self.begin(usage, now_ns)
        return (
            at_s,
            _percent(before.pressure_us, usage.pressure_us, passed_ns / 1e3),
            _percent(before.steal_ms, usage.steal_ms, passed_ns / 1e6 * self._cpus),
            _percent(before.throttled_us, usage.throttled_us, passed_ns / 1e3),
        )


def _percent(before: int | None, after: int | None, whole: float) -> float:
    if before is None or after is None:
        return float("nan")
    return min(100.0, 100.0 * max(0, after - before) / whole)
