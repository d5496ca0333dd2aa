"""Actions of the user on one handler or listener: tree, inspector -> **request** -> window. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class UnitAction(Enum):
    """What to do with a handler or a listener."""

    START_ALONE = auto()
    """Run this handler without the others."""
    STOP = auto()
    RECONNECT = auto()
    """Connect again after the handler gave up."""
    PAUSE = auto()
    RESUME = auto()
    KILL = auto()
    """Kill the worker process, as a fault."""
    RENAME = auto()
    MEASURE_CAPACITY = auto()


@dataclass(frozen=True)
class UnitRequest:
    """One action for one unit: the handler itself, or its ``listener`` unless that is ""."""

    action: UnitAction
    handler: str
    listener: str = ""
