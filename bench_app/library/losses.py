"""Losses of a handler as they happen: counters -> **losses** -> the program's callback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from bench_app.library.handler_stats import HandlerStats

LossCause = Literal["queue_overflow", "send_timeout", "aborted", "request_timeout", "lost"]

_CAUSES: tuple[LossCause, ...] = ("queue_overflow", "send_timeout", "aborted", "request_timeout", "lost")


class Loss(msgspec.Struct, frozen=True):
    """Events that a handler lost since it last reported a loss of this cause."""

    cause: LossCause
    """The count of :class:`HandlerStats` that grew; its description says why events are lost."""
    events: int
    """How many events were lost."""


class LossMeter:
    """Compares the ledger of a handler with the one before."""

    def __init__(self) -> None:
        self._reported = dict.fromkeys(_CAUSES, 0)

    def update(self, stats: HandlerStats) -> Iterator[Loss]:
        """The losses since the last update."""
        for cause in _CAUSES:
            count: int = getattr(stats, cause)
            if count > self._reported[cause]:
                yield Loss(cause, count - self._reported[cause])
                self._reported[cause] = count
