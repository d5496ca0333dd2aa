"""How well the window itself keeps up: the lag of its loop and the frames it draws."""

from __future__ import annotations

import time
from collections import deque

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer

from bench_app.engine.result import GuiFigures

BEAT_MS = 20
_NOW_BEATS = 100


class LoopLagMeter(QObject):
    """Beats every :data:`BEAT_MS`; each beat's delay is how long the loop was busy with something else."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._recent: deque[float] = deque(maxlen=_NOW_BEATS)
        self._frames_recent: deque[float] = deque(maxlen=50)
        # A thousandth of a millisecond to a minute, 50 buckets a decade: fixed memory however long a run is.
        self._edges_ms = np.logspace(-3, 5, 401)
        self.reset()
        self._timer.start()

    def reset(self) -> None:
        """Begin a new run's figures."""
        self._counts = np.zeros(len(self._edges_ms) + 1, np.int64)
        self._frames = 0
        self._began = self._last = time.perf_counter()

    def frame(self) -> None:
        """The clock of the drawing turned, and what had changed was handed to Qt."""
        self._frames += 1
        self._frames_recent.append(time.perf_counter())

    @property
    def lag_now_ms(self) -> float:
        """The worst lag of the last two seconds."""
        return max(self._recent, default=0.0)

    def figures(self) -> GuiFigures:
        """Since the last reset."""
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
        self._counts[int(np.searchsorted(self._edges_ms, lag_ms))] += 1

    def _percentile(self, q: float) -> float:
        total = int(self._counts.sum())
        if not total:
            return 0.0
        bucket = int(np.searchsorted(np.cumsum(self._counts), max(1, int(q * total / 100 + 0.5))))
        return round(float(self._edges_ms[min(bucket, len(self._edges_ms) - 1)]), 3)
