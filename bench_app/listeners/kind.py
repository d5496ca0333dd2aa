"""The differences between SUB, PULL and REP listeners: socket ~~> **listener** -> ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec
import zmq

from bench_app.model import ListenerSpec


class Replier(Protocol):
    """Answers requests. The listener core calls it at the end of a message's hold.

    Attributes:
        spec: the listener's spec, which may be replaced between two requests.
    """

    spec: ListenerSpec

    @property
    def depends_on_body_alone(self) -> bool:
        """Whether equal bodies get equal replies, also if only the times in their stamps differ."""
        ...

    def body_of(self, frames: list[bytes]) -> list[bytes]:
        """The message without its envelope."""
        ...

    def reply_to(self, body: bytes | None) -> bytes | None:
        """The reply to a request with this body, or without one; None if the spec drops the reply."""
        ...

    def answer(self, socket: zmq.Socket[bytes], frames: list[bytes]) -> None:
        """Send a reply, an error reply or no reply, according to the spec."""
        ...


class ListenerKind(msgspec.Struct, frozen=True):
    """The listener's end of one pattern.

    Attributes:
        zmq_type: the type of the socket.
        configure: sets the socket options that this pattern needs. A SUB also subscribes to its topics and to the token
            of :func:`bench_app.transport.wire.join_token`.
        make_replier: makes a replier from the spec and a seed; None for a pattern without replies.
    """

    zmq_type: int
    configure: Callable[[zmq.Socket[bytes], ListenerSpec, bytes], None]
    make_replier: Callable[[ListenerSpec, int], Replier] | None = None
