"""The values of an axis as the user describes them: text -> **value range** -> values. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from bench_app.errors import InputError
from bench_app.sweeps.axes import Axis, parse_axis
from bench_ui.lab.varied_keys import VariedKey

MOST_VALUES = 200
_DIGITS = 3
"""Values of a logarithmic range have so many digits: nobody reads 31.6227766."""


class RangeKind(Enum):
    """How values are described."""

    LIST = "List"
    LINEAR = "Linear"
    LOG = "Log"


@dataclass(frozen=True)
class ValueRange:
    """A description of values.

    Attributes:
        kind: a list, or a range with equal steps or equal factors.
        listed: the values of a list, separated by commas.
        first, last: the ends of a range.
        count: how many values a range has.
    """

    kind: RangeKind
    listed: str = ""
    first: float = 1
    last: float = 1000
    count: int = 4


def axis_of(key: VariedKey, described: ValueRange) -> Axis:
    """The axis of a key. Raises InputError with what is wrong."""
    if described.kind is RangeKind.LIST:
        return parse_axis(f"{key.path}={_without_spaces(described.listed)}")
    return Axis(key.path, list(_range(key, described)))


def axis_text(axis: Axis) -> str:
    """An axis as the value of ``--vary``."""
    return f"{axis.path}={','.join(value_text(value) for value in axis.values)}"


def value_text(value: Any) -> str:
    """A value as JSON."""
    return msgspec.json.encode(value).decode()


def usual_range(key: VariedKey) -> ValueRange:
    """The values that are proposed for a key: all choices, or its value and those around it."""
    if key.choices:
        return ValueRange(RangeKind.LIST, listed=", ".join(value_text(choice).strip('"') for choice in key.choices))
    if not key.is_number:
        return ValueRange(RangeKind.LIST, listed=str(key.current or ""))
    current = float(key.current or 0)
    middle = current if current > 0 else 100.0
    values = [middle / 100, middle / 10, middle, middle * 10]
    listed = [_rounded(value, key.is_whole) for value in values]
    texts = dict.fromkeys(value_text(value) for value in listed if value > 0)
    return ValueRange(RangeKind.LIST, listed=", ".join(texts), first=listed[0] or 1, last=listed[-1], count=4)


def _range(key: VariedKey, described: ValueRange) -> dict[Any, None]:
    first, last, count = described.first, described.last, described.count
    if not key.is_number:
        raise InputError(f"{key.title} has no numbers: list its values")
    if not 2 <= count <= MOST_VALUES:
        raise InputError(f"a range has 2 to {MOST_VALUES} values")
    if first == last:
        raise InputError("both ends of the range are the same")
    if described.kind is RangeKind.LINEAR:
        step = (last - first) / (count - 1)
        values = [first + place * step for place in range(count)]
        return dict.fromkeys(_whole(value) if key.is_whole else round(value, 6) for value in values)
    if min(first, last) <= 0:
        raise InputError("a logarithmic range needs ends above 0")
    factor = (last / first) ** (1 / (count - 1))
    inner = [first * factor**place for place in range(1, count - 1)]
    ends = [_whole(end) if key.is_whole else end for end in (first, last)]
    return dict.fromkeys([ends[0], *(_rounded(value, key.is_whole) for value in inner), ends[1]])


def _rounded(value: float, whole: bool) -> Any:
    """A value with few digits."""
    if value <= 0:
        return 0
    digits = _DIGITS - 1 - math.floor(math.log10(value))
    rounded = round(value, digits)
    return max(1, _whole(rounded)) if whole else rounded


def _whole(value: float) -> int:
    return math.floor(value + 0.5)


def _without_spaces(listed: str) -> str:
    """A list without the spaces around its commas; spaces inside of brackets and quotes do no harm in JSON."""
    return ",".join(part.strip() for part in listed.split(",") if part.strip())
