"""PUB: sends topic and body to every subscriber; libzmq drops messages for a subscriber that is at its HWM.

The socket is an XPUB, which is the same on the wire and also receives the subscriptions. The start gate waits for them,
and the ledger needs them to count the messages that were sent before a listener subscribed (``before_join``).
"""

from __future__ import annotations

import zmq

from bench_app.handlers.core import HandlerCore, PollFor
from bench_app.handlers.socket import CoreParts, HandlerKind
from bench_app.listeners.sub import SUB
from bench_app.measure.clock import NS_PER_MS
from bench_app.model import patterns

ROOM_POLL_NS = NS_PER_MS
"""The time between two tries of a full XPUB that does not drop (``XPUB_NODROP``)."""


class PublisherCore(HandlerCore):
    """A core that tries a full socket again every ROOM_POLL_NS.

    A full XPUB still reports that it is writable. A poll for WRITABLE would return at once and burn processor time, so
    the core polls for READABLE (subscriptions) and sets a deadline.
    """

    _tried_ns = 0

    @property
    def deadline_ns(self) -> int | None:
        """The time of the next try, or of the head's own deadline if that is earlier."""
        if not self.is_blocked:
            return None
        try_ns = self._tried_ns + ROOM_POLL_NS
        head_ns = self._head_deadline_ns
        return try_ns if head_ns is None else min(try_ns, head_ns)

    def _wait_for_room(self, now_ns: int) -> bool:
        waits = super()._wait_for_room(now_ns)
        self._tried_ns, self.poll_for = now_ns, PollFor.READABLE
        return waits


def _configure(socket: zmq.Socket[bytes]) -> None:
    # Receive every subscription, even to a topic to which another subscriber is already subscribed.
    socket.xpub_verbose = 1


def _make_core(parts: CoreParts) -> HandlerCore:
    return PublisherCore(parts.config, parts.port, parts.slots, parts.lateness)


PUB = HandlerKind(
    pattern=patterns.PUB,
    zmq_type=zmq.XPUB,
    make_core=_make_core,
    configure=_configure,
    listener=SUB,
)
