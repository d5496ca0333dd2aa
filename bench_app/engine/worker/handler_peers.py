"""A handler's peers: its socket's monitor and subscriptions -> **who is there** -> start gate, messages, giving up."""

from __future__ import annotations

from bench_app.engine.control.messages import Ready
from bench_app.engine.worker.handler_parts import HandlerParts
from bench_app.engine.worker.unit import UnitChannel


class HandlerPeers:
    """Knows which peers of a handler are there, and says so once all expected ones are (Ready).

    Attributes:
        joins: for each listener that has subscribed, by its number in the order: how many events had been accepted
            before the handler saw the subscription. Those went out before the listener was known to be there.
        gave_up: True while the handler has given up on every endpoint, so that each event is aborted.
    """

    def __init__(self, parts: HandlerParts, channel: UnitChannel) -> None:
        self.joins: dict[str, int] = {}
        self.gave_up = False
        self._parts = parts
        self._channel = channel
        self._names = {token: str(number) for number, token in enumerate(parts.order.join_tokens)}
        self._is_ready = False

    def poll(self) -> None:
        """Take in what happened to the connections, and say what is worth saying."""
        for message in self._parts.socket.poll_monitor():
            self._channel.emit(message, marker=True)
        self.read_subscriptions()
        if self._parts.socket.tracker.gave_up and not self.gave_up:
            self.gave_up = True
            aborted = self._parts.core.abort()
            self._channel.emit(f"{aborted} queued events aborted; every further one is, too")
        if not self._is_ready and self._are_all_in():
            self._is_ready = True
            self._channel.send(Ready(unit=self._channel.unit))

    def read_subscriptions(self) -> None:
        """Note which listeners have subscribed."""
        for message in self._parts.socket.subscriptions():
            name = self._names.get(message[1:])
            if name is not None and message[:1] == b"\x01":
                self.joins.setdefault(name, self._parts.accepted)

    def begin_on_new_socket(self) -> None:
        """The socket was opened again: take events again, and try again what the old socket refused."""
        self._parts.core.reset_socket()
        if self.gave_up:
            self.gave_up = False
            self._parts.core.reopen()

    @property
    def has_had_any(self) -> bool:
        """True when a peer was ever connected, or none can come any more."""
        tracker = self._parts.socket.tracker
        return tracker.ever_connected or tracker.gave_up

    def _are_all_in(self) -> bool:
        parts = self._parts
        if parts.kind.pattern.knows_subscribers:
            return len(self.joins) >= len(self._names)
        if parts.socket.target.is_inproc:
            return True
        return parts.socket.tracker.peers >= parts.order.peers_expected
