"""What a run was like over time, in bounded memory: ledger and latencies -> **time series** -> plot, archive, CSV.

A :class:`TimeSeries` is a table with a row for each sample of one handler or listener. When it is full, its rows are
merged in pairs, so an hour costs what ten minutes cost. Counters keep their last value, gauges and percentiles the
worse one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bench_app.measure.arrays import Floats
from bench_app.measure.buckets import bucket_bounds
from bench_app.measure.histogram import HistogramDelta

CAPACITY = 3000
"""Rows before the first merging: ten minutes at five samples a second."""
QUANTILES = {"p50": 50.0, "p90": 90.0, "p99": 99.0, "p99_9": 99.9, "max": 100.0}
_MOST_DELTAS = 50
_FIRST_ROWS = 64


class PendingDeltas:
    """The latencies of the reports since the last sample."""

    def __init__(self) -> None:
        # Bounded, as nobody takes them out where no track is kept.
        self._deltas: deque[HistogramDelta] = deque(maxlen=_MOST_DELTAS)

    def add(self, delta: HistogramDelta) -> None:
        """Add what a report brought."""
        if delta.count:
            self._deltas.append(delta)

    def take(self) -> list[float]:
        """The :data:`QUANTILES` in ns of what came since the last time; NaN where nothing did."""
        quantiles = quantiles_of(self._deltas)
        self._deltas.clear()
        return quantiles


def quantiles_of(deltas: Iterable[HistogramDelta]) -> list[float]:
    """The :data:`QUANTILES` in ns of several deltas together; NaN where they are empty."""
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


class TimeSeries:
    """Rows of ``columns``; the first is the time in s. ``peaks`` are the columns whose worse value is kept."""

    def __init__(self, columns: Sequence[str], peaks: Iterable[str], capacity: int = CAPACITY) -> None:
        self.columns = {name: place for place, name in enumerate(columns)}
        self._peaks = np.array([name in set(peaks) for name in columns])
        self._capacity = capacity
        # Grows: two hundred handlers at once would otherwise be 200 MB before the first sample.
        self._rows = np.empty((min(capacity, _FIRST_ROWS), len(columns)))
        self._used = 0
        self._stride = 1
        self._pending = 0

    def __len__(self) -> int:
        return self._used

    def begin_beside(self, other: TimeSeries, clocks: Iterable[str], unknown: Iterable[str]) -> None:
        """Give an empty track the rows that ``other`` has, as if nothing had happened in them.

        Both go on in step. ``clocks`` are columns of times, those of ``other``'s first column; ``unknown`` become NaN.
        """
        self._capacity, self._stride, self._pending = other._capacity, other._stride, other._pending
        self._grow(len(other._rows))
        self._used = other._used
        self._rows[: self._used] = 0.0
        for name in clocks:
            if name in self.columns:
                self._rows[: self._used, self.columns[name]] = other._rows[: other._used, 0]
        for name in unknown:
            self._rows[: self._used, self.columns[name]] = np.nan

    def append(self, row: Sequence[float]) -> None:
        """Add a sample, its values in the order of the columns."""
        if self._pending:
            self._rows[self._used - 1] = self._merged(self._rows[self._used - 1], np.asarray(row, np.float64))
            self._pending -= 1
            return
        if self._used == self._capacity:
            self._halve()
        elif self._used == len(self._rows):
            self._grow(min(self._capacity, 2 * self._used))
        self._rows[self._used] = row
        self._used += 1
        self._pending = self._stride - 1

    def column(self, name: str) -> Floats:
        """All values of a column so far, oldest first; a view, valid until the next append."""
        return self._rows[: self._used, self.columns[name]]

    def rate(self, name: str, clock: str = "report_s") -> Floats:
        """Increase a second of a counter, as :func:`rates` of this track alone."""
        return rates([self], name, clock)

    def as_bytes(self) -> dict[str, bytes]:
        """Every column as little-endian float64, for keeping."""
        return {name: self.column(name).astype("<f8").tobytes() for name in self.columns}

    @classmethod
    def from_bytes(cls, columns: Mapping[str, bytes]) -> TimeSeries:
        """The track that :meth:`as_bytes` was made of, to be read."""
        arrays = {name: np.frombuffer(data, "<f8") for name, data in columns.items()}
        length = max((len(array) for array in arrays.values()), default=0)
        track = cls(tuple(arrays), (), max(1, length))
        track._grow(length)
        for name, array in arrays.items():
            track._rows[:length, track.columns[name]] = array
        track._used = length
        return track

    def _merged(self, first: Floats, second: Floats) -> Floats:
        merged: Floats = np.where(self._peaks, np.fmax(first, second), second)
        return merged

    def _grow(self, rows: int) -> None:
        grown = np.empty((max(rows, len(self._rows)), len(self.columns)))
        grown[: self._used] = self._rows[: self._used]
        self._rows = grown

    def _halve(self) -> None:
        even = self._used - self._used % 2
        last = self._rows[even : self._used].copy()
        self._rows[: even // 2] = self._merged(self._rows[0:even:2], self._rows[1:even:2])
        self._rows[even // 2 : even // 2 + len(last)] = last
        self._used = even // 2 + len(last)
        self._stride *= 2


def rates(tracks: Sequence[TimeSeries], name: str, clock: str = "report_s") -> Floats:
    """Increase a second of a counter, all tracks together; as long as :meth:`TimeSeries.column`, the first is NaN.

    Each is counted against the time of the report that brought the count, not that of the sample: reports come when
    they do, and rates against any other clock would jump. The tracks must have been sampled together.
    """
    if not tracks or not len(tracks[0]):
        return np.empty(0)
    passed = np.diff(np.stack([track.column(clock) for track in tracks]))
    gained = np.diff(np.stack([track.column(name) for track in tracks]))
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(passed > 0, gained / passed, np.nan)
    # A sample between two reports has nothing new; what held before it holds on.
    held = np.maximum(_hold(each), 0.0)
    # A unit that never reports (a consumer that is not ours) adds nothing, and takes nothing from the others.
    total = np.where(np.isnan(held).all(axis=0), np.nan, np.nansum(held, axis=0))
    return np.concatenate(([np.nan], total))


def rates_over(tracks: Sequence[TimeSeries], name: str, span_s: float) -> Floats:
    """Increase a second of a counter over the ``span_s`` before each row, all tracks together; the first is NaN.

    For what is counted late and then in bursts, as losses are: they are known when something behind them arrives.
    """
    if not tracks or not len(tracks[0]):
        return np.empty(0)
    at_s = tracks[0].column("at_s")
    total = np.sum([track.column(name) for track in tracks], axis=0)
    # With some tolerance: rows are not exactly as far apart as they should be.
    before = np.searchsorted(at_s, at_s - span_s * 1.01)
    before = np.minimum(before, np.maximum(np.arange(len(at_s)) - 1, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        rates: Floats = (total - total[before]) / (at_s - at_s[before])
    return np.where(np.isnan(rates), np.nan, np.maximum(rates, 0.0))


def _hold(values: Floats) -> Floats:
    """NaNs replaced by the last number before them in their row."""
    places = np.where(np.isnan(values), 0, np.arange(values.shape[1]))
    np.maximum.accumulate(places, axis=1, out=places)
    held: Floats = np.take_along_axis(values, places, axis=1)
    return held
