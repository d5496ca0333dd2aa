"""What the bench found out about its own reading, in the types of the result: **findings** -> verdict, notes, JSON."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class FindingKind(StrEnum):
    """What was found."""

    WAITING = "waiting"
    """The bench's own waiting can explain a part of a percentile, or why a check failed."""
    STALLED = "stalled"
    """A worker process did not run for a while."""
    SATURATED = "saturated"
    """A worker process had more work than one thread can do."""
    SILENT = "silent"
    """A unit sent no report for a while, although its process ran."""
    SOURCE = "source"
    """A source ended early, or had no event ready."""
    RECEIPTS = "receipts"
    """A user's own consumer did not report all that it received."""
    FAILED = "failed"
    """A unit failed."""
    CRASHED = "crashed"
    """A worker process ended, and nobody had asked for it."""
    UNBALANCED = "unbalanced"
    """The ledger does not balance."""
    WINDOW = "window"
    """The window lagged."""
    ENGINE = "engine"
    """Something else went wrong while the run was conducted."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that was found.

    Attributes:
        kind: what it is.
        unit: the title of the handler or listener, or the name of the worker; "" for the whole run.
        metric: the metric that is affected, as a check names it; None if all are.
        share: the part of the metric's value that the bench itself can explain, from 0 to 1; None if that is not known.
        message: the finding as a sentence.
        invalidates: whether the reading is not sound because of it. Otherwise it is a note.
    """

    kind: FindingKind
    unit: str
    metric: str | None
    share: float | None
    message: str
    invalidates: bool = True
