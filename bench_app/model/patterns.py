"""The socket patterns and how each one delivers messages: the one place where a pattern's name decides anything.

A pattern is a pair of socket types: the type of the handler and the type of its listeners. Every difference between
patterns that needs no socket is a field of :class:`Pattern`. Presets, ledger, checks, tables and forms read the field
and never compare a name. The differences that need a socket are in :data:`bench_app.handlers.HANDLER_KINDS`, which has
one kind for each pattern.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Literal

import msgspec

SocketType = Literal["PUB", "PUSH", "REQ"]
ListenerType = Literal["SUB", "PULL", "REP"]


class Delivery(Enum):
    """Which listener gets a message. The sums of the ledger depend on this alone."""

    EACH = "each"
    """Every listener gets every message whose topic it subscribed to."""
    SHARED = "shared"
    """The listeners share the messages: one listener gets each message."""
    REQUEST = "request"
    """Every message is a request; the handler waits for one reply to it."""


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """The facts about one pattern that need no socket.

    Attributes:
        socket_type: the handler's socket type, as presets and results name it.
        listener_type: the socket type of the handler's listeners.
        delivery: which listener gets a message.
        sends_topic: whether every message has a topic, so that a listener gets only the topics it subscribed to.
        knows_subscribers: whether the handler sees each subscription, so that it knows the first message that a
            listener should get.
        drops_when_full: whether the socket drops a message for a listener at its high-water mark; other sockets refuse
            the message instead.
        handler_binds: whether, in the mode *auto*, the handler binds at an address that either side could bind
            (``ipc``, ``inproc``).
    """

    socket_type: SocketType
    listener_type: ListenerType
    delivery: Delivery
    sends_topic: bool = False
    knows_subscribers: bool = False
    drops_when_full: bool = False
    handler_binds: bool = False

    @property
    def each_gets_all(self) -> bool:
        """Whether every listener should get every message, so that each listener has losses of its own."""
        return self.delivery is Delivery.EACH

    @property
    def gets_replies(self) -> bool:
        """Whether the handler waits for a reply to each message, so that the reply proves the arrival."""
        return self.delivery is Delivery.REQUEST


PUB = Pattern(
    socket_type="PUB",
    listener_type="SUB",
    delivery=Delivery.EACH,
    sends_topic=True,
    knows_subscribers=True,
    drops_when_full=True,
    handler_binds=True,
)
PUSH = Pattern(socket_type="PUSH", listener_type="PULL", delivery=Delivery.SHARED)
REQ = Pattern(socket_type="REQ", listener_type="REP", delivery=Delivery.REQUEST)

_ALL = (PUB, PUSH, REQ)

PATTERNS: Mapping[SocketType, Pattern] = MappingProxyType({pattern.socket_type: pattern for pattern in _ALL})
"""Every pattern by the handler's socket type, in the order in which tables and forms show them."""

_BY_EITHER_END: Mapping[str, Pattern] = {name: one for one in _ALL for name in (one.socket_type, one.listener_type)}


def pattern_of(socket_type: str) -> Pattern:
    """The pattern of a socket type, a handler's or a listener's. Raises KeyError for any other text."""
    return _BY_EITHER_END[socket_type]
