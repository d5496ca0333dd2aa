"""The peers of a handler: monitor and subscriptions of its socket -> **peers** -> start gate, messages, giving up."""

from __future__ import annotations

from bench_app.engine.control.messages import Ready
from bench_app.engine.worker.handler_parts import HandlerParts
from bench_app.engine.worker.unit import UnitChannel


class HandlerPeers:
    """Follows which peers of a handler are connected, and sends Ready once all expected peers are.

    Attributes:
        joins: for each listener that has subscribed, by its index: how many events the socket had accepted before the
            handler read the subscription. The ledger counts them as ``before_join``.
        first_subscription: how many events the socket had accepted before the handler read that somebody had
            subscribed to its topic; None while nobody has. A PUB drops what nobody has subscribed to, and no listener
            of the bench would miss it. It is an upper bound: libzmq may use a subscription in the send before that.
        rejoins: the same for the newest subscription of each listener, which it sends again after a reconnect.
        gave_up: True while the handler has given up on every endpoint, so that each event is aborted.
    """

    def __init__(self, parts: HandlerParts, channel: UnitChannel) -> None:
        self.joins: dict[str, int] = {}
        self.first_subscription: int | None = None
        self.rejoins: dict[str, int] = {}
        self.gave_up = False
        self._parts = parts
        self._channel = channel
        self._names = {token: str(number) for number, token in enumerate(parts.order.join_tokens) if token}
        self._is_ready = False

    def poll(self) -> None:
        """Read what happened to the connections, and emit messages about it."""
        for message in self._parts.socket.poll_monitor():
            self._channel.emit(message, marker=True)
        self.read_subscriptions()
        if self._parts.socket.tracker.gave_up and not self.gave_up:
            self.gave_up = True
            aborted = self._parts.core.abort()
            self._channel.emit(f"{aborted} queued events were aborted; further events are aborted, too")
        if not self._is_ready and self._has_all_expected():
            self._is_ready = True
            self._channel.send(Ready(unit=self._channel.unit))

    def read_subscriptions(self) -> None:
        """Note which listeners have subscribed."""
        for message in self._parts.socket.subscriptions():
            if message[:1] != b"\x01":
                continue
            name = self._names.get(message[1:])
            if name is not None:
                self.rejoins[name] = self._parts.accepted
                self.joins.setdefault(name, self._parts.accepted)
            elif self.first_subscription is None and self._fits_topic(message[1:]):
                self.first_subscription = self._parts.accepted

    @property
    def waits_for_consumer(self) -> bool:
        """True while nobody has subscribed to a handler whose only consumers are a user's own.

        Then the subscriptions are read before each event, or each millisecond, so that ``first_subscription`` is close.
        """
        knows_subscribers = self._parts.kind.pattern.knows_subscribers
        return knows_subscribers and not self._names and self.first_subscription is None

    def begin_on_new_socket(self) -> None:
        """The socket was opened again: accept events again, and try the event that the old socket refused."""
        self._parts.core.reset_socket()
        if self.gave_up:
            self.gave_up = False
            self._parts.core.reopen()

    @property
    def is_first_peer_settled(self) -> bool:
        """True if a peer was connected at any time, or if no peer will connect because the handler gave up."""
        tracker = self._parts.socket.tracker
        return tracker.ever_connected or tracker.gave_up

    def _fits_topic(self, prefix: bytes) -> bool:
        topic = self._parts.port.topic or ""
        if self._parts.order.bench.framing == "joined":
            # The body follows the topic in the same frame, so a subscription may ask for the beginning of the body.
            return topic.encode().startswith(prefix) or prefix.startswith(topic.encode() + b" ")
        return topic.encode().startswith(prefix)

    def _has_all_expected(self) -> bool:
        parts = self._parts
        if parts.kind.pattern.knows_subscribers:
            return len(self.joins) >= len(self._names)
        if parts.socket.target.is_inproc:
            return True
        return parts.socket.tracker.peers >= parts.order.peers_expected
