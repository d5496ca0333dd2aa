"""What makes SUB, PULL and REP listeners differ: socket ~~> **listener** -> ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import zmq

from bench_app.model import ListenerSpec


class Replier(Protocol):
    """Answers requests; the listener calls it after it has spent its time on the message."""

    spec: ListenerSpec

    def body_of(self, frames: list[bytes]) -> list[bytes]:
        """The message without its envelope."""
        ...

    def answer(self, socket: zmq.Socket[bytes], frames: list[bytes]) -> None:
        """Send, drop or falsify the reply, as the spec says."""
        ...


@dataclass(frozen=True)
class ListenerKind:
    """One consumer pattern.

    ``configure`` sets socket options; for SUB it also subscribes, the ``token`` of
    :func:`bench_app.transport.wire.join_token` last. ``make_replier`` is None for consumers that answer nothing.
    """

    listener_type: str
    zmq_type: int
    configure: Callable[[zmq.Socket[bytes], ListenerSpec, bytes], None]
    make_replier: Callable[[ListenerSpec, int], Replier] | None = None
