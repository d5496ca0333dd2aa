"""A marked moment of the run: events of the run -> **mark** -> markers of the plots.

Apart from the markers, because the window makes marks before it has imported what draws them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class MarkKind(IntEnum):
    """What a mark is about. A higher kind has its label first, where there is no room for all labels."""

    EVENT = 0
    CHANGE = 1
    NOTE = 2
    FAULT = 3


class Mark(NamedTuple):
    """A moment of the run and its label. ``short`` is a shorter label; "" if there is none."""

    at_s: float
    text: str
    kind: MarkKind = MarkKind.EVENT
    short: str = ""
