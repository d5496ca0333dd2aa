"""What makes SUB, PULL and REP listeners differ: socket ~~> **listener** -> ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import zmq

from bench_app.model import ListenerSpec


class Replier(Protocol):
    """Answers requests. The listener core calls it when the time that a message takes is spent.

    Attributes:
        spec: the listener's spec, which may be replaced between two requests.
    """

    spec: ListenerSpec

    def body_of(self, frames: list[bytes]) -> list[bytes]:
        """The message without its envelope."""
        ...

    def answer(self, socket: zmq.Socket[bytes], frames: list[bytes]) -> None:
        """Send a reply, an error reply, or none, as the spec says."""
        ...


@dataclass(frozen=True)
class ListenerKind:
    """What the listener's end of one pattern does with its socket.

    Attributes:
        zmq_type: the type of its socket.
        configure: sets the socket options that this pattern needs. A SUB also subscribes to its topics and to the token
            of :func:`bench_app.transport.wire.join_token`.
        make_replier: makes what answers requests, from the spec and a seed; None for a pattern that answers nothing.
    """

    zmq_type: int
    configure: Callable[[zmq.Socket[bytes], ListenerSpec, bytes], None]
    make_replier: Callable[[ListenerSpec, int], Replier] | None = None
