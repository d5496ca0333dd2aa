"""Events of a run, for a person to read: session -> **events** -> terminal, window, log, archive."""

from __future__ import annotations

import msgspec


class RunEvent(msgspec.Struct, frozen=True, rename={"message": "sentence", "is_error": "trouble"}):
    """One event of a run, while the run goes on and in the archive.

    ``at_s`` is in seconds of the run and 0 before its start. ``source`` is the unit's title, ``engine`` or ``change``.
    ``marker``: plots mark it. ``is_error``: a unit failed or crashed, and nobody had asked for that.
    """

    at_s: float
    source: str
    message: str
    marker: bool = False
    is_error: bool = False
