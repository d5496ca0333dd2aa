"""When a change of a key applies in a run, as the reference shows it in its table."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bench_app.model.key_info import Change
from bench_app.model.keys import key_of

LIVE = "at once"
RECREATES = "at once, recreates the socket"
RESTARTS = "at once, restarts the handler"
JOINS_OR_LEAVES = "at once, joins or leaves"
NEXT_START = "at the next start"
NO_PART = "-"

EFFECT_OF: Mapping[Change, str] = {
    Change.LIVE: LIVE,
    Change.RECREATES_SOCKET: RECREATES,
    Change.RESTARTS_HANDLER: RESTARTS,
    Change.MEMBERSHIP: JOINS_OR_LEAVES,
    Change.NEXT_START: NEXT_START,
    Change.NONE: NO_PART,
    Change.PER_KEY: "",
}


def effect(struct: type[msgspec.Struct], key: str) -> str:
    """When a running session applies a change of this key of this spec."""
    return EFFECT_OF[key_of(struct, key).info.change]
