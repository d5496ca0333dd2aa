"""PUB: publishes topic and body to every subscriber; libzmq drops for a subscriber that is at its HWM.

An XPUB inside, the same on the wire, because it is told who subscribes: that is the start gate, and the only way to
know which messages went out before a subscriber was there.
"""

from __future__ import annotations

import zmq

from bench_app.handlers.core import HandlerCore, PollFor
from bench_app.handlers.socket import CoreParts, HandlerKind
from bench_app.measure.clock import NS_PER_MS

ROOM_LOOK_NS = NS_PER_MS


class PublisherCore(HandlerCore):
    """Looks for room by the clock where the socket does not drop: an XPUB claims to be writable also while it is full,
    so waiting for that would be no waiting."""

    _tried_ns = 0

    @property
    def deadline_ns(self) -> int | None:
        """When to try again, or to give the head up."""
        if not self.blocked:
            return None
        try_ns = self._tried_ns + ROOM_LOOK_NS
        head_ns = self._head_deadline_ns
        return try_ns if head_ns is None else min(try_ns, head_ns)

    def _wait_for_room(self, now_ns: int) -> bool:
        waits = super()._wait_for_room(now_ns)
        self._tried_ns, self.wants = now_ns, PollFor.READABLE
        return waits


def _configure(socket: zmq.Socket[bytes]) -> None:
    # Also tell of a subscription some other subscriber already has.
    socket.xpub_verbose = 1


def _make_core(parts: CoreParts) -> HandlerCore:
    return PublisherCore(parts.config, parts.port, parts.slots, parts.lateness)


PUB = HandlerKind(
    socket_type="PUB",
    listener_type="SUB",
    zmq_type=zmq.XPUB,
    sends_topic=True,
    knows_subscribers=True,
    gets_replies=False,
    make_core=_make_core,
    configure=_configure,
)
