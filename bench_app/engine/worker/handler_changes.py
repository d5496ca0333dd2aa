"""Changes of a running handler: its config, its connection keys, its endpoint, and connecting again after giving up.

Some keys take effect at once. The others need a new socket. Opening a socket takes a while, and the pacer's thread must
not keep its other units waiting. So a change only notes that a new socket is needed, and the unit's own thread calls
:meth:`HandlerChanges.apply`.
"""

from __future__ import annotations

from bench_app.engine.control.messages import ChangeHandler
from bench_app.engine.worker.handler_parts import HandlerParts
from bench_app.engine.worker.handler_peers import HandlerPeers
from bench_app.engine.worker.reopening import move_socket, recreate_socket
from bench_app.engine.worker.unit import UnitChannel
from bench_app.measure.ledger import TopicSpan
from bench_app.model.keys import recreates_socket
from bench_app.transport.open_socket import Target


class HandlerChanges:
    """Changes one handler while it runs.

    Attributes:
        needs_new_socket: True while a change waits for :meth:`apply`.
    """

    def __init__(self, parts: HandlerParts, peers: HandlerPeers, channel: UnitChannel) -> None:
        self.needs_new_socket = False
        self._parts = parts
        self._peers = peers
        self._channel = channel
        self._moves_to: Target | None = None

    def change(self, change: ChangeHandler) -> None:
        """Use another config and other connection keys; the load is not changed here."""
        core, socket = self._parts.core, self._parts.socket
        old, core.config = core.config, change.spec.config
        old_bench, socket.bench = socket.bench, change.bench
        if core.config.topic != old.topic:
            self._change_topic(core.config.topic)
        if recreates_socket(old, core.config) or recreates_socket(old_bench, change.bench):
            self.needs_new_socket = True
        elif not self.needs_new_socket:
            socket.apply_live(core.config)

    def move(self, target: Target) -> None:
        """Go to another endpoint."""
        self._moves_to, self.needs_new_socket = target, True

    def reconnect(self) -> None:
        """Open a new socket if the handler gave up; otherwise do nothing."""
        self.needs_new_socket = self.needs_new_socket or self._peers.gave_up

    def apply(self) -> bool:
        """Open a new socket if one is needed. Returns False if that failed; then every event is aborted."""
        if not self.needs_new_socket:
            return True
        self.needs_new_socket = False
        target, self._moves_to = self._moves_to, None
        if not self._reopen_at(target):
            self._parts.core.abort()
            return False
        self._peers.begin_on_new_socket()
        return True

    @property
    def target(self) -> Target:
        """Where the socket is, or is to be opened; see :class:`~bench_app.engine.worker.reopening.Reopenable`."""
        return self._parts.socket.target

    @target.setter
    def target(self, target: Target) -> None:
        self._parts.socket.target = target

    def reopen(self) -> str:
        """See :class:`~bench_app.engine.worker.reopening.Reopenable`."""
        return self._parts.socket.recreate(self._parts.core.config)

    def _reopen_at(self, target: Target | None) -> bool:
        """Open the socket again at ``target``, or where it is (None)."""
        if target is None:
            return recreate_socket(self, self._channel)
        return move_socket(self, target, self._channel)

    def _change_topic(self, topic: str) -> None:
        if self._parts.kind.pattern.sends_topic:
            self._parts.port.topic = topic
            self._parts.spans.append(TopicSpan(topic=topic, first=self._parts.accepted + 1))
