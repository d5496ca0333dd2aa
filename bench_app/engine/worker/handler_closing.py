"""The end of a handler: an empty queue -> **wait for the listeners** -> closed socket, all within its linger.

While the linger has not passed, the socket stays open as long as one of these holds:

* The listeners have not received everything. When a peer closes while a listener has no room, libzmq drops what the
  listener has not read yet: over ipc always, over other transports where the connection ends with an error. The session
  releases the handler when the listeners have everything.
* The handler connects, messages are waiting in the socket, and no peer was ever there. With a closed socket the ledger
  would never learn whether a peer came after all.

Then the socket closes, and libzmq sends the unsent messages in the rest of the linger.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bench_app.engine.control.messages import Drained
from bench_app.engine.limits import LINGER_LIMIT_MS
from bench_app.engine.worker.contexts import HandlerContext
from bench_app.engine.worker.handler_parts import HandlerParts
from bench_app.engine.worker.handler_peers import HandlerPeers
from bench_app.engine.worker.handler_reports import HandlerReports
from bench_app.engine.worker.unit import UnitChannel
from bench_app.measure.clock import NS_PER_MS

LONG_CLOSE_NS = 200 * NS_PER_MS
"""A close that takes longer is worth a message."""

_clock = time.perf_counter_ns


class HandlerClosing:
    """Closes one handler.

    Attributes:
        is_released: True once the session has said that the listeners have everything, or that it does not matter.
    """

    def __init__(
        self,
        parts: HandlerParts,
        peers: HandlerPeers,
        reports: HandlerReports,
        context: HandlerContext,
        channel: UnitChannel,
    ) -> None:
        self.is_released = False
        self._parts = parts
        self._peers = peers
        self._reports = reports
        self._context = context
        self._channel = channel

    @property
    def linger_ms(self) -> int:
        """The linger of the current config. For an endless linger (-1), the limit of the bench."""
        linger_ms = self._parts.core.config.linger
        return linger_ms if linger_ms >= 0 else LINGER_LIMIT_MS

    def close(self, poll_control: Callable[[], None]) -> None:
        """Close the socket; returns when its messages are sent or its linger is over.

        ``poll_control`` waits a short time for control messages, handles them, and polls the socket's monitor.
        """
        linger_ms = self.linger_ms
        if self._parts.core.config.linger < 0:
            self._channel.emit(f"linger is -1: the bench waits {linger_ms} ms at most, production would wait for ever")
        began_ns = _clock()
        end_ns = began_ns + linger_ms * NS_PER_MS
        self._reports.send(began_ns)
        self._channel.send(Drained(unit=self._channel.unit))
        while self._waits_for_listeners and _clock() < end_ns:
            poll_control()
        if self._parts.socket.tracker.ever_connected:
            # The message about a long close must not count the time that the listeners took to read.
            began_ns = _clock()
        while self._waits_for_first_peer and _clock() < end_ns:
            poll_control()
        self._reports.send(_clock())
        self._parts.socket.close(max(0, (end_ns - _clock()) // NS_PER_MS))
        self._leave_context(began_ns)
        self._parts.counters.close()

    @property
    def _waits_for_listeners(self) -> bool:
        parts = self._parts
        has_listeners = bool(parts.order.join_tokens) and not parts.kind.pattern.gets_replies
        return bool(parts.accepted) and has_listeners and not self.is_released

    @property
    def _waits_for_first_peer(self) -> bool:
        parts = self._parts
        may_come = parts.socket.target.connects and not parts.kind.pattern.knows_subscribers
        return bool(parts.accepted) and may_come and not self._peers.is_first_peer_settled

    def _leave_context(self, began_ns: int) -> None:
        was_alone = self._context.leave()
        waited_ns = _clock() - began_ns
        if was_alone and waited_ns > LONG_CLOSE_NS:
            self._channel.emit(
                f"closing took {waited_ns / 1e9:.1f} s: the socket kept its unsent messages for the linger"
            )
