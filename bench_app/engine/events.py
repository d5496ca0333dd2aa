"""Events of a run, as messages for users: session -> **events** -> terminal, window, log, archive."""

from __future__ import annotations

from enum import Enum

import msgspec

ENGINE = "engine"
"""The source of events of the engine itself."""
CHANGE = "change"
"""The source of events that say which setting was changed."""
TIMELINE = "timeline"
"""The source of the captions of a demo."""
NOTE = "note"
"""The source of the notes that users write."""
ARROW = " -> "
"""Between the former and the new value of a key, in the message of a change."""


class EventKind(Enum):
    """What an event is about."""

    UNIT = "unit"
    """Something happened to a handler or a listener."""
    ENGINE = "engine"
    """The run as a whole: it was paused, a worker process did not end, ..."""
    CHANGE = "change"
    """A setting was changed while the run went on."""
    FURTHER_CHANGE = "further change"
    """A further step of the last change: a slider is dragged. The event takes the place of that change, and has its
    time and its former value. It is kept as a change."""
    FAULT = "fault"
    """The worker of a unit ended, by itself or because a user killed it."""
    STEP = "step"
    """A step of the preset's timeline: its caption, or what it does."""
    NOTE = "note"
    """A user wrote a note about a moment of the run."""


class RunEvent(msgspec.Struct, frozen=True, rename={"message": "sentence", "is_error": "trouble"}):
    """One event of a run, while the run goes on and in the archive.

    In the archive, ``message`` and ``is_error`` keep their former keys ``sentence`` and ``trouble``.

    Attributes:
        at_s: the time at which it happened, in seconds of the run; 0 before the start.
        source: the unit's title, :data:`ENGINE` or :data:`CHANGE`.
        message: what happened.
        marker: plots mark the time.
        is_error: a unit failed or crashed, and no user had caused it on purpose.
        kind: what the event is about.
    """

    at_s: float
    source: str
    message: str
    marker: bool = False
    is_error: bool = False
    kind: EventKind = EventKind.UNIT


def joined_change(first: str, second: str) -> str | None:
    """One message for two changes in a row of one key, ``key 1 -> 2`` and ``key 2 -> 3``; None for other messages."""
    before, arrow, between = first.partition(ARROW)
    left, _, after = second.partition(ARROW)
    subject = left.removesuffix(between)
    if not arrow or not after or subject == left or not subject.endswith(" ") or not before.startswith(subject):
        return None
    return before + ARROW + after
