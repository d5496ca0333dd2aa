"""What a client has read and written: reader and handler -> **stats** -> program."""

from __future__ import annotations

from typing import Any

import msgspec

from bench_app.library.handler_stats import HandlerStats


class ClientStats(msgspec.Struct, frozen=True):
    """The counts of a client since its last ``connect``; after a disconnect, those of the last connection."""

    read: int = 0
    """Messages taken from the socket (SUB, PULL, REP). Replies to a REQ are ``written.replied``."""
    read_bytes: int = 0
    """Bytes of these messages, all frames."""
    answered: int = 0
    """Requests answered (REP)."""
    written: HandlerStats | None = None
    """The ledger of the handler (PUB, PUSH, REQ)."""

    def as_dict(self) -> dict[str, Any]:
        """The counts as plain data, for JSON or a monitoring system."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain
