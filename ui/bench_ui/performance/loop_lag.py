"""Measures the lag of the window's event loop and counts the frames it draws."""

from __future__ import annotations

import time
from collections import deque

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer

from bench_app.engine.result import GuiFigures
from bench_app.measure.clock import NS_PER_MS

BEAT_MS = 20
"""The time between two beats of the timer."""
_RECENT_BEATS = 100
"""Two seconds of beats, for :attr:`LoopLagMeter.lag_now_ms`."""


class LoopLagMeter(QObject):
    """A timer beats every :data:`BEAT_MS`. A beat that comes late shows how long the loop was busy with other work."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._recent: deque[float] = deque(maxlen=_RECENT_BEATS)
        self._longest_ms = 0.0
        # Buckets from 1 µs to 100 s, 50 for each decade, so that the memory does not grow with the run.
        self._edges_ms = np.logspace(-3, 5, 401)
        self.reset()
        self._timer.start()

    def reset(self) -> None:
        """Start the figures of a new run."""
        self._counts = np.zeros(len(self._edges_ms) + 1, np.int64)
        self._frames = 0
        self._began = self._last = time.perf_counter()

    def count_frame(self) -> None:
        """Count one frame: the refresher has handed all changes to Qt."""
        self._frames += 1

    @property
    def lag_now_ms(self) -> float:
        """The longest lag of the last two seconds."""
        return max(self._recent, default=0.0)

    def take_longest_ns(self) -> float:
        """The longest lag since the last call, in ns. A beat that is overdue now counts with its lag so far."""
        overdue_ms = (time.perf_counter() - self._last) * 1e3 - BEAT_MS
        longest_ms, self._longest_ms = max(self._longest_ms, overdue_ms, 0.0), 0.0
        return longest_ms * NS_PER_MS

    def figures(self) -> GuiFigures:
        """The figures since the last reset."""
        seconds = max(1e-9, time.perf_counter() - self._began)
        return GuiFigures(
            frames_per_s=round(self._frames / seconds, 1),
            loop_lag_p50_ms=self._percentile(50),
            loop_lag_p99_ms=self._percentile(99),
        )

    def _beat(self) -> None:
        now = time.perf_counter()
        lag_ms = max(0.0, (now - self._last) * 1e3 - BEAT_MS)
        self._last = now
        self._recent.append(lag_ms)
        self._longest_ms = max(self._longest_ms, lag_ms)
        self._counts[int(np.searchsorted(self._edges_ms, lag_ms))] += 1

    def _percentile(self, q: float) -> float:
        total = int(self._counts.sum())
        if not total:
            return 0.0
        bucket = int(np.searchsorted(np.cumsum(self._counts), max(1, int(q * total / 100 + 0.5))))
        return round(float(self._edges_ms[min(bucket, len(self._edges_ms) - 1)]), 3)
