"""The history that a CI keeps: lines of ``compare --history`` -> **history** -> trend. Pure but for the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from bench_app.comparison.comparison import HISTORY_FORMAT
from bench_app.errors import InputError
from bench_app.untrusted.json_reader import BadJsonError, JsonReader


class HistoryLine(msgspec.Struct, frozen=True):
    """One comparison of a CI.

    Attributes:
        format: the name and version of the format.
        at: when the runs were made, in ISO 8601.
        runs: how many runs the medians are of.
        metrics: the median of each metric.
        shown: by how much each metric differs from the base of that comparison, where that is shown.
        intervals: the ends of the interval of 95 % of each median's shift; none in files of former versions.
    """

    at: str
    metrics: dict[str, float]
    format: str = ""
    runs: int = 0
    shown: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}


@dataclass(frozen=True)
class TrendPoint:
    """A median at a time.

    Attributes:
        at_s: seconds since 1970.
        value: the median.
        low, high: the interval; None without one.
        shift: by how much the metric differs from its base; None where nothing is shown.
        runs: how many runs the median is of.
    """

    at_s: float
    value: float
    low: float | None
    high: float | None
    shift: float | None
    runs: int


_LINES: JsonReader[HistoryLine] = JsonReader(HistoryLine)


def read_history(file: Path) -> list[HistoryLine]:
    """The lines of a history, the oldest first. Raises InputError for a file that is none."""
    try:
        texts = [line for line in file.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        raise InputError(f"{file} could not be read: {error.strerror or error}") from error
    lines = []
    for number, text in enumerate(texts, start=1):
        try:
            line = _LINES.read(text)
            datetime.fromisoformat(line.at)
        except (BadJsonError, ValueError) as error:
            raise InputError(f"{file}: line {number:,} is none of compare --history: {error}") from error
        if line.format != HISTORY_FORMAT:
            raise InputError(f"{file}: line {number:,} has the format “{line.format}”, not {HISTORY_FORMAT}")
        lines.append(line)
    if not lines:
        raise InputError(f"{file} is empty: zmq-bench compare --history writes a line of it")
    return sorted(lines, key=lambda line: datetime.fromisoformat(line.at).timestamp())


def metrics_of(lines: list[HistoryLine]) -> list[str]:
    """All metrics of a history, in the order of its lines."""
    return list(dict.fromkeys(name for line in lines for name in line.metrics))


def trend(lines: list[HistoryLine], metric: str) -> list[TrendPoint]:
    """A metric over the time."""
    points = []
    for line in lines:
        if (value := line.metrics.get(metric)) is None:
            continue
        low, high = line.intervals.get(metric, (None, None))
        at_s = datetime.fromisoformat(line.at).timestamp()
        # The interval is that of a shift, added to the median. No metric is below 0.
        low = None if low is None else max(0.0, low)
        points.append(TrendPoint(at_s, value, low, high, line.shown.get(metric), line.runs))
    return points
