"""Numbers in the sentences of an advice."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal

from bench_app.model.json_path import format_path, parse_path


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
    """A number above 0 rounded down to two digits, never to 0."""
    digits = 1 - math.floor(math.log10(max(value, 1e-300)))
    if digits > 12:
        return value
    # A number that is short of two digits by an error of rounding, such as 0.04999999999999999, counts as the whole.
    return round(math.floor(value * 10.0**digits * (1 + 1e-9)) / 10.0**digits, digits)


def settings_text(proposal: Mapping[str, bool | int | float | str]) -> str:
    """The settings of a proposal, such as ``delay_ms 0.1 and queue_size 45,000``: each value as it is proposed.

    A key that several listeners get with different values has the listener's place before it.
    """
    values: dict[str, set[str]] = {}
    for path, value in proposal.items():
        values.setdefault(str(parse_path(path)[-1]), set()).add(value_text(value))
    texts: dict[str, None] = {}
    for path, value in proposal.items():
        parts = parse_path(path)
        key = str(parts[-1])
        name = key if len(values[key]) == 1 else format_path(parts[-2:])
        texts[f"{name} {value_text(value)}"] = None
    return listed(list(texts))


def value_text(value: bool | int | float | str) -> str:
    """A value of a setting with all its digits, never with an exponent."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return f"{int(value):,}" if float(value).is_integer() else f"{Decimal(str(value)):,f}"


def listed(texts: list[str], last: str = "and") -> str:
    """``a``, ``a and b`` or ``a, b and c``; another word than ``and`` is possible."""
    return f" {last} ".join(filter(None, (", ".join(texts[:-1]), texts[-1]))) if texts else ""


def would_do(ways: list[str]) -> str:
    """Ways to lose nothing, of which one is enough."""
    if len(ways) > 2:
        return f"one of these would do: {listed(ways, 'or')}"
    return f"{'either ' if len(ways) == 2 else ''}{listed(ways, 'or')} would do"


def proposed_text(proposal: Mapping[str, bool | int | float | str], added: str = "") -> str:
    """A proposal in words: listeners to add, and every setting, as they are set in one step; "" if there is none.

    ``proposal`` leaves out the settings of the listeners that ``added`` names.
    """
    steps = ([f"add {added}"] if added else []) + ([f"set {settings_text(proposal)}"] if proposal else [])
    together = len(proposal) + bool(added) > 1
    linger_ms = max((value for path, value in proposal.items() if path.endswith(".linger")), default=0)
    price = f"; the run may then last {seconds_text(float(linger_ms) / 1000)} longer" if linger_ms else ""
    return f"proposed{', all together' if together else ''}: {', and '.join(steps)}{price}" if steps else ""
