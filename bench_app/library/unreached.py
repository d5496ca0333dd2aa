"""What a socket took while it had no connection, and what becomes of it when the handler gives up.

Giving up on an endpoint lets libzmq try for it up to ``linger`` more; a peer that comes in that time still gets all.
What nobody came for is then lost. libzmq tells no numbers, so these are of the handler's own book: what it had accepted
when the connection was last seen, and when it gave up.
"""

from __future__ import annotations

from bench_app.measure.clock import NS_PER_MS

MARGIN_NS = 100 * NS_PER_MS
"""libzmq's clock of the linger starts a little after ours, and its news take a moment."""


class UnreachedCounter:
    """Counts what was accepted without a connection and given up; fed with each look at the socket."""

    def __init__(self, linger_ms: int) -> None:
        self._linger_ns = linger_ms * NS_PER_MS if linger_ms >= 0 else None
        self._reached = 0
        """Accepted when a connection was last seen: up to there it may have gone out."""
        self._connections = 0
        self._waits: int | None = None
        """Accepted since then and given up; None where nothing was, or it is decided."""
        self._decided_ns = 0
        self.lost = 0

    def look(self, accepted: int, connections: int, connected: bool, gave_up: bool, now_ns: int) -> int:
        """Take in how it stands; returns how many events are lost for certain since the last look."""
        if connections > self._connections or connected:
            self._connections, self._reached, self._waits = connections, accepted, None
            return 0
        if gave_up and accepted > self._reached and self._waits is None:
            self._waits, self._reached = accepted - self._reached, accepted
            self._decided_ns = now_ns + (self._linger_ns or 0) + MARGIN_NS
        if self._waits is None or self._linger_ns is None or now_ns < self._decided_ns:
            return 0
        lost, self._waits = self._waits, None
        self.lost += lost
        return lost

    def reconnected(self) -> None:
        """A new socket takes the place of the one that gave up; of what waits in the old one nothing is known now."""
        self._waits, self._connections = None, 0
