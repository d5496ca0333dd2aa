"""Events that a socket accepted without a connection, and that are lost when its handler gives up.

handler -> **unreached** -> ``HandlerStats.lost``. When the handler gives up, libzmq keeps trying the endpoint for up to
``linger``. A peer that connects in that time gets all waiting events; without such a peer they are lost. libzmq does
not count them, so the number is computed: events accepted when the handler gave up, minus events accepted when a
connection was last seen.
"""

from __future__ import annotations

from bench_app.measure.clock import NS_PER_MS

MARGIN_NS = 100 * NS_PER_MS
"""libzmq starts its linger a little later than this counter, and the monitor reports a connection after a moment."""


class UnreachedCounter:
    """Counts events accepted without a connection and then given up; updated with every poll of the socket.

    Attributes:
        lost: events known to be lost, so far.
    """

    def __init__(self, linger_ms: int) -> None:
        self._linger_ns = linger_ms * NS_PER_MS if linger_ms >= 0 else None
        self._may_have_arrived = 0
        """Events accepted when a connection was last seen: they may have been sent."""
        self._connections = 0
        self._undecided: int | None = None
        """Events that were accepted since then and are lost unless a peer comes in time; None if there are none."""
        self._decided_ns = 0
        """The time at which the undecided events are lost: linger and margin after giving up."""
        self.lost = 0

    def update(self, accepted: int, connections: int, connected: bool, gave_up: bool, now_ns: int) -> int:
        """Update with the state of the socket; returns how many events became lost since the last update."""
        if connections > self._connections or connected:
            self._connections, self._may_have_arrived, self._undecided = connections, accepted, None
            return 0
        if gave_up and accepted > self._may_have_arrived and self._undecided is None:
            self._undecided, self._may_have_arrived = accepted - self._may_have_arrived, accepted
            self._decided_ns = now_ns + (self._linger_ns or 0) + MARGIN_NS
        if self._undecided is None or self._linger_ns is None or now_ns < self._decided_ns:
            return 0
        newly_lost, self._undecided = self._undecided, None
        self.lost += newly_lost
        return newly_lost

    def reconnected(self) -> None:
        """Continue with a new socket. Whether the events of the old socket arrive stays unknown."""
        self._undecided, self._connections = None, 0
