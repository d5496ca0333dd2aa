"""Numbers in the sentences of an advice."""

from __future__ import annotations

import math


def rate_text(rate: float) -> str:
    """A rate, such as ``5,000/s`` or ``0.5/s``."""
    return f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.2g}/s"


def seconds_text(seconds: float) -> str:
    """A time in its best unit, such as ``0.2 ms``, ``300 ms`` or ``2.5 s``."""
    if seconds < 1:
        ms = seconds * 1000
        return f"{ms:.0f} ms" if ms >= 100 else f"{ms:.2g} ms"
    return f"{seconds:.1f} s".replace(".0 s", " s") if seconds < 100 else f"{seconds:,.0f} s"


def count_text(count: float, noun: str = "message") -> str:
    """A number of things, such as ``1 message`` or ``45,300 messages``."""
    return f"{count:,.0f} {noun}{'' if round(count) == 1 else 's'}"


def rounded_up(value: float) -> int:
    """A number rounded up to two digits, so that it is easy to read."""
    if value <= 100:
        return max(1, math.ceil(value))
    step = 10 ** (int(math.log10(value)) - 1)
    return int(math.ceil(value / step) * step)


def rounded_down(value: float) -> float:
    """A number rounded down to two digits; 0 below 0.01."""
    if value < 0.01:
        return 0.0
    digits = 1 - math.floor(math.log10(value))
    return math.floor(round(value * 10.0**digits, 6)) / 10.0**digits
