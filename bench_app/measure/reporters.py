"""The user's own consumers that report what they received: receipts -> listener -> **reporters** -> notes, findings."""

from __future__ import annotations

import msgspec


class Reporters(msgspec.Struct, frozen=True):
    """The consumers that sent receipts to one listener.

    Attributes:
        consumers: how many there were.
        other_clocks: how many of them read another clock than the bench, so that nothing of theirs is measured.
        dropped: how many receipts they could not keep. So many messages may be missing in the counts.
    """

    consumers: int = 0
    other_clocks: int = 0
    dropped: int = 0


NO_REPORTERS = Reporters()
