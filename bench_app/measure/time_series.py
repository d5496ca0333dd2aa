"""The figures of a run over time, in bounded memory: ledger and latencies -> **time series** -> plot, archive, CSV.

A :class:`TimeSeries` is a table with a row for each sample of one handler or listener. When the table is full, its rows
are merged in pairs, so an hour needs no more memory than ten minutes. When two rows are merged, counters keep the later
value, and gauges and percentiles keep the higher value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bench_app.measure.arrays import Bools, Floats

CAPACITY = 3000
"""Most rows of a series: ten minutes at five samples a second."""
_FIRST_ROWS = 64
STALLED_STEPS = 2.5
"""A step between two rows that is longer than this many usual ones is a stall of the process that samples."""


class TimeSeries:
    """Rows of ``columns``, of which the first is the time in s.

    A merge of two rows keeps the higher value of the columns in ``peaks``.

    Attributes:
        columns: the index of each column, by its name.
    """

    def __init__(self, columns: Sequence[str], peaks: Iterable[str], capacity: int = CAPACITY) -> None:
        self.columns = {name: place for place, name in enumerate(columns)}
        self._peaks = np.array([name in set(peaks) for name in columns])
        self._capacity = capacity
        # The array grows with the rows. Full arrays would take 200 MB for two hundred handlers before the first sample.
        self._rows = np.empty((min(capacity, _FIRST_ROWS), len(columns)))
        self._used = 0
        self._stride = 1
        self._pending = 0

    def __len__(self) -> int:
        return self._used

    @property
    def nbytes(self) -> int:
        """The size of the rows in bytes."""
        return self._rows.nbytes

    @property
    def stride(self) -> int:
        """How many samples a row has; it doubles when the rows are merged."""
        return self._stride

    def align_with(self, other: TimeSeries, clocks: Iterable[str], unknown: Iterable[str]) -> None:
        """Give an empty series as many rows as ``other`` has, with 0 in every counter.

        Afterwards both series merge their rows at the same times. The columns in ``clocks`` get the times of the first
        column of ``other``, and the columns in ``unknown`` get NaN.
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
        """The increase per second of a counter: :func:`rates` of this series alone."""
        return rates([self], name, clock)

    def as_bytes(self) -> dict[str, bytes]:
        """Every column as little-endian float64, for the archive."""
        return {name: self.column(name).astype("<f8").tobytes() for name in self.columns}

    @classmethod
    def from_bytes(cls, columns: Mapping[str, bytes]) -> TimeSeries:
        """The series from which :meth:`as_bytes` was made, for reading only."""
        arrays = {name: np.frombuffer(data, "<f8") for name, data in columns.items()}
        length = max((len(array) for array in arrays.values()), default=0)
        series = cls(tuple(arrays), (), max(1, length))
        series._grow(length)
        for name, array in arrays.items():
            series._rows[:length, series.columns[name]] = array
        series._used = length
        return series

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


def rates(series: Sequence[TimeSeries], name: str, clock: str = "report_s") -> Floats:
    """The increase per second of a counter, summed over all series: a value for each row; the first value is NaN.

    The increase is divided by the time between reports, not between samples. A report comes some time before its
    sample, so rates over the sample times would jump. The series must have been sampled together.
    """
    if not series or not len(series[0]):
        return np.empty(0)
    held = rates_after(series, name, clock, 0, np.full(len(series), np.nan))
    # A unit that never reports (the user's own consumer) adds 0 to the sum.
    total = np.where(np.isnan(held).all(axis=0), np.nan, np.nansum(held, axis=0))
    return np.concatenate(([np.nan], total))


def rates_after(series: Sequence[TimeSeries], name: str, clock: str, row: int, before: Floats) -> Floats:
    """The rate of each series (a line of the result) in each row after ``row``. ``before``: the rates in ``row``."""
    passed = np.diff(np.stack([one.column(clock)[row:] for one in series]))
    gained = np.diff(np.stack([one.column(name)[row:] for one in series]))
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(passed > 0, gained / passed, np.nan)
    # A sample without a new report keeps the rate of the sample before it.
    held: Floats = np.maximum(_hold(np.column_stack((before, each))), 0.0)[:, 1:]
    return held


def rates_over(series: Sequence[TimeSeries], name: str, span_s: float, clock: str = "report_s") -> Floats:
    """The increase per second of a counter over the ``span_s`` before each row, summed over all series: see
    :func:`rates_of_total`."""
    if not series or not len(series[0]):
        return np.empty(0)
    total = np.sum([one.column(name) for one in series], axis=0)
    reported_s = np.fmax.reduce([one.column(clock) for one in series])
    return rates_of_total(series[0].column("at_s"), total, reported_s, span_s)


def rates_of_total(at_s: Floats, total: Floats, reported_s: Floats, span_s: float) -> Floats:
    """The increase per second of a counter over the ``span_s`` before each row. ``reported_s``: the newest reports.

    The first value is NaN. This is for counters that rise late and in bursts, such as losses: a loss is known only when
    a later message arrives. The increase is divided by the time between the newest reports of the rows, as for
    :func:`rates`. If a window stood still, the first row after that has the new counts of some units and the old counts
    of others. So no increase is counted from that row on, but from the row before it.
    """
    if not len(at_s):
        return np.empty(0)
    # A tolerance of 1 %, because the times between rows vary a little.
    before = np.searchsorted(at_s, at_s - span_s * 1.01)
    before = np.minimum(before, np.maximum(np.arange(len(at_s)) - 1, 0))
    before = np.maximum(before - after_stalls(at_s, span_s)[before], 0)
    counted_s = np.where(np.isnan(reported_s), at_s, reported_s)
    passed = counted_s - counted_s[before]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(passed > 0, (total - total[before]) / passed, np.nan)
    # A row without a new report keeps the rate of the row before it.
    held: Floats = np.maximum(_hold(found[np.newaxis])[0], 0.0)
    return held


def after_stalls(at_s: Floats, least_s: float) -> Bools:
    """Which rows are the first after a time in which the process that samples stood still, for ``least_s`` or more."""
    if len(at_s) < 2:
        return np.zeros(len(at_s), np.bool_)
    steps = np.diff(at_s)
    return np.append(False, steps > max(least_s, STALLED_STEPS * median(steps)))


def median(values: Floats) -> float:
    """The median of at least one value; of an even number, the higher of the two in the middle.

    ``np.median`` imports ``numpy.ma`` when it is called first: 0.1 s, just before the first curve of a run.
    """
    middle = len(values) // 2
    return float(np.partition(values, middle)[middle])


def _hold(values: Floats) -> Floats:
    """The values with every NaN replaced by the last number before it in its row."""
    places = np.where(np.isnan(values), 0, np.arange(values.shape[1]))
    np.maximum.accumulate(places, axis=1, out=places)
    held: Floats = np.take_along_axis(values, places, axis=1)
    return held
