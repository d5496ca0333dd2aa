"""Numbers as text: thousands separators, SI prefixes, and times in the unit that suits them."""

from __future__ import annotations

import math
from datetime import datetime

_TIMES = ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns"))
_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
NOTHING = "–"
"""Shown in place of a number that is not known."""
BASELINE_MARK = "★"
"""Marks the baseline in the list of runs, and its numbers everywhere."""


def count(number: float) -> str:
    """An integer with separators: ``61,200``."""
    return f"{int(number):,}"


def rate(value: float) -> str:
    """Messages a second: ``5,000/s``, ``1.2M/s`` from a million on."""
    if not math.isfinite(value):
        return NOTHING
    if value >= 1e6:
        return f"{value / 1e6:.2f}M/s"
    return f"{value:,.0f}/s" if value >= 10 or value == 0 else f"{value:.1f}/s"


def short(value: float) -> str:
    """Three digits and a prefix: ``5.0k``."""
    for scale, prefix in _PREFIXES:
        if abs(value) >= scale and scale > 1:
            scaled = value / scale
            return f"{scaled:.0f}{prefix}" if scaled >= 100 else f"{scaled:.1f}{prefix}"
    return f"{value:.0f}" if value == int(value) or abs(value) >= 10 else f"{value:.1f}"


def duration_ns(value: float | None) -> str:
    """A latency in the unit that leaves one to three digits before the point: ``412 µs``."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return _in_suitable_unit(value, 3)


def coarse_duration_ns(value: float | None) -> str:
    """A time with two digits, where there is little room and the third says nothing: ``4.3 ms``."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return _in_suitable_unit(value, 2)


def _in_suitable_unit(value: float, significant: int) -> str:
    for scale, unit in _TIMES:
        if value >= scale:
            scaled = value / scale
            before = 3 if scaled >= 100 else 2 if scaled >= 10 else 1
            return f"{scaled:.{max(0, significant - before)}f} {unit}"
    return "0 ns"


def percent(value: float) -> str:
    """A part in percent: ``2.5 %``, ``37 %``."""
    return f"{value:.0f} %" if value >= 9.95 else f"{value:.1f} %"


def clock(seconds: float) -> str:
    """Run time: ``00:12.4``."""
    # Round to tenths first; otherwise 59.97 s would read 00:60.0.
    seconds = max(0.0, round(seconds, 1))
    return f"{int(seconds // 60):02d}:{seconds % 60:04.1f}"


def axis_clock(seconds: float) -> str:
    """Run time on an axis: ``1:05``; tenths of a second only if they are not 0."""
    rounded = round(seconds, 1)
    sign = "-" if rounded < 0 else ""
    rounded = abs(rounded)
    text = f"{sign}{int(rounded // 60)}:{int(rounded % 60):02d}"
    tenths = round(rounded % 1 * 10)
    return f"{text}.{tenths}" if tenths else text


def size(number: float) -> str:
    """Bytes: ``512 B``, ``2.1 kB``, ``3.4 MB``."""
    for scale, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if number >= scale:
            return f"{number / scale:.1f} {unit}"
    return f"{number:.0f} B"


def local_time(iso: str) -> str:
    """An ISO time as local time, to the minute: ``2026-11-25 22:54``."""
    return datetime.fromisoformat(iso).astimezone().strftime("%Y-%m-%d %H:%M")


def shortened(text: str, most: int) -> str:
    """A text of at most ``most`` characters; a longer one loses its middle."""
    half = (most - 3) // 2
    return text if len(text) <= most else f"{text[:half]} … {text[-half:]}"


def nice_above(value: float) -> float:
    """The smallest of 1, 2, 2.5, 5, 10 times a power of ten that is not below ``value``."""
    if value <= 0 or not math.isfinite(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= value * 0.999999)
