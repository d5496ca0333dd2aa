"""Distributions for other tools: ledger -> **HdrHistogram log** -> any HdrHistogram plotter.

The format is version 1.3 of HdrHistogram's HistogramLogWriter. A log has a line for each interval. Here each
histogram is one interval with its own tag. Values are ns; the maximum in a line is in ms, as the format demands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from bench_app.errors import BenchError
from bench_app.measure.clock import NS_PER_MS
from bench_app.measure.hdr_encoding import encode_v2
from bench_app.measure.histogram import Histogram
from bench_app.system.files import write_out

_LEGEND = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"'


def write_hdr_log(path: Path, named: Sequence[tuple[str, Histogram]], started_at: datetime, duration_s: float) -> None:
    """Write every histogram in ``named`` as an interval of ``duration_s`` from ``started_at`` on.

    Raises :class:`BenchError` if the file cannot be written.
    """
    lines = _header(started_at)
    for tag, (_, histogram) in zip(_tags([name for name, _ in named]), named, strict=True):
        max_ms = histogram.max_ns / NS_PER_MS
        lines.append(f"Tag={tag},0.000,{duration_s:.3f},{max_ms:.3f},{encode_v2(histogram).decode('ascii')}")
    try:
        write_out(path, "\n".join([*lines, ""]).encode())
    except OSError as error:
        raise BenchError(f"the histogram log {path} could not be written: {error.strerror or error}") from error


def _header(started_at: datetime) -> list[str]:
    epoch_s = started_at.timestamp()
    return [
        "#[Histogram log format version 1.3]",
        f"#[BaseTime: {epoch_s:.3f} (seconds since epoch)]",
        f"#[StartTime: {epoch_s:.3f} (seconds since epoch), {started_at.isoformat()}]",
        _LEGEND,
    ]


def _tags(names: Iterable[str]) -> list[str]:
    """A distinct tag for each name. Commas and blanks are replaced, because they would end the tag."""
    tags: list[str] = []
    for name in names:
        plain = "".join("_" if char == "," or char.isspace() or not char.isprintable() else char for char in name)
        tag, number = plain or "_", 2
        while tag in tags:
            tag, number = f"{plain}_{number}", number + 1
        tags.append(tag)
    return tags
