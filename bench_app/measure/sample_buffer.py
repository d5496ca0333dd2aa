"""Latency samples of a hot loop in Python, kept until there are enough for numpy: handler -> **buffer** -> recorder."""

from __future__ import annotations

from array import array

import numpy as np

from bench_app.measure.histogram_delta import HistogramDelta
from bench_app.measure.recorder import Recorder


class SampleBuffer:
    """Takes samples in ns one by one and gives them to a :class:`Recorder` in batches.

    Storing one sample in an array costs a tenth of a numpy call, and ``capacity`` samples share the numpy calls.

    Attributes:
        recorder: holds the samples that were flushed.
    """

    def __init__(self, recorder: Recorder, capacity: int = 512) -> None:
        self.recorder = recorder
        self._slots = array("q", bytes(8 * capacity))
        self._array = np.frombuffer(self._slots, np.int64)
        self._capacity = capacity
        self._used = 0

    def append(self, value_ns: int) -> None:
        """Add one sample."""
        self._slots[self._used] = value_ns
        self._used += 1
        if self._used == self._capacity:
            self.flush()

    def flush(self) -> None:
        """Give the buffered samples to the recorder."""
        if self._used:
            self.recorder.add(self._array[: self._used])
            self._used = 0

    def take(self) -> HistogramDelta:
        """The samples added since the last call."""
        self.flush()
        return self.recorder.take()
